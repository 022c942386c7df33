"""Two estimators: live histograms of score-function and pathwise gradients on the same noise."""

import streamlit as st

from explorer.controls import beside, choice, code_that_ran, folded, objective_at, seed_input, segments, theta_sliders
from explorer.core import estimators
from explorer.core.families import FAMILIES
from explorer.core.objectives import OBJECTIVES
from explorer.core.sampling import gradient_samples, summarise_gradients
from explorer.live import FIRST_BATCH, Experiment, live_histograms, stream_of
from explorer.text import sections

BATCHES = {"80": 80, "800": 800, "8,000": 8_000, "320,000": 320_000}
REST_AT = 100_000_000
KEY = "estimators.histograms"
SNIPPET = """import explorer

family, theta = {family!r}, {theta!r}
objective = explorer.OBJECTIVES[{objective!r}]{at}
print("exact", explorer.exact_gradient(family, objective, theta)[{parameter!r}])
for estimator in explorer.ESTIMATORS:
    g = explorer.gradient_samples(family, objective, estimator, theta, 1_000_000, seed={seed})[{parameter!r}]
    print(estimator, float(g.mean()), "±", float(g.std() / len(g) ** 0.5))
"""

st.markdown(sections("two_estimators")["question"])
controls, picture = beside()
with controls:
    family = FAMILIES[choice("Distribution", "family", FAMILIES, "normal")]
    objective = OBJECTIVES[choice("Objective f(x)", "objective", OBJECTIVES, "square")]
    objective = objective_at(objective)
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
    experiment = Experiment(
        family.name, objective, tuple(theta.items()), parameter, seed, batch=BATCHES[batch], rest_at=REST_AT
    )
    playing = bar.toggle("Play", True, key="play", bind="query-params")
    if bar.button("Step", icon=":material/skip_next:", disabled=playing, shortcut="s", help="Draw one more batch"):
        stream_of(experiment, f"{KEY}/stream").advance(experiment.batch)
    if bar.button("Reset", icon=":material/replay:", shortcut="x", help="Start again from the seed"):
        stream_of(experiment, f"{KEY}/stream").restart()
        stream_of(experiment, f"{KEY}/stream").advance(FIRST_BATCH)
    live_histograms(experiment, key=KEY, playing=playing, means=True, height=400)

folded(
    "two_estimators",
    {"derivation": "The whole derivation", "experiments": "Predict, then reveal", "sources": "Sources"},
)
at = f".at(k={objective.values['k']!r})" if objective.values else ""
code_that_ran(
    SNIPPET.format(family=family.name, theta=theta, objective=objective.name, at=at, parameter=parameter, seed=seed),
    [estimators.score_function, estimators.pathwise, gradient_samples, summarise_gradients],
)
