"""A fast f: the picture of its slopes and of both variances against k, and what is set on it."""

from __future__ import annotations

import streamlit as st
import torch

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.exact.moments import moments
from explorer.core.experiments import fast_objective as engine
from explorer.core.experiments.curve_winners import turns
from explorer.core.families.family import draw_noise
from explorer.figures import fast_objective as figures
from explorer.text import word
from explorer.verdicts import fast_objective as verdicts
from explorer.visit.controls import menu, seed_input, segments
from explorer.visit.failures import HEIGHT, STEM, Ran
from explorer.visit.links import film_value
from explorer.visit.page import Frame, as_code
from explorer.visit.pull import awaited

DRAWN = 12
"""So many samples are shown with their slopes."""
SNIPPET = """import explorer

theta, objective = {theta!r}, {objective}
for estimator in ("score_function", "pathwise"):
    exact = explorer.exact_variance("normal", objective, estimator, theta)[{parameter!r}]
    g = explorer.gradient_samples("normal", objective, estimator, theta, 100_000, seed={seed})[{parameter!r}]
    print(estimator, "exact variance of one sample", exact, " sampled", float(g.var()))
"""


def show(page: Frame) -> Ran:
    """A fast f under a Normal."""
    with page.controls:
        name = menu("fast")
        parameter = segments("fast_in")
        seed = seed_input()
    problem = engine.fast_problem(name, parameter)
    field = f"{name}.k"
    with page.picture:
        value = film_value(field, reported(STEM).film)
        film = awaited((STEM, problem), lambda: engine.fast_objective(problem), word("fast_objective.meanwhile")).at(
            value
        )
        eps = draw_noise(problem.family, DRAWN, generator_for(seed, torch.device("cpu"))).double()
        samples = problem.draw(eps).x.sort().values
        chart(
            figures.fast_objective(film, samples),
            key=STEM,
            alt=verdicts.described(film),
            films=[
                Film(
                    field,
                    film.parameter.label,
                    film.values.tolist(),
                    film.now,
                    figures.updates(film, samples),
                    verdicts.captions(film),
                )
            ],
            table=verdicts.table(film),
            height=HEIGHT,
            file_name=f"{STEM}_fast",
            clicks=False,
        )
        st.markdown(verdicts.verdict(film))
    snippet = SNIPPET.format(
        theta=dict(problem.theta),
        objective=as_code(problem.objective.at(k=float(film.values[film.now]))),
        parameter=parameter,
        seed=seed,
    )
    return Ran(snippet, [engine.fast_objective, turns, moments])
