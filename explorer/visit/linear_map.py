"""The plane of two noises and the vector they become, with a film for each entry of theta."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.experiments.linear_map import covariance, entry_paths, map_films
from explorer.core.families import VECTORS
from explorer.core.families.family import Family, draw_noise
from explorer.figures.linear_map import linear_map, updates
from explorer.text import word
from explorer.verdicts import linear_map as verdicts
from explorer.verdicts.noise_transform import route
from explorer.visit.controls import menu, seed_input
from explorer.visit.links import film_theta
from explorer.visit.page import Frame, definitions
from explorer.visit.pull import awaited

STEM = "linear_map"
DOTS = 60
HEIGHT = 340

SNIPPET = """import explorer
import torch

family, theta = explorer.FAMILIES[{family!r}], {theta!r}
at = {{name: torch.tensor(value, dtype=torch.float64) for name, value in theta.items()}}
eps = family.noise.sample({dots}, torch.Generator().manual_seed({seed})).double()[{marked}]  # the star's
x = family.transform(eps[None], at)[0]
print("eps =", eps.tolist(), " x =", x.tolist())
for name in theta:
    print(f"dx / d {{name}} =", family.paths(eps[None], at, name)[0].tolist())
"""
RAN = (map_films, covariance, entry_paths)


def show(page: Frame) -> None:
    """The controls, the picture with its films, what it amounts to, every derivative at the star, and the code."""
    with page.controls:
        family = VECTORS[menu("vector")]
        seed = seed_input()
        definitions(family, None, ())
        st.markdown(route(family))
    with page.picture:
        theta = film_theta(family, reported(STEM).film)
        eps = draw_noise(family, DOTS, generator_for(seed, torch.device("cpu")))
        # The star: a noise off both axes, so that it can be followed by eye and no derivative of it is small.
        marked = int(eps.abs().amin(-1).argsort()[DOTS * 9 // 10])
        _picture(family, theta, eps, marked, seed)
        st.markdown(verdicts.verdict(family, theta, eps, marked))
        st.markdown(verdicts.derivatives(family, theta, eps[marked]))
    page.code(SNIPPET.format(family=family.name, theta=theta, dots=DOTS, seed=seed, marked=marked), RAN)


def _picture(family: Family, theta: Mapping[str, float], eps: Tensor, marked: int, seed: int) -> None:
    settings = STEM, family.name, tuple(theta.items()), seed
    films = awaited(settings, lambda: map_films(family, theta, eps), word("noise_transform.meanwhile"))
    said = [verdicts.captions(film, eps, marked) for film in films]
    now = films[0].samples[films[0].start]
    columns = {"eps": eps, "x": now}
    chart(
        linear_map(films[0], eps, marked),
        key=STEM,
        alt=verdicts.described(family, DOTS, said[0][films[0].start]),
        films=[
            Film(
                f"{family.name}.{film.parameter.name}",
                film.parameter.label,
                film.values.tolist(),
                film.start,
                updates(film, eps, marked),
                sentences,
            )
            for film, sentences in zip(films, said, strict=True)
        ],
        table={
            f"{name}_{i + 1}": column.tolist()
            for name, values in columns.items()
            for i, column in enumerate(values.unbind(-1))
        },
        height=HEIGHT,
        file_name=STEM,
        clicks=False,
    )
