"""A bit that is softened: its picture against the temperature, and what is set on it."""

from __future__ import annotations

import streamlit as st

from explorer.components.chart import Film, chart, reported
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments import temperature as engine
from explorer.figures import temperature as figures
from explorer.text import word
from explorer.verdicts import temperature as verdicts
from explorer.visit.controls import menu, segments, slider
from explorer.visit.failures import HEIGHT, STEM, TAU, Ran
from explorer.visit.links import film_value
from explorer.visit.page import Frame, as_code
from explorer.visit.pull import awaited

SNIPPET = """import explorer
import torch

theta, objective, tau, n = {theta!r}, {objective}, {tau!r}, {n}
try:
    torch.distributions.Bernoulli(theta["probs"]).rsample()
except NotImplementedError as error:
    print("rsample:", repr(error))
exact = explorer.exact_gradient("bernoulli", objective, theta)["probs"]
print("exact gradient", exact)
relaxed = [explorer.ESTIMATORS[name].at(temperature=tau) for name in ("gumbel_softmax", "straight_through", "rebar")]
for estimator in (*relaxed, "score_function", "leave_one_out", "disarm", "enumeration"):
    g = explorer.gradient_samples("bernoulli", objective, estimator, theta, 100_000)["probs"]
    error = float(g.std() / len(g) ** 0.5)
    variance = explorer.exact_variance("bernoulli", objective, estimator, theta)["probs"]
    print(estimator, "bias", float(g.mean()) - exact, "±", error, " exact variance of one sample", variance)
"""


def show(page: Frame) -> Ran:
    """One bit, softened."""
    with page.controls:
        name = menu("on_a_bit")
        probs = slider("bernoulli.probs")
        n = int(segments("drawn_n"))
    problem = engine.bit_problem(name, probs)
    with page.picture:
        value = film_value(TAU, reported(STEM).film)
        film = awaited((STEM, problem), lambda: engine.temperature(problem), word("temperature.meanwhile")).at(value)
        chart(
            figures.temperature(film, n),
            key=STEM,
            alt=verdicts.described(film, n),
            films=[
                Film(
                    TAU,
                    engine.TEMPERATURE.label,
                    film.values.tolist(),
                    film.now,
                    figures.updates(film, n),
                    verdicts.captions(film),
                )
            ],
            table=verdicts.table(film),
            height=HEIGHT,
            file_name=f"{STEM}_discrete",
            clicks=False,
        )
        st.markdown(f"{verdicts.refusal(film)} {verdicts.verdict(film, n)}")
    snippet = SNIPPET.format(
        theta=dict(problem.theta), objective=as_code(problem.objective), tau=float(film.values[film.now]), n=n
    )
    return Ran(snippet, [engine.temperature, engine.refused, *(ESTIMATORS[each].function for each in figures.DRAWN)])
