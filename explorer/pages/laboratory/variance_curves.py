"""Variance curves: exact variances against a parameter, the sample size or the dimension, and where they cross."""

from collections.abc import Mapping

import streamlit as st

from explorer.components.chart import Film, chart, reported
from explorer.core.device import best_device
from explorer.core.estimators import ESTIMATORS
from explorer.core.exact.moments import moments
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.sampled_variances import Points, sampled_points
from explorer.core.experiments.variance_curves import DIMENSION, SAMPLES, Curve, Setting, Turn
from explorer.core.families import SCALAR
from explorer.figures.variance_curves import updates, variance_curves
from explorer.text import sections
from explorer.verdicts.variance_curves import at_each_point, gaps, winning
from explorer.verdicts.words import plain
from explorer.visit.controls import (
    as_code,
    beside,
    choice,
    code_that_ran,
    estimator_choice,
    folded,
    objective_choice,
    parameter_slider,
    seed_input,
    segments,
    theta_sliders,
)
from explorer.visit.links import film_value
from explorer.visit.memory import kept

KEY = "curves"
DEFAULT = ("score_function", "pathwise")
ANSWER = f"{KEY}/answer"
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
    return kept(ANSWER, identity, lambda: _answer(setting, axis, estimators, seed), meanwhile="Exact variances…")


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
    """Whose parameter an axis is, for its URL key."""
    if axis in setting.problem.theta:
        return setting.problem.family.name
    return setting.problem.objective.name if setting.is_own(axis) else "axis"


def table(curves: Mapping[str, Curve], points: Mapping[str, Points], axis: str) -> dict[str, list[float]]:
    """The picture's numbers, a column a name."""
    columns = {axis: next(iter(curves.values())).at.tolist()}
    columns |= {f"{name} exact variance": curve.variance.tolist() for name, curve in curves.items()}
    for name, sampled in points.items():
        columns |= {
            f"{name} sampled at": sampled.at.tolist(),
            f"{name} sampled variance": sampled.variance.tolist(),
            f"{name} standard error": sampled.standard_error.tolist(),
        }
    return columns


st.markdown(sections("variance_curves")["question"])
controls, picture = beside()
with controls:
    family = SCALAR[choice("Distribution", "family", SCALAR, "normal")]
    objective = objective_choice("cosine", sliders=False)
defaults = {parameter.name: parameter.default for parameter in family.parameters}
axes = Setting(Problem(family, objective, defaults, next(iter(defaults)))).axes
with picture:
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown("Variance against", width="content")
    first = next(iter((*objective.values, *defaults)))
    with bar:
        axis = segments("Against", list(axes), f"{family.name}.{objective.name}.against", first, labelled=False)
    with bar.popover("Gradient and seed", icon=":material/tune:"):
        parameter = segments("Gradient in", list(defaults), f"{family.name}.gradient", next(iter(defaults)))
        seed = seed_input()
with controls:
    # The axis runs over all of its parameter's values; the film's slider under the picture stands for the others.
    theta = theta_sliders(family, {axis: defaults[axis]} if axis in defaults else {})
    values = {
        each.name: each.default if each.name == axis else parameter_slider(objective.name, each)
        for each in objective.parameters
    }
    objective = objective.at(**values) if values else objective
    estimators = estimator_choice(DEFAULT, parameter, family)
    st.markdown(f"${family.latex}$\n\n$f(x) = {objective.latex}$")
setting = Setting(Problem(family, objective, theta, parameter))
with picture:
    key = f"{owner(setting, axis)}.{axis}"
    value = film_value(key, axes[axis], reported(KEY).film)
    curves, unbiased, turns, points, refused = answer_of(setting, axis, estimators, seed)
    if curves:
        at = next(iter(curves.values())).at
        start = int((at - value).abs().argmin())
        verdict = winning(setting, axis, unbiased, turns)
        captions = at_each_point(setting, axis, curves)
        chart(
            variance_curves(
                curves,
                points,
                turns,
                title={SAMPLES.name: "sample size n", DIMENSION.name: "dimension D"}.get(axis, axes[axis].label),
                what="variance of the mean" if axis == SAMPLES.name else "variance of one sample",
                biased=[name for name in curves if name not in unbiased],
                start=start,
                logarithmic=not setting.is_own(axis),
            ),
            key=KEY,
            alt=f"Exact variance against {axes[axis].label} on a logarithmic axis, with sampled points. "
            f"{plain(verdict)} {captions[start]}",
            films=[Film(key, axes[axis].label, at.tolist(), start, updates(curves), captions)],
            table=table(curves, points, axis),
            height=400,
            file_name="variance_curves",
            clicks=False,
        )
        st.markdown(" ".join(filter(None, [verdict, gaps(setting, axis, curves)])))
    for name in curves:
        if name not in unbiased:
            st.warning(ESTIMATORS[name].warning(family, objective), icon=":material/warning:")
    for reason in refused:
        st.info(f"{reason}: it is not drawn.")

folded("variance_curves")
here = float(at[start]) if curves else value
code_that_ran(
    SNIPPET.format(
        family=family.name,
        theta={**theta, axis: here} if axis in theta else theta,
        objective=as_code(objective.at(**{axis: here}) if axis in objective.values else objective),
        parameter=parameter,
        estimators=estimators,
    ),
    [*(ESTIMATORS[name].function for name in estimators), Setting, moments, sampled_points],
)
