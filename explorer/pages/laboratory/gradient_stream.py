"""Two estimators: live histograms of score-function and pathwise gradients on the same noise."""

import streamlit as st

from explorer.core.by_name import gradient_samples
from explorer.core.device import best_device
from explorer.core.experiments.gradient_stream import GradientStream, summarise_gradients
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.pages import PAGES
from explorer.text import word
from explorer.visit.controls import (
    estimator_choice,
    menu,
    objective_choice,
    seed_input,
    segments,
    switch,
    theta_sliders,
)
from explorer.visit.links import now
from explorer.visit.live import FIRST_BATCH, live_comparison
from explorer.visit.page import as_code, definitions, estimators_as_code, frame
from explorer.visit.pull import run_of

PAGE = PAGES["gradient_stream"]
REST_AT = 100_000_000
SNIPPET = """import explorer

family, theta = {family!r}, {theta!r}
objective = {objective}
print("exact", explorer.exact_gradient(family, objective, theta)[{parameter!r}])
for estimator in {estimators}:
    g = explorer.gradient_samples(family, objective, estimator, theta, 1_000_000, seed={seed})[{parameter!r}]
    print(estimator, float(g.mean()), "±", float(g.std() / len(g) ** 0.5))
"""

with frame(PAGE) as page:
    with page.controls:
        family = FAMILIES[menu("family")]
        objective = objective_choice()
        theta = theta_sliders(family)
        parameter = now(f"{family.name}.gradient")
        estimators = estimator_choice(parameter, family)
        definitions(family, objective, estimators)
    with page.bar:
        segments(f"{family.name}.gradient", labelled=False)
        with st.popover(word("control.seed_and_speed"), icon=":material/tune:"):
            seed = seed_input()
            batch = int(segments("batch"))
            logarithmic = switch("log", word("help.log"))
        playing = switch("play")
        step = st.button(
            word("button.step"),
            icon=":material/skip_next:",
            disabled=playing,
            shortcut="alt+s",
            help=word("help.step"),
        )
        reset = st.button(word("button.reset"), icon=":material/replay:", shortcut="alt+x", help=word("help.reset"))
    problem = Problem(family, objective, theta, parameter)
    settings = GradientStream(problem, estimators, seed, best_device().device, REST_AT)
    with page.picture:
        if step or reset:
            stream = run_of(settings, PAGE.stem, FIRST_BATCH)
            if reset:
                stream.restart()
            stream.advance(batch if step else FIRST_BATCH)
        live_comparison(settings, key=PAGE.stem, batch=batch, playing=playing, height=400, logarithmic=logarithmic)
    page.code(
        SNIPPET.format(
            family=family.name,
            theta=theta,
            objective=as_code(objective),
            parameter=parameter,
            estimators=estimators_as_code(estimators),
            seed=seed,
        ),
        [*(each.function for each in estimators.values()), gradient_samples, summarise_gradients],
    )
