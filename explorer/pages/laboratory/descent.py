"""Descent: one parameter walks downhill under each estimator, from the same start, on the same noise."""

import time

import streamlit as st

from explorer.components.chart import Film, chart, reported
from explorer.core.device import best_device
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.descent import Descent, Landscape, Rule
from explorer.core.experiments.problem import Problem
from explorer.core.families import TOY
from explorer.core.parameters import Parameter
from explorer.figures.descent import descent_paths, updates
from explorer.text import sections
from explorer.verdicts.descent import at_each_step, ending
from explorer.verdicts.words import plain
from explorer.visit.controls import (
    another_seed,
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
from explorer.visit.links import film_value
from explorer.visit.memory import kept
from explorer.visit.turns import computing

KEY = "descent.paths"
DEFAULT = ("score_function", "pathwise")
RATES = {"0.01": 0.01, "0.05": 0.05, "0.2": 0.2, "1": 1.0}
SAMPLES = {"1": 1, "8": 8, "64": 64}
DIRECTIONS = ("Downhill", "Uphill")
STEP = Parameter("step", "t", 60.0, (0.0, 60.0))
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

    return kept(f"{KEY}/descent", descent.identity, begun)


@st.fragment
def walk(settings: Descent) -> None:
    """The picture and its verdict. The browser asks for more steps once it has drawn what there is."""
    descent, landscape = descent_of(settings)
    report = reported(KEY)
    if descent.share < 1 and report.pulled:
        with computing():
            end = time.monotonic() + PATIENCE
            while descent.share < 1 and time.monotonic() < end:
                descent.advance(1)
    start = min(round(film_value("step", STEP, report.film)), descent.taken)
    label = descent.problem.family.parameter(descent.problem.parameter).label
    exact, runs, captions = descent.exact, descent.runs, at_each_step(descent)
    verdict = ending(descent)
    chart(
        descent_paths(exact, runs, landscape, label=label, start=start),
        key=KEY,
        alt=f"Left: {label} against the step for each estimator, with the exact path. Right: E f, and each run's place "
        f"on it. {plain(verdict)} {captions[start]}",
        films=[Film("step", "step", list(range(len(captions))), start, updates(exact, runs, landscape), captions)],
        table={"exact": exact.tolist()}
        | {f"{name} run {i + 1}": run[:, i].tolist() for name, run in runs.items() for i in range(run.shape[1])},
        pull=descent.taken if descent.share < 1 else None,
        height=400,
        file_name="descent",
        clicks=False,
    )
    st.markdown(verdict)


st.markdown(sections("descent")["question"])
controls, picture = beside()
with controls:
    family = TOY[choice("Distribution", "family", TOY, "normal")]
    objective = objective_choice()
    theta = theta_sliders(family)
    st.markdown(f"${family.latex}$\n\n$f(x) = {objective.latex}$")
with picture:
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown("Walk along", width="content")
    with bar:
        parameter = segments("Walk along", list(theta), f"{family.name}.gradient", next(iter(theta)), labelled=False)
    with bar.popover("Step and seed", icon=":material/tune:"):
        direction = segments("Direction", DIRECTIONS, "direction", DIRECTIONS[0])
        rate = segments("Step size η", list(RATES), "rate", "0.05")
        n_samples = segments("Samples a step", list(SAMPLES), "samples", "8")
        seed = seed_input()
    bar.button("Run again", icon=":material/casino:", on_click=another_seed, shortcut="d", help="The next seed")
    with controls:
        estimators = estimator_choice(DEFAULT, parameter, family)
    rule = Rule(
        RATES[rate],
        SAMPLES[n_samples],
        direction == DIRECTIONS[1],
        FEW_RUNS if family.route == "implicit" else Rule.n_runs,
        round(STEP.default),
    )
    problem = Problem(family, objective, theta, parameter)
    walk(Descent(problem, estimators, seed, best_device().device, rule))
    for name in estimators:
        if warning := ESTIMATORS[name].warning(family, objective):
            st.warning(warning, icon=":material/warning:")

folded("descent")
code_that_ran(
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
