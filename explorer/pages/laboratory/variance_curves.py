"""Variance curves: exact variances against a parameter, the sample size or the dimension, and where they cross."""

import math

import streamlit as st

from explorer.components.chart import Film, chart, reported
from explorer.core.device import best_device
from explorer.core.estimators import Choice
from explorer.core.exact.bias import largest
from explorer.core.exact.moments import moments
from explorer.core.experiments.curve_winners import ExactCurves
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.sampled_variances import Points, on_curves, sampled_points, without_intervals
from explorer.core.experiments.variance_curves import Setting
from explorer.core.families import SCALAR
from explorer.figures.variance_curves import updates, variance_curves
from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.bias import cautions
from explorer.verdicts.variance_curves import (
    at_each_point,
    axis_title,
    biased,
    described,
    gaps,
    open_points,
    table,
    variance_of,
    winning,
)
from explorer.visit.controls import (
    estimator_choice,
    menu,
    objective_menu,
    objective_sliders,
    seed_input,
    segments,
    theta_sliders,
)
from explorer.visit.links import film_value, now
from explorer.visit.memory import kept
from explorer.visit.page import as_code, definitions, estimators_as_code, frame
from explorer.visit.pull import next_part, patience
from explorer.visit.store import STORE

PAGE = PAGES["variance_curves"]
SNIPPET = """import explorer

family, theta = {family!r}, {theta!r}
objective = {objective}
for estimator in {estimators}:
    print(estimator, explorer.exact_variance(family, objective, estimator, theta)[{parameter!r}])
"""


def points_of(setting: Setting, axis: str, estimators: Choice, seed: int) -> dict[str, Points]:
    """What samples say, kept for the visit until anything that fixes the numbers changes."""
    return kept(
        f"{PAGE.stem}/points",
        (setting.problem, axis, estimators, seed),
        lambda: sampled_points(setting, estimators.values(), axis, seed, best_device().device),
    )


def owner(setting: Setting, axis: str) -> str:
    """Whose parameter an axis is, for its key."""
    if axis in setting.problem.theta:
        return setting.problem.family.name
    return setting.problem.objective.name if setting.is_own(axis) else "axis"


with frame(PAGE) as page:
    with page.controls:
        family = SCALAR[menu("family")]
        objective = objective_menu()
        against = f"{family.name}.{objective.name}.against"
        axis, parameter = now(against), now(f"{family.name}.gradient")
        # The axis runs over all of its parameter's values; the film's slider under the picture stands for the others.
        theta = theta_sliders(family, {each.name: each.default for each in family.parameters if each.name == axis})
        objective = objective_sliders(
            objective, {each.name: each.default for each in objective.parameters if each.name == axis}
        )
        estimators = estimator_choice(parameter, family)
        definitions(family, objective, estimators)
    with page.bar:
        segments(against, labelled=False)
        with st.popover(word("control.gradient_and_seed"), icon=":material/tune:"):
            segments(f"{family.name}.gradient")
            seed = seed_input()
    with page.picture:
        setting = Setting(Problem(family, objective, theta, parameter))
        key = f"{owner(setting, axis)}.{axis}"
        report = reported(PAGE.stem)
        here = film_value(key, report.film)
        found = STORE.ask(
            (PAGE.stem, setting.problem, axis, estimators),
            lambda: ExactCurves.of(setting, axis, estimators),
            patience(report),
        )
        exact = found.value if found else ExactCurves.unknown(setting, axis, estimators)
        points = points_of(setting, axis, estimators, seed)
        if found:
            points = on_curves(points, exact.curves, exact.freedom)
        elif math.isfinite(family.tail(theta)):
            # Under a heavy tail a sampled variance may look finite where it is not.
            points = {}
        else:
            points = without_intervals(points)
        if exact.curves:
            at = next(iter(exact.curves.values())).at
            start = int((at - here).abs().argmin())
            here = float(at[start])
            captions = at_each_point(setting, axis, exact.curves) if found else []
            chart(
                variance_curves(
                    exact.curves,
                    points,
                    exact.turns,
                    title=axis_title(setting, axis),
                    what=variance_of(axis),
                    biased=[name for name in exact.curves if found and name not in exact.unbiased],
                    start=start,
                    logarithmic=not setting.is_own(axis),
                ),
                key=PAGE.stem,
                alt=described(setting, axis, exact, start)
                if found
                else word("variance_curves.alt_on_the_way", axis=setting.axes[axis].label),
                films=[Film(key, setting.axes[axis].label, at.tolist(), start, updates(exact.curves), captions)],
                table=table(exact.curves, points, axis),
                pull=None if found else next_part(PAGE.stem),
                slow=True,
                height=400,
                file_name=PAGE.stem,
                clicks=False,
            )
        if not found:
            st.caption(word("variance_curves.on_the_way"))
        else:
            st.markdown(" ".join(filter(None, (winning(setting, axis, exact), gaps(setting, axis, exact)))))
            worst = {name: largest(found) for name, found in exact.biases.items()}
            if reasons := cautions(setting.problem, estimators, worst):
                st.warning(f"{reasons} {biased(setting, axis, exact)}".strip(), icon=":material/warning:")
            if note := open_points(points):
                st.caption(note)
            for reason in exact.refused:
                st.info(word("variance_curves.refused", reason=reason))
    page.code(
        SNIPPET.format(
            family=family.name,
            theta={**theta, axis: here} if axis in theta else theta,
            objective=as_code(objective.at(**{axis: here}) if axis in objective.values else objective),
            parameter=parameter,
            estimators=estimators_as_code(estimators),
        ),
        [*(each.function for each in estimators.values()), Setting, moments, sampled_points],
    )
