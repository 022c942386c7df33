"""Noise, then transform, the view of one coordinate: the same dots slide along the curve g as theta moves."""

import streamlit as st
import torch

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.experiments.noise_transform import transform_films
from explorer.core.families import SCALAR
from explorer.core.families.family import draw_noise
from explorer.figures.noise_transform import noise_transform, updates
from explorer.text import word
from explorer.verdicts.noise_transform import captions, described, route
from explorer.visit.controls import menu, seed_input
from explorer.visit.links import film_theta
from explorer.visit.page import Frame, definitions
from explorer.visit.pull import awaited

KEY = "noise_transform"
DOTS = 60
SNIPPET = """import explorer
import torch

family, theta = explorer.FAMILIES[{family!r}], {theta!r}
eps = family.noise.sample({dots}, torch.Generator().manual_seed({seed}))  # step one: never sees theta
x = family.transform(eps, {{name: torch.tensor(value) for name, value in theta.items()}})  # step two
print("eps =", float(eps[{marked}]), " x =", float(x[{marked}]))  # the star
"""


def show(page: Frame) -> None:
    """The controls, the picture and the code of this view."""
    with page.controls:
        family = SCALAR[menu("family")]
        seed = seed_input()
        definitions(family, None, ())
        st.markdown(route(family))
    with page.picture:
        theta = film_theta(family, reported(KEY).film)
        eps = draw_noise(family, DOTS, generator_for(seed, torch.device("cpu")))
        # The star: a noise well off the centre, so that it can be followed by eye.
        marked = int(eps.argsort()[DOTS * 4 // 5])
        settings = KEY, family.name, tuple(theta.items()), seed
        axis, films = awaited(settings, lambda: transform_films(family, theta, eps), word("noise_transform.meanwhile"))
        said = [captions(film, axis, float(eps[marked]), marked) for film in films]
        chart(
            noise_transform(family, films[0], axis, eps, marked),
            key=KEY,
            alt=described(family, DOTS, said[0][films[0].start]),
            films=[
                Film(
                    f"{family.name}.{film.parameter.name}",
                    film.parameter.label,
                    film.values.tolist(),
                    film.start,
                    updates(film, axis, eps, marked),
                    sentences,
                )
                for film, sentences in zip(films, said, strict=True)
            ],
            table={"eps": eps.tolist(), "x": films[0].samples[films[0].start].tolist()},
            height=430,
            file_name=KEY,
            clicks=False,
        )
    page.code(SNIPPET.format(family=family.name, theta=theta, seed=seed, dots=DOTS, marked=marked), [transform_films])
