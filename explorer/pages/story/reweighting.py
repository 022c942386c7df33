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
from explorer.figures.reweighting import reweighting, updates
from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.reweighting import captions, cautions, described, table, verdict
from explorer.visit.controls import menu, move_bar, objective_choice, theta_sliders
from explorer.visit.memory import kept
from explorer.visit.messages import tell, unknown
from explorer.visit.page import as_code, definitions, frame
from explorer.visit.pull import next_part, patience
from explorer.visit.state import PAIR
from explorer.visit.store import STORE

PAGE = PAGES["reweighting"]
DOTS = 50
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


def film_of(problem: Problem, seed: int, patience: float) -> Reweighting:
    """The film, kept for the visit until anything that fixes its numbers changes: the slider under it does not."""

    def made() -> Reweighting:
        return engine.weighed(problem, draw_noise(problem.family, DOTS, generator_for(seed, torch.device("cpu"))))

    film = kept(f"{PAGE.stem}/film", (problem, seed), made)
    truth = STORE.ask((PAGE.stem, problem), lambda: engine.truth_along(problem), patience)
    return dataclasses.replace(film, truth=truth.value) if truth else film


with frame(PAGE) as page:
    with page.controls:
        family = SCALAR[menu("family")]
        objective = objective_choice()
        st.markdown(word("reweighting.drawn_at"))
        theta = theta_sliders(family)
        definitions(family, objective, PAIR)
    with page.bar:
        report = reported(PAGE.stem)
        name, key, value, seed = move_bar(family, report.film, word("button.draw_afresh"), word("help.draw_afresh"))
    with page.picture:
        try:
            film = film_of(Problem(family, objective, theta, name), seed, patience(report))
        except FloatingPointError as error:
            tell(error)
        except QuadratureError as error:
            unknown(error)
        else:
            now = film.nearest(value)
            chart(
                reweighting(film, now),
                key=PAGE.stem,
                alt=described(film, now),
                films=[Film(key, film.parameter.label, film.values.tolist(), now, updates(film), captions(film))],
                table=table(film),
                pull=None if film.truth else next_part(PAGE.stem),
                slow=True,
                height=430,
                file_name=PAGE.stem,
                clicks=False,
            )
            st.markdown(verdict(film))
            if reasons := cautions(film):
                st.warning(reasons, icon=":material/warning:")
    page.code(
        SNIPPET.format(
            family=family.name,
            objective=as_code(objective),
            theta=theta,
            parameter=name,
            value=value,
            dots=DOTS,
            seed=seed,
        ),
        [engine.weighed, engine.truth_along, *(ESTIMATORS[each].function for each in PAIR)],
    )
