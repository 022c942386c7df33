"""The notebook's experiment: the variance of both estimators for growing sample sizes, beside the exact one."""

import dataclasses
import time
from collections.abc import Hashable

import streamlit as st

from explorer.components.chart import chart, reported
from explorer.core.device import best_device
from explorer.core.estimators import ESTIMATORS
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.repeated_means import INDEPENDENT, RepeatedMeans
from explorer.core.families import TOY
from explorer.core.families.family import Family
from explorer.core.numerics.sample_variance import degrees_of_freedom
from explorer.core.objectives.objective import Objective
from explorer.figures.repeated_means import clouds, repeated_variances
from explorer.text import sections, short
from explorer.verdicts.repeated_means import as_csv, as_markdown, cautions, described, side_by_side, verdict
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
from explorer.visit.memory import kept
from explorer.visit.messages import tell
from explorer.visit.turns import computing

KEY = "notebook.variances"
DEFAULT = ("score_function", "pathwise")
FIRST = 3_000
"""The sizes up to here are done before the first picture."""
SLICE, PATIENCE = 24, 1.0
"""The chunks, and the seconds, of work after which there is another picture."""
HEIGHT = 400
SNIPPET = """import explorer
import torch
from explorer.core.experiments.repeated_means import RepeatedMeans

family, objective = explorer.FAMILIES[{family!r}], {objective}
run = RepeatedMeans(family, objective, {theta!r}, {parameter!r}, {estimators!r}, {seed}, torch.device("cpu"))
while run.share < 1:
    run.advance()
for estimator in run.estimators:
    for measured in run.spreads(estimator):
        exact = run.exact_variance(estimator, measured.n)
        print(estimator, "N =", measured.n, " variance", measured.variance, " exact", exact)
"""


@dataclasses.dataclass(frozen=True)
class Setting:
    """What fixes the numbers of a run."""

    family: Family
    objective: Objective
    theta: tuple[tuple[str, float], ...]
    parameter: str
    estimators: tuple[str, ...]
    seed: int

    @property
    def identity(self) -> Hashable:
        return self.family.name, self.objective.identity, self.theta, self.parameter, self.estimators, self.seed


def run_of(setting: Setting) -> RepeatedMeans:
    """The visit's run of this setting; a new one, as far as FIRST, when anything that fixes its numbers has changed."""

    def begun() -> RepeatedMeans:
        run = RepeatedMeans(
            setting.family,
            setting.objective,
            dict(setting.theta),
            setting.parameter,
            setting.estimators,
            setting.seed,
            best_device().device,
        )
        while not run.reached or run.reached[-1] < FIRST:
            run.advance()
        return run

    return kept(f"{KEY}/run", setting.identity, begun)


@st.fragment
def experiment(setting: Setting) -> None:
    """Both pictures, the verdict and the table. The browser asks for more once it has drawn what there is."""
    report = reported(KEY)
    try:
        run = run_of(setting)
        if run.share < 1 and report.pulled:
            with computing():
                end = time.monotonic() + PATIENCE
                for _ in range(SLICE):
                    if time.monotonic() < end:
                        run.advance()
    except (FloatingPointError, QuadratureError) as error:
        tell(error)
        return
    reached = run.reached
    estimates = {
        name: {n: run.estimates(name, index) for index, n in enumerate(reached)} for name in setting.estimators
    }
    left, right = st.columns(2)
    with left:
        chart(
            repeated_variances(
                {name: run.spreads(name) for name in setting.estimators},
                {name: run.exact_variance(name, 1) for name in setting.estimators},
                run.sizes,
            ),
            key=KEY,
            alt=described(run),
            table=side_by_side(run),
            pull=run.samples if run.share < 1 else None,
            height=HEIGHT,
            file_name="repeated_variances",
            held=report.held,
            clicks=False,
        )
    with right:
        chart(
            clouds(estimates, run.answers.gradient, run.answers.expectations, run.answers.deviations, run.sizes),
            key="notebook.estimates",
            alt=f"The {run.repetitions} estimates themselves at each N, and a band of 1.96 exact standard "
            "deviations to each side of their exact mean, which narrows as N grows.",
            table={
                f"{name} N={n}": means.tolist() for name, by_size in estimates.items() for n, means in by_size.items()
            },
            height=HEIGHT,
            file_name="repeated_estimates",
            held=report.held,
            clicks=False,
        )
    under_way = st.empty()
    if run.share < 1:
        under_way.progress(run.share, f"{run.samples:,} samples of each estimator so far")
    if reasons := cautions(run):
        st.warning(f"{reasons} {verdict(run)}", icon=":material/warning:")
    else:
        st.markdown(verdict(run))
    with st.expander("All the numbers"):
        st.markdown(as_markdown(run))
        st.download_button(
            "Download the table",
            as_csv(run),
            "repeated_means.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            disabled=run.share < 1,
        )


st.markdown(sections("repeated_means")["question"])
controls, picture = beside()
with controls:
    family = TOY[choice("Distribution", "family", TOY, "normal")]
    objective = objective_choice()
    theta = theta_sliders(family)
with picture:
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown("Gradient in", width="content")
    with bar:
        parameter = segments("Gradient in", list(theta), f"{family.name}.gradient", next(iter(theta)), labelled=False)
    bar.button("Run again", icon=":material/casino:", on_click=another_seed, type="primary", shortcut="d")
    with bar.popover("Seed", icon=":material/tune:"):
        seed = seed_input()
    with controls:
        chosen = estimator_choice(DEFAULT, parameter, family)
        estimators = tuple(name for name in chosen if name in INDEPENDENT) or DEFAULT
        if coupled := [short(name) for name in chosen if name not in INDEPENDENT]:
            st.caption(f"{coupled[0]} is left out: its samples are coupled, so its variance is not v / N at every N.")
        st.markdown(f"${family.latex}$\n\n$f(x) = {objective.latex}$")
    experiment(Setting(family, objective, tuple(theta.items()), parameter, estimators, seed))

folded("repeated_means")
code_that_ran(
    SNIPPET.format(
        family=family.name,
        objective=as_code(objective),
        theta=theta,
        parameter=parameter,
        estimators=estimators,
        seed=seed,
    ),
    [RepeatedMeans, degrees_of_freedom, *(ESTIMATORS[name].function for name in estimators)],
)
