"""Descent: one parameter walks downhill under each estimator, from the same start, on the same noise."""

import time

import streamlit as st

from explorer.components.chart import Film, chart, reported
from explorer.core.device import best_device
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.descent import Descent, Landscape, Rule
from explorer.core.experiments.problem import Problem
from explorer.core.families import TOY
from explorer.figures.descent import descent_paths, updates
from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.descent import at_each_step, described, ending, table
from explorer.visit.controls import (
    another_seed,
    estimator_choice,
    menu,
    objective_choice,
    seed_input,
    segments,
    theta_sliders,
)
from explorer.visit.links import film_value, now
from explorer.visit.memory import kept
from explorer.visit.page import as_code, definitions, frame
from explorer.visit.turns import computing

PAGE = PAGES["descent"]
FEW_RUNS = 8
"""Where each theta has a distribution function of its own to be inverted."""
PATIENCE = 0.25
"""Seconds of work between two pictures."""
SNIPPET = """import torch

import explorer
from explorer.core.experiments.descent import Descent, Rule
from explorer.core.experiments.problem import Problem

problem = Problem(explorer.FAMILIES[{family!r}], {objective}, {theta!r}, {parameter!r})
descent = Descent(problem, {estimators!r}, {seed}, torch.device("cpu"), {rule})
descent.advance(descent.rule.n_steps)
print("exact", float(descent.exact[-1]))
for estimator in descent.estimators:
    print(estimator, descent.distance(estimator))
"""


def descent_of(descent: Descent) -> tuple[Descent, Landscape]:
    """The visit's own descent with these settings, and E f; a new one when anything that fixes its numbers changed."""

    def begun() -> tuple[Descent, Landscape]:
        descent.advance(1)
        return descent, descent.landscape()

    return kept(f"{PAGE.stem}/run", descent.identity, begun)


@st.fragment
def walk(settings: Descent) -> None:
    """The picture and its verdict. The browser asks for more steps once it has drawn what there is."""
    descent, landscape = descent_of(settings)
    report = reported(PAGE.stem)
    if descent.share < 1 and report.pulled:
        with computing():
            end = time.monotonic() + PATIENCE
            while descent.share < 1 and time.monotonic() < end:
                descent.advance(1)
    start = min(round(film_value("step", report.film)), descent.taken)
    label = descent.problem.family.parameter(descent.problem.parameter).label
    exact, runs, captions = descent.exact, descent.runs, at_each_step(descent)
    chart(
        descent_paths(exact, runs, landscape, label=label, start=start),
        key=PAGE.stem,
        alt=described(descent, start),
        films=[
            Film(
                "step",
                word("descent.step"),
                list(range(len(captions))),
                start,
                updates(exact, runs, landscape),
                captions,
            )
        ],
        table=table(descent),
        pull=descent.taken if descent.share < 1 else None,
        height=400,
        file_name=PAGE.stem,
        clicks=False,
    )
    st.markdown(ending(descent))


with frame(PAGE) as page:
    with page.controls:
        family = TOY[menu("family")]
        objective = objective_choice()
        theta = theta_sliders(family)
        parameter = now(f"{family.name}.gradient")
        estimators = estimator_choice(parameter, family)
        definitions(family, objective, estimators)
    with page.bar:
        segments(f"{family.name}.gradient", labelled=False)
        with st.popover(word("control.step_and_seed"), icon=":material/tune:"):
            rule = Rule(
                upwards=segments("direction") == "up",
                rate=float(segments("rate")),
                n_samples=int(segments("samples")),
                n_runs=FEW_RUNS if family.route == "implicit" else Rule.n_runs,
            )
            seed = seed_input()
        st.button(
            word("button.run_again"),
            icon=":material/casino:",
            on_click=another_seed,
            shortcut="alt+d",
            help=word("help.next_seed"),
        )
    with page.picture:
        problem = Problem(family, objective, theta, parameter)
        walk(Descent(problem, estimators, seed, best_device().device, rule))
        for name in estimators:
            if warning := ESTIMATORS[name].warning(family, objective):
                st.warning(warning, icon=":material/warning:")
    page.code(
        SNIPPET.format(
            family=family.name,
            objective=as_code(objective),
            theta=theta,
            parameter=parameter,
            estimators=estimators,
            rule=rule,
            seed=seed,
        ),
        [*(ESTIMATORS[name].function for name in estimators), Descent],
    )
