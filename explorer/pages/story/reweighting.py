"""Samples move, or weights change: the same noise in both uses while one parameter moves under the hand."""

import dataclasses

import streamlit as st
import torch

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.estimators import ESTIMATORS
from explorer.core.expectations.quadrature import QuadratureError
from explorer.core.experiments import reweighting as engine
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.reweighting import Reweighting
from explorer.core.families import SCALAR
from explorer.core.families.family import draw_noise
from explorer.core.parameters import Parameter
from explorer.figures.reweighting import reweighting, updates
from explorer.text import sections
from explorer.verdicts.reweighting import captions, cautions, described, table, verdict
from explorer.visit.controls import (
    as_code,
    beside,
    choice,
    code_that_ran,
    folded,
    objective_choice,
    seed_input,
    segments,
    theta_sliders,
)
from explorer.visit.links import film_value
from explorer.visit.memory import kept
from explorer.visit.messages import tell

KEY = "weights"
FILM = f"{KEY}/film"
DOTS = 50
AWAY = 12
"""Steps of its slider from a parameter's default to where the film stands at first."""
SNIPPET = """import explorer
import torch

family, objective = explorer.FAMILIES[{family!r}], {objective}
theta_0 = {theta!r}
start = {{name: torch.tensor(value, dtype=torch.float64) for name, value in theta_0.items()}}
moved = {{**start, {parameter!r}: torch.tensor({value!r}, dtype=torch.float64)}}
eps = family.noise.sample({dots}, torch.Generator().manual_seed({seed})).double()
x = family.transform(eps, start)

w = torch.exp(family.log_prob(x, moved) - family.log_prob(x, start))  # samples stay, weights change
print("weighted mean", float((w * objective(x)).mean()), " effective", float(w.sum() ** 2 / (w * w).sum()))
print("moved mean   ", float(objective(family.transform(eps, moved)).mean()))  # weights stay, samples move
for estimator in ("score_function", "pathwise"):  # the slopes of both at theta_0
    g = explorer.gradient_samples({family!r}, objective, estimator, theta_0, {dots}, seed={seed}, device="cpu")
    print(estimator, float(g[{parameter!r}].mean()))
"""


def film_of(problem: Problem, seed: int) -> Reweighting:
    """The film, kept for the visit until anything that fixes its numbers changes: the slider under it does not."""

    def made() -> Reweighting:
        eps = draw_noise(problem.family, DOTS, generator_for(seed, torch.device("cpu")))
        return engine.reweighting(problem, eps)

    return kept(FILM, (problem.identity, seed), made, meanwhile="Exact values…")


def away(parameter: Parameter) -> Parameter:
    """The parameter as the slider under the picture has it: its default is a little way off, where the uses part."""
    up, down = (round(parameter.default + steps * parameter.step, 9) for steps in (AWAY, -AWAY))
    return dataclasses.replace(parameter, default=up if up <= parameter.slider[1] else down)


def draw_afresh(key: str, value: float) -> None:
    """For a button's `on_click`: theta_0 goes to where the slider under the picture is."""
    st.session_state[key] = value


st.markdown(sections("reweighting")["question"])
controls, picture = beside()
with controls:
    st.markdown(sections("reweighting")["lead"])
    family = SCALAR[choice("Distribution", "family", SCALAR, "normal")]
    objective = objective_choice()
    st.markdown("Drawn at θ₀:")
    theta = theta_sliders(family)
with picture:
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown("Then move", width="content")
    with bar:
        name = segments("Then move", list(theta), f"{family.name}.move", next(iter(theta)), labelled=False)
    parameter = family.parameter(name)
    key = f"{family.name}.{name}.to"
    value = film_value(key, away(parameter), reported(KEY).film)
    bar.button(
        "Draw afresh here",
        icon=":material/restart_alt:",
        on_click=draw_afresh,
        args=(f"{family.name}.{name}", value),
        help="Takes the value under the picture for θ₀: all weights are 1 again",
    )
    with bar.popover("Seed", icon=":material/tune:"):
        seed = seed_input()
    try:
        film = film_of(Problem(family, objective, theta, name), seed)
    except FloatingPointError as error:
        tell(error)
    except QuadratureError as error:
        st.error(f"There is no exact answer here: {error}.", icon=":material/error:")
    else:
        now = film.nearest(value)
        chart(
            reweighting(film, now),
            key=KEY,
            alt=described(film, now),
            films=[Film(key, parameter.label, film.values.tolist(), now, updates(film), captions(film))],
            table=table(film),
            height=430,
            file_name="reweighting",
            clicks=False,
        )
        st.markdown(verdict(film))
        if reasons := cautions(film):
            st.warning(reasons, icon=":material/warning:")

folded("reweighting")
code_that_ran(
    SNIPPET.format(
        family=family.name,
        objective=as_code(objective),
        theta=theta,
        parameter=name,
        value=value,
        dots=DOTS,
        seed=seed,
    ),
    [engine.reweighting, *(ESTIMATORS[name].function for name in ("score_function", "pathwise"))],
)
