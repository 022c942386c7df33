"""Descent: one parameter walks downhill under each estimator, from the same start, on the same noise."""

import streamlit as st

from explorer.components.chart import Film, chart
from explorer.core.device import best_device
from explorer.core.experiments.descent import Descent, Rule
from explorer.core.experiments.problem import Problem
from explorer.core.families import TOY
from explorer.figures.descent import descent_paths, updates
from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.descent import arriving, at_each_step, cautions, described, ending, table
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
from explorer.visit.page import as_code, definitions, estimators_as_code, frame
from explorer.visit.pull import Pace, Pull, pull_loop

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
descent = Descent(problem, {estimators}, {seed}, torch.device("cpu"), {rule})
descent.advance(descent.rule.n_steps)
print("exact", float(descent.exact[-1]))
for estimator in descent.estimators:
    print(estimator, descent.distance(estimator))
"""


def draw(descent: Descent, pull: Pull) -> None:
    """The picture and its verdict."""
    landscape = kept(f"{PAGE.stem}/landscape", descent.identity, descent.landscape)
    start = min(round(film_value("step", pull.film)), descent.taken)
    label = descent.problem.family.parameter(descent.problem.parameter).label
    exact, runs, captions = descent.exact, descent.runs, at_each_step(descent)
    film = Film(
        *("step", word("descent.step"), list(range(len(captions))), start),
        *(updates(exact, runs, landscape), captions),
    )
    chart(
        descent_paths(exact, runs, landscape, label=label, start=start),
        key=PAGE.stem,
        alt=described(descent, start),
        films=[film],
        table=table(descent),
        pull=pull.number,
        slow=pull.slow,
        held=pull.held,
        height=400,
        file_name=PAGE.stem,
        clicks=False,
    )
    st.markdown(f"{arriving(descent, landscape)} {ending(descent)}".strip())
    if reasons := cautions(descent):
        st.warning(reasons, icon=":material/warning:")


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
        settings = Descent(problem, estimators, seed, best_device().device, rule)
        pull_loop(settings, draw, key=PAGE.stem, pace=Pace(1, 1, PATIENCE))
    page.code(
        SNIPPET.format(
            family=family.name,
            objective=as_code(objective),
            theta=theta,
            parameter=parameter,
            estimators=estimators_as_code(estimators),
            rule=rule,
            seed=seed,
        ),
        [*(each.function for each in estimators.values()), Descent],
    )
