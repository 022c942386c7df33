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
from explorer.visit.memory import kept
from explorer.visit.messages import tell
from explorer.visit.page import as_code, definitions, frame
from explorer.visit.turns import computing

PAGE = PAGES["repeated_means"]
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

    return kept(f"{PAGE.stem}/run", setting.identity, begun)


@st.fragment
def experiment(setting: Setting) -> None:
    """Both pictures, the verdict and the table. The browser asks for more once it has drawn what there is."""
    try:
        run = run_of(setting)
        if run.share < 1 and reported(PAGE.stem).pulled:
            with computing():
                end = time.monotonic() + PATIENCE
                for _ in range(SLICE):
                    if time.monotonic() < end:
                        run.advance()
    except (FloatingPointError, QuadratureError) as error:
        tell(error)
        return
    estimates = {
        name: {n: run.estimates(name, index) for index, n in enumerate(run.reached)} for name in setting.estimators
    }
    left, right = st.columns(2)
    with left:
        chart(
            repeated_variances(
                {name: run.spreads(name) for name in setting.estimators},
                {name: run.exact_variance(name, 1) for name in setting.estimators},
                run.sizes,
            ),
            key=PAGE.stem,
            alt=described(run),
            table=side_by_side(run),
            pull=run.samples if run.share < 1 else None,
            height=HEIGHT,
            file_name=PAGE.stem,
            clicks=False,
        )
    with right:
        chart(
            clouds(estimates, run.answers.gradient, run.answers.expectations, run.answers.deviations, run.sizes),
            key=f"{PAGE.stem}.estimates",
            alt=described_estimates(run),
            table={
                f"{name} N={n}": means.tolist() for name, by_size in estimates.items() for n, means in by_size.items()
            },
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
            type="primary",
            shortcut="alt+d",
            help=word("help.next_seed"),
        )
        with st.popover(word("control.seed"), icon=":material/tune:"):
            seed = seed_input()
    with page.picture:
        experiment(Setting(family, objective, tuple(theta.items()), parameter, estimators, seed))
    page.code(
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
