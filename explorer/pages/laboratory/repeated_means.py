"""The notebook's experiment: the variance of both estimators for growing sample sizes, beside the exact one."""

import streamlit as st

from explorer.components.chart import chart
from explorer.core.device import best_device
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.repeated_means import INDEPENDENT, RepeatedMeans
from explorer.core.families import TOY
from explorer.core.numerics.sample_variance import degrees_of_freedom
from explorer.figures.repeated_means import clouds, repeated_variances
from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.repeated_means import (
    as_csv,
    as_markdown,
    cautions,
    described,
    described_estimates,
    side_by_side,
    verdict,
)
from explorer.visit.controls import (
    another_seed,
    estimator_choice,
    menu,
    objective_choice,
    seed_input,
    segments,
    theta_sliders,
)
from explorer.visit.links import now
from explorer.visit.page import as_code, definitions, estimators_as_code, frame
from explorer.visit.pull import Pace, Pull, pull_loop

PAGE = PAGES["repeated_means"]
FIRST = 7
"""The chunks that are done before the first picture: on a processor, the sizes up to 3,000."""
PATIENCE = 0.25
"""Seconds of work between two pictures."""
HEIGHT = 400
SNIPPET = """import explorer
import torch
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.repeated_means import RepeatedMeans

problem = Problem(explorer.FAMILIES[{family!r}], {objective}, {theta!r}, {parameter!r})
run = RepeatedMeans(problem, {estimators}, {seed}, torch.device("cpu"))
run.know(Answers.of(problem, run.estimators))
while run.share < 1:
    run.advance(1)
for estimator in run.estimators:
    for measured in run.spreads(estimator):
        exact = run.exact_variance(estimator, measured.n)
        print(estimator, "N =", measured.n, " variance", measured.variance, " exact", exact)
"""


def draw(run: RepeatedMeans, pull: Pull) -> None:
    """Both pictures, the verdict and the table."""
    left, right = st.columns(2)
    with left:
        chart(
            repeated_variances(
                {name: run.spreads(name) for name in run.estimators},
                {name: run.exact_variance(name, 1) for name in run.estimators},
                run.sizes,
            ),
            key=PAGE.stem,
            alt=described(run),
            table=side_by_side(run),
            pull=pull.number,
            slow=pull.slow,
            held=pull.held,
            height=HEIGHT,
            file_name=PAGE.stem,
            clicks=False,
        )
    estimates = {
        name: {n: run.estimates(name, index) for index, n in enumerate(run.reached)} for name in run.estimators
    }
    with right:
        chart(
            clouds(estimates, run.answers, run.sizes),
            key=f"{PAGE.stem}.estimates",
            alt=described_estimates(run),
            table={
                f"{name} N={n}": means.tolist() for name, by_size in estimates.items() for n, means in by_size.items()
            },
            held=pull.held,
            height=HEIGHT,
            file_name=f"{PAGE.stem}_estimates",
            clicks=False,
        )
    under_way = st.empty()
    if run.share < 1:
        under_way.progress(run.share, word("repeated_means.under_way", n=f"{run.samples:,}"))
    if reasons := cautions(run):
        st.warning(f"{reasons} {verdict(run)}", icon=":material/warning:")
    else:
        st.markdown(verdict(run))
    with st.expander(word("repeated_means.numbers")):
        st.markdown(as_markdown(run))
        st.download_button(
            word("button.table"),
            as_csv(run),
            f"{PAGE.stem}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            disabled=run.share < 1,
        )


with frame(PAGE) as page:
    with page.controls:
        family = TOY[menu("family")]
        objective = objective_choice()
        theta = theta_sliders(family)
        parameter = now(f"{family.name}.gradient")
        estimators = estimator_choice(parameter, family, among=INDEPENDENT)
        definitions(family, objective, estimators)
    with page.bar:
        segments(f"{family.name}.gradient", labelled=False)
        st.button(
            word("button.run_again"),
            icon=":material/casino:",
            on_click=another_seed,
            shortcut="alt+d",
            help=word("help.next_seed"),
        )
        with st.popover(word("control.seed"), icon=":material/tune:"):
            seed = seed_input()
    with page.picture:
        problem = Problem(family, objective, theta, parameter)
        settings = RepeatedMeans(problem, estimators, seed, best_device().device)
        pull_loop(settings, draw, key=PAGE.stem, pace=Pace(FIRST, 1, PATIENCE))
    page.code(
        SNIPPET.format(
            family=family.name,
            objective=as_code(objective),
            theta=theta,
            parameter=parameter,
            estimators=estimators_as_code(estimators),
            seed=seed,
        ),
        [RepeatedMeans, degrees_of_freedom, *(each.function for each in estimators.values())],
    )
