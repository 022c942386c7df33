"""Heavy tails: the picture of running means and variances, and what is set on it."""

from __future__ import annotations

import streamlit as st
import torch

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.moments import finite_moments
from explorer.core.experiments import heavy_tail as engine
from explorer.core.experiments.heavy_tail import REPETITIONS, SAMPLES, HeavyTail, Running
from explorer.core.families.family import draw_noise
from explorer.figures import heavy_tail as figures
from explorer.text import word
from explorer.verdicts import heavy_tail as verdicts
from explorer.visit.controls import menu, seed_input, segments
from explorer.visit.failures import DEGREES, HEIGHT, STEM, Ran
from explorer.visit.links import film_value
from explorer.visit.page import Frame, as_code
from explorer.visit.pull import awaited

SNIPPET = """import explorer

theta, objective = {theta!r}, {objective}
print("exact gradient", explorer.exact_gradient("student_t", objective, theta)["scale"])
print("exact variance", explorer.exact_variance("student_t", objective, {estimator!r}, theta)["scale"])
g = explorer.gradient_samples("student_t", objective, {estimator!r}, theta, {n}, seed={seed}, device="cpu")["scale"]
for repetition in g.view({repetitions}, -1).double():
    variance = float(repetition.var())
    print("mean", float(repetition.mean()), "±", (variance / len(repetition)) ** 0.5, " sample variance", variance)
"""


def show(page: Frame) -> Ran:
    """Samples under a Student-t."""
    with page.controls:
        name = menu("heavy")
        estimator = segments("heavy_by")
        seed = seed_input()
    problem = engine.heavy_problem(name)
    with page.picture:
        value = film_value(DEGREES, reported(STEM).film)
        key, meanwhile = (STEM, problem, estimator), word("heavy_tail.meanwhile")
        film = awaited(key, lambda: engine.heavy_tail(problem, estimator), meanwhile).at(value)
        found = awaited((*key, seed), lambda: _drawn(film, seed), meanwhile)
        chart(
            figures.heavy_tail(film, found),
            key=STEM,
            alt=verdicts.described(film, found),
            films=[
                Film(
                    DEGREES,
                    engine.DF.label,
                    film.values.tolist(),
                    film.now,
                    figures.updates(film, found),
                    verdicts.captions(film, found),
                )
            ],
            table=verdicts.table(film, found),
            height=HEIGHT,
            file_name=f"{STEM}_heavy",
            clicks=False,
        )
        st.markdown(verdicts.verdict(film, found))
    snippet = SNIPPET.format(
        theta={**problem.theta, "df": float(film.values[film.now])},
        objective=as_code(problem.objective),
        estimator=estimator,
        n=REPETITIONS * SAMPLES,
        repetitions=REPETITIONS,
        seed=seed,
    )
    return Ran(snippet, [engine.heavy_tail, engine.running, finite_moments, ESTIMATORS[estimator].function])


def _drawn(film: HeavyTail, seed: int) -> Running:
    eps = draw_noise(film.problem.family, REPETITIONS * SAMPLES, generator_for(seed, torch.device("cpu")))
    return engine.running(film, eps.view(REPETITIONS, SAMPLES))
