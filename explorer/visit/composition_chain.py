"""The composition route: a sample put together step by step, with a film for each parameter."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.experiments.chain_catalogue import CHAINS
from explorer.core.experiments.composition_chain import Chain, chain_films, links, stages
from explorer.figures.composition_chain import composition_chain, updates
from explorer.text import word
from explorer.verdicts import composition_chain as verdicts
from explorer.visit.controls import menu, seed_input
from explorer.visit.links import film_value
from explorer.visit.page import Frame
from explorer.visit.pull import awaited

STEM = "composition_chain"
DOTS = 40
HEIGHT = 400

SNIPPET = """import torch
from explorer.core.experiments.chain_catalogue import CHAINS
from explorer.core.experiments.composition_chain import links, stages

chain, theta = CHAINS[{chain!r}], {theta!r}
generator = torch.Generator().manual_seed({seed})
eps = torch.stack([chain.noise.sample({dots}, generator) for _ in range(chain.n_noises)], dim=-1)[{marked}].double()
at = {{name: torch.tensor(value, dtype=torch.float64) for name, value in theta.items()}}
for stage in stages(chain, eps[None], at):
    print(stage[0].tolist())
for parameter in chain.parameters:
    if parameter is not chain.count:
        print("dx / d", parameter.name, "=", links(chain, theta, eps, parameter.name)[-1].speed.tolist())
"""
RAN = (stages, chain_films, links)


def show(page: Frame) -> None:
    """The controls, the picture with its films, what it amounts to, the chain rule step by step, and the code."""
    with page.controls:
        chain = CHAINS[menu("chain")]
        seed = seed_input()
        st.markdown(word("noise_transform.route", route=word("route.composition")))
    with page.picture:
        released = reported(STEM).film
        theta = {each.name: film_value(f"{STEM}.{chain.name}.{each.name}", released) for each in chain.parameters}
        generator = generator_for(seed, torch.device("cpu"))
        eps = torch.stack([chain.noise.sample(DOTS, generator) for _ in range(chain.n_noises)], dim=-1)
        # The star: a dot whose first noise is well off the centre, so that it can be followed by eye.
        marked = int(eps[:, 0].argsort()[DOTS * 3 // 4])
        _picture(chain, theta, eps, marked, seed)
        st.markdown(verdicts.verdict(chain, theta, eps[marked]))
        st.markdown(verdicts.table(chain, theta, eps[marked]))
    page.code(SNIPPET.format(chain=chain.name, theta=theta, dots=DOTS, seed=seed, marked=marked), RAN)


def _picture(chain: Chain, theta: Mapping[str, float], eps: Tensor, marked: int, seed: int) -> None:
    settings = STEM, chain.name, tuple(theta.items()), seed
    films = awaited(settings, lambda: chain_films(chain, theta, eps), word("noise_transform.meanwhile"))
    said = [verdicts.captions(chain, film, marked) for film in films]
    start = films[0].stages
    chart(
        composition_chain(chain, films[0], verdicts.labels(chain), marked),
        key=STEM,
        alt=verdicts.described(chain, DOTS, said[0][films[0].start]),
        films=[
            Film(
                f"{STEM}.{chain.name}.{film.parameter.name}",
                film.parameter.label,
                film.values.tolist(),
                film.start,
                updates(chain, film, marked),
                sentences,
            )
            for film, sentences in zip(films, said, strict=True)
        ],
        table={
            f"stage_{i}_{j + 1}": column.tolist()
            for i, stage in enumerate(start)
            for j, column in enumerate(stage[films[0].start].unbind(-1))
        },
        height=HEIGHT,
        file_name=STEM,
        clicks=False,
    )
