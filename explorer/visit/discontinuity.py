"""A jump of f, or an end of the support that moves: the picture of both cases, and what is set on it."""

from __future__ import annotations

import streamlit as st
import torch

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments import discontinuity as engine
from explorer.core.experiments.discontinuity import Discontinuity
from explorer.core.experiments.sweep import Estimates
from explorer.core.families.family import draw_noise
from explorer.figures import discontinuity as figures
from explorer.text import word
from explorer.verdicts import discontinuity as verdicts
from explorer.visit.controls import menu, seed_input, segments
from explorer.visit.failures import HEIGHT, STEM, Ran
from explorer.visit.links import film_value
from explorer.visit.memory import kept
from explorer.visit.page import Frame, as_code
from explorer.visit.pull import awaited

SHOWN = {"jump": (-6.5, 6.5), "support": (-0.5, 5.5)}
"""The range of x that is drawn."""
SNIPPET = """import explorer

family, theta = {family!r}, {theta!r}
objective = {objective}
print("exact slope", explorer.exact_gradient(family, objective, theta)[{parameter!r}])
for estimator in ("score_function", "pathwise", "boundary_pathwise"):
    g = explorer.gradient_samples(family, objective, estimator, theta, {n}, seed={seed}, device="cpu")[{parameter!r}]
    print(estimator, float(g.mean()), "±", float(g.std() / len(g) ** 0.5))
"""
END_SNIPPET = """
import streamlit as st
import torch

b = torch.tensor(theta["high"], dtype=torch.float64)
boundary = float(objective(b)) / (theta["high"] - theta["low"])  # f(b) q(b), and the end moves at speed 1
print("boundary term", boundary)
"""


def show_jump(page: Frame) -> Ran:
    """A jump of f under a Normal whose mean moves."""
    return _show(page, "jump", "jumping")


def show_support(page: Frame) -> Ran:
    """A Uniform whose upper end moves."""
    return _show(page, "support", "ending")


def _show(page: Frame, case: str, key: str) -> Ran:
    with page.controls:
        chosen = menu(key)
        n = int(segments("drawn_n"))
        seed = seed_input()
    problem = engine.jump_at(chosen) if case == "jump" else engine.moving_end(chosen)
    field = f"{problem.family.name}.{problem.parameter}"
    with page.picture:
        value = film_value(field, reported(STEM).film)
        film = awaited((STEM, problem), lambda: engine.discontinuity(problem), word("discontinuity.meanwhile")).at(
            value
        )
        samples = kept(f"{STEM}/slopes", (problem, n, seed), lambda: _samples(film, n, seed))
        chart(
            figures.discontinuity(film, samples, SHOWN[case]),
            key=STEM,
            alt=verdicts.described(film, samples, n),
            films=[
                Film(
                    field,
                    film.parameter.label,
                    film.values.tolist(),
                    film.now,
                    figures.updates(film, samples, SHOWN[case]),
                    verdicts.captions(film, samples),
                )
            ],
            table=verdicts.table(film, samples),
            height=HEIGHT,
            file_name=f"{STEM}_{case}",
            clicks=False,
        )
        st.markdown(verdicts.verdict(film, samples, n))
    theta = {**problem.theta, problem.parameter: float(film.values[film.now])}
    snippet = SNIPPET.format(
        family=problem.family.name,
        theta=theta,
        objective=as_code(problem.objective),
        parameter=problem.parameter,
        n=n,
        seed=seed,
    )
    flow = engine.flow_over_jumps if case == "jump" else engine.flow_over_ends
    return Ran(
        snippet + (END_SNIPPET if case == "support" else ""),
        [flow, engine.sampled_slopes, *(ESTIMATORS[name].function for name in figures.ROWS)],
    )


def _samples(film: Discontinuity, n: int, seed: int) -> dict[str, Estimates]:
    eps = draw_noise(film.problem.family, n, generator_for(seed, torch.device("cpu")))
    return engine.sampled_slopes(film, eps)
