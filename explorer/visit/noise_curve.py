"""Noise, then transform, the view of one number: the same dots slide along the curve g as theta moves.

One dot, the star, is moved along the noise by hand; the slope of its path is found in two ways.
"""

from collections.abc import Sequence

import streamlit as st
import torch

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.experiments.noise_transform import Scene, transform_films
from explorer.core.experiments.star_path import star_paths, star_sweep
from explorer.core.families import SCALAR
from explorer.core.families.family import Family, draw_noise
from explorer.figures.noise_transform import HAND, noise_transform, sweep, updates
from explorer.text import word
from explorer.verdicts.noise_transform import captions, described, route, route_title, sweep_captions, verdict
from explorer.visit.controls import menu, seed_input, segments
from explorer.visit.links import film_theta, film_value, now, put
from explorer.visit.page import Frame, definitions
from explorer.visit.pull import awaited
from explorer.visit.state import star_key

KEY = "noise_transform"
ROUTE = f"{KEY}/route"
DOTS = 60
HEIGHT, ROW = 375, 30
"""Of the picture with three sliders under it, and what each more takes of it, in pixels: the verdict stays in sight."""
SNIPPET = """import explorer
import torch

family, theta = explorer.FAMILIES[{family!r}], {theta!r}
start = {{name: torch.tensor([value], dtype=torch.float64) for name, value in theta.items()}}
dots = family.noise.sample({dots}, torch.Generator().manual_seed({seed})).double()  # step one: never sees theta
x = family.transform(dots, start)  # step two
print("mean of the dots", float(dots.mean()), "-> of their samples", float(x.mean()))

eps = torch.tensor([{star!r}], dtype=torch.float64)  # the star
x = family.transform(eps, start)
print("star: x =", float(x), " q =", float(family.log_prob(x, start).exp()))
print("dx/d{along}, along g:", float(family.paths(eps, start, {along!r})))
"""
LAW_SNIPPET = """print("dx/d{along} = -(dF/d{along}) / q:", float(family.implicit_paths(x, start, {along!r})))
"""


def routes() -> dict[str, list[str]]:
    """The families of each route, in the registry's order."""
    found: dict[str, list[str]] = {}
    for family in SCALAR.values():
        found.setdefault(family.route, []).append(family.name)
    return found


def show(page: Frame) -> None:
    """The controls, the picture and the code of this view."""
    with page.controls:
        family = SCALAR[menu("family", routes()[_route()])]
        released = reported(KEY).film
        along = _along(family, released)
        seed = seed_input()
        definitions(family, None, ())
        st.markdown(route(family))
    with page.picture:
        scene = _scene(family, released, seed, along)
        theta = {path.parameter.name: float(path.values[path.start]) for path in scene.paths}
        said = [captions(scene, i) for i in range(len(scene.films))]
        films = _films(scene, said)
        chart(
            noise_transform(scene),
            key=KEY,
            alt=described(family, DOTS, said[scene.place][scene.films[scene.place].start]),
            films=films,
            table={"eps": scene.eps.tolist(), "x": scene.films[0].samples[scene.films[0].start].tolist()},
            height=HEIGHT - ROW * max(0, len(films) - 3),
            file_name=KEY,
            clicks=False,
        )
        st.markdown(verdict(scene))
    snippet = SNIPPET + (LAW_SNIPPET if family.cdf else "")
    parts = {"family": family.name, "theta": theta, "seed": seed, "dots": DOTS, "star": scene.star, "along": along}
    page.code(snippet.format(**parts), [transform_films, star_paths, star_sweep])


def _route() -> str:
    """The row of routes. The family says which is on: to choose another is to choose its first family."""
    of_route = routes()
    st.session_state[ROUTE] = SCALAR[now("family")].route

    def choose() -> None:
        chosen = st.session_state[ROUTE]
        if chosen in of_route and chosen != SCALAR[now("family")].route:
            put("family", of_route[chosen][0])

    st.segmented_control(
        word("noise_transform.route_menu"),
        list(of_route),
        format_func=route_title,
        key=ROUTE,
        on_change=choose,
    )
    return SCALAR[now("family")].route


def _along(family: Family, released: dict[str, float]) -> str:
    """The parameter that the arrow and the path belong to: the one whose slider was released last, or chosen."""
    key = f"{family.name}.along"
    names = [each.name for each in family.parameters]
    for name in names:
        if f"{family.name}.{name}" in released:
            put(key, name)
    return segments(key) if len(names) > 1 else names[0]


def _scene(family: Family, released: dict[str, float], seed: int, along: str) -> Scene:
    theta = film_theta(family, released)
    star = film_value(star_key(family.noise), released)
    eps = draw_noise(family, DOTS, generator_for(seed, torch.device("cpu")))
    at, meanwhile = tuple(theta.items()), word("noise_transform.meanwhile")
    axis, films = awaited((KEY, "dots", family.name, at, seed), lambda: transform_films(family, theta, eps), meanwhile)
    paths = awaited((KEY, "path", family.name, at, star), lambda: star_paths(family, theta, star), meanwhile)
    swept = awaited(
        (KEY, "sweep", family.name, at, star, along), lambda: star_sweep(family, theta, star, along), meanwhile
    )
    return Scene(family, eps, axis, films, paths, swept)


def _films(scene: Scene, said: Sequence[Sequence[str]]) -> list[Film]:
    """One for each parameter, and the star's own."""
    family = scene.family
    films = [
        Film(
            f"{family.name}.{film.parameter.name}",
            film.parameter.label,
            film.values.tolist(),
            film.start,
            updates(scene, i),
            said[i],
            leads=i == scene.place,
        )
        for i, film in enumerate(scene.films)
    ]
    star = Film(
        star_key(family.noise),
        word("noise_transform.star"),
        scene.sweep.eps.tolist(),
        scene.sweep.start,
        sweep(scene),
        sweep_captions(scene),
        hand=HAND,
    )
    return [*films, star]
