"""A normalizing flow: noise through a few layers, with a film along the layers and one along their strength."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.experiments.normalizing_flow import PARAMETERS, FlowFilm, Planar, flow_films, log_density
from explorer.core.families.noises import NORMAL_PAIR
from explorer.figures.normalizing_flow import normalizing_flow, updates
from explorer.text import word
from explorer.verdicts import normalizing_flow as verdicts
from explorer.visit.controls import seed_input
from explorer.visit.links import film_value
from explorer.visit.page import Frame
from explorer.visit.pull import awaited

STEM = "normalizing_flow"
DOTS = 60
HEIGHT = 370

SNIPPET = """import torch
from explorer.core.experiments.normalizing_flow import forward, log_density, log_noise

theta = {{name: torch.tensor(value, dtype=torch.float64) for name, value in {theta!r}.items()}}
eps = torch.randn({dots}, 2, generator=torch.Generator().manual_seed({seed}))[{marked}].double()  # the star's
x, log_dets = forward(eps, theta)
print("eps =", eps.tolist(), " x =", x.tolist())
print("log p =", float(log_noise(eps)), " log|det| =", log_dets.tolist())
print("log q =", float(log_noise(eps) - log_dets.sum()), " undone from x:", float(log_density(x, theta)))
"""
RAN = (flow_films, Planar, log_density)


def show(page: Frame) -> None:
    """The controls, the picture with its films, what it amounts to, and the code."""
    with page.controls:
        seed = seed_input()
        st.markdown(word("normalizing_flow.formula"))
    with page.picture:
        released = reported(STEM).film
        theta = {each.name: film_value(f"{STEM}.{each.name}", released) for each in PARAMETERS}
        eps = NORMAL_PAIR.sample(DOTS, generator_for(seed, torch.device("cpu")))
        # The star: a noise off both axes, so that it can be followed by eye.
        marked = int(eps.abs().amin(-1).argsort()[DOTS * 4 // 5])
        settings = STEM, tuple(theta.items()), seed
        films = awaited(settings, lambda: flow_films(theta, eps), word("noise_transform.meanwhile"))
        _picture(films, eps, marked)
        st.markdown(verdicts.verdict(films[0], eps, marked, theta["strength"]))
    page.code(SNIPPET.format(theta=theta, dots=DOTS, seed=seed, marked=marked), RAN)


def _picture(films: list[FlowFilm], eps: Tensor, marked: int) -> None:
    said = [verdicts.captions(film, eps, marked) for film in films]
    columns: Mapping[str, Tensor] = {"eps": eps, "x": films[0].samples[films[0].start]}
    chart(
        normalizing_flow(films[0], eps, marked),
        key=STEM,
        alt=verdicts.described(DOTS, said[0][films[0].start]),
        films=[
            Film(
                f"{STEM}.{film.parameter.name}",
                film.parameter.label,
                film.values.tolist(),
                film.start,
                updates(film, marked),
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
