"""Two estimators: live histograms of score-function and pathwise gradients on the same noise."""

import streamlit as st

from explorer.core.by_name import gradient_samples
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.gradient_stream import summarise_gradients
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.text import sections
from explorer.visit.controls import (
    as_code,
    beside,
    choice,
    code_that_ran,
    estimator_choice,
    folded,
    objective_choice,
    seed_input,
    segments,
    theta_sliders,
)
from explorer.visit.live import FIRST_BATCH, Experiment, live_histograms, stream_of

BATCHES = {"80": 80, "800": 800, "8,000": 8_000, "320,000": 320_000}
REST_AT = 100_000_000
KEY = "estimators.histograms"
DEFAULT = ("score_function", "pathwise")
SNIPPET = """import explorer

family, theta = {family!r}, {theta!r}
objective = {objective}
print("exact", explorer.exact_gradient(family, objective, theta)[{parameter!r}])
for estimator in {estimators!r}:
    g = explorer.gradient_samples(family, objective, estimator, theta, 1_000_000, seed={seed})[{parameter!r}]
    print(estimator, float(g.mean()), "±", float(g.std() / len(g) ** 0.5))
"""

st.markdown(sections("gradient_stream")["question"])
controls, picture = beside()
with controls:
    family = FAMILIES[choice("Distribution", "family", FAMILIES, "normal")]
    objective = objective_choice()
    theta = theta_sliders(family)
    st.markdown(f"${family.latex}$\n\n$f(x) = {objective.latex}$")
with picture:
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown("Gradient in", width="content")
    with bar:
        parameter = segments("Gradient in", list(theta), f"{family.name}.gradient", next(iter(theta)), labelled=False)
    with bar.popover("Seed and speed", icon=":material/tune:"):
        seed = seed_input()
        batch = segments("Samples a picture", list(BATCHES), "batch", "8,000")
        logarithmic = st.toggle("Logarithmic density", key="log", bind="query-params", help="Shows heavy tails")
    with controls:
        estimators = estimator_choice(DEFAULT, parameter, family)
    problem = Problem(family, objective, theta, parameter)
    experiment = Experiment(problem, seed, BATCHES[batch], REST_AT, estimators)
    playing = bar.toggle("Play", True, key="play", bind="query-params")
    if bar.button("Step", icon=":material/skip_next:", disabled=playing, shortcut="s", help="Draw one more batch"):
        stream_of(experiment, f"{KEY}/stream").advance(experiment.batch)
    if bar.button("Reset", icon=":material/replay:", shortcut="x", help="Start again from the seed"):
        stream_of(experiment, f"{KEY}/stream").restart()
        stream_of(experiment, f"{KEY}/stream").advance(FIRST_BATCH)
    live_histograms(experiment, key=KEY, playing=playing, means=True, height=400, logarithmic=logarithmic)

folded("gradient_stream")
code_that_ran(
    SNIPPET.format(
        family=family.name,
        theta=theta,
        objective=as_code(objective),
        parameter=parameter,
        estimators=estimators,
        seed=seed,
    ),
    [*(ESTIMATORS[name].function for name in estimators), gradient_samples, summarise_gradients],
)
