"""Variance curves: exact variances against a parameter, the sample size or the dimension, and where they cross."""

import streamlit as st

from explorer.components.chart import Film, chart, reported
from explorer.core.device import best_device
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.moments import moments
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.sampled_variances import Points, sampled_points
from explorer.core.experiments.variance_curves import Curve, Setting, Turn
from explorer.core.families import SCALAR
from explorer.figures.variance_curves import updates, variance_curves
from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.variance_curves import (
    at_each_point,
    axis_title,
    described,
    gaps,
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
from explorer.visit.page import as_code, definitions, frame

PAGE = PAGES["variance_curves"]
SNIPPET = """import explorer

family, theta = {family!r}, {theta!r}
objective = {objective}
for estimator in {estimators!r}:
    print(estimator, explorer.exact_variance(family, objective, estimator, theta)[{parameter!r}])
"""

Answer = tuple[dict[str, Curve], dict[str, Curve], list[Turn], dict[str, Points], list[str]]


def answer_of(setting: Setting, axis: str, estimators: tuple[str, ...], seed: int) -> Answer:
    """The curves, those of unbiased estimators among them, their turns, the sampled points, and who has no curve.

    Kept for the visit until anything that fixes the numbers changes.
    """
    identity = setting.problem.identity, axis, estimators, seed
    return kept(
        f"{PAGE.stem}/answer",
        identity,
        lambda: _answer(setting, axis, estimators, seed),
        meanwhile=word("variance_curves.meanwhile"),
    )


def _answer(setting: Setting, axis: str, estimators: tuple[str, ...], seed: int) -> Answer:
    at = setting.grid(axis, estimators)
    curves, refused = {}, []
    for name in estimators:
        try:
            curves[name] = setting.curve(name, axis, at)
        except QuadratureError as error:
            refused.append(str(error))
    family, objective = setting.problem.family, setting.problem.objective
    unbiased = {name: curve for name, curve in curves.items() if not ESTIMATORS[name].warning(family, objective)}
    points = sampled_points(setting, curves, axis, seed, best_device().device) if curves else {}
    return curves, unbiased, setting.turns(unbiased, axis), points, refused


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
        here = film_value(key, reported(PAGE.stem).film)
        curves, unbiased, turns, points, refused = answer_of(setting, axis, estimators, seed)
        if curves:
            at = next(iter(curves.values())).at
            start = int((at - here).abs().argmin())
            here = float(at[start])
            chart(
                variance_curves(
                    curves,
                    points,
                    turns,
                    title=axis_title(setting, axis),
                    what=variance_of(axis),
                    biased=[name for name in curves if name not in unbiased],
                    start=start,
                    logarithmic=not setting.is_own(axis),
                ),
                key=PAGE.stem,
                alt=described(setting, axis, curves, unbiased, turns, start),
                films=[
                    Film(
                        key,
                        setting.axes[axis].label,
                        at.tolist(),
                        start,
                        updates(curves),
                        at_each_point(setting, axis, curves),
                    )
                ],
                table=table(curves, points, axis),
                height=400,
                file_name=PAGE.stem,
                clicks=False,
            )
            sentences = winning(setting, axis, unbiased, turns), gaps(setting, axis, curves)
            st.markdown(" ".join(filter(None, sentences)))
        for name in curves:
            if name not in unbiased:
                st.warning(ESTIMATORS[name].warning(family, objective), icon=":material/warning:")
        for reason in refused:
            st.info(word("variance_curves.refused", reason=reason))
    page.code(
        SNIPPET.format(
            family=family.name,
            theta={**theta, axis: here} if axis in theta else theta,
            objective=as_code(objective.at(**{axis: here}) if axis in objective.values else objective),
            parameter=parameter,
            estimators=estimators,
        ),
        [*(ESTIMATORS[name].function for name in estimators), Setting, moments, sampled_points],
    )
