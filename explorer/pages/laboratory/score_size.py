"""The size of the score: where q is small the score is large, and there the score function's variance is made."""

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments import score_size as engine
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.score_size import COMPARED, CONTINUOUS, ScoreFilm, noise_ends, score_film
from explorer.core.experiments.sweep import sweep
from explorer.core.families.family import draw_noise
from explorer.figures.score_size import score_size, updates
from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.score_size import at_frame, cautions, described, over_film, table
from explorer.visit.controls import menu, objective_choice, seed_input, segments, theta_sliders
from explorer.visit.links import film_value, now
from explorer.visit.page import as_code, definitions, frame
from explorer.visit.pull import awaited

PAGE = PAGES["score_size"]
DOTS = 60
SNIPPET = """import explorer
import torch
from explorer.core.experiments.score_size import part

family, objective = explorer.FAMILIES[{family!r}], {objective}
theta = {{name: torch.tensor([value], dtype=torch.float64) for name, value in {theta!r}.items()}}
for estimator in {estimators!r}:
    found = part(family, objective, estimator, theta, {parameter!r})
    print(estimator, "variance", float(found.variance), found.faults[0])
    if not found.share.isnan():
        print("  share of the second moment from the outer 5 %:", float(found.share))
"""


def film_of(problem: Problem, values: Tensor, eps: Tensor) -> ScoreFilm:
    """The film, computed once for all visitors. Every curve of it is an exact answer."""
    key = PAGE.stem, problem, tuple(values.tolist()), tuple(eps.tolist())
    return awaited(key, lambda: score_film(problem, values, eps), word("score_size.meanwhile"))


with frame(PAGE) as page:
    with page.controls:
        family = CONTINUOUS[menu("family")]
        objective = objective_choice()
        parameter = family.parameter(now(f"{family.name}.gradient"))
        key = f"{family.name}.{parameter.name}"
        theta = theta_sliders(family, {parameter.name: film_value(key, reported(PAGE.stem).film)})
        definitions(family, objective, COMPARED)
    with page.bar:
        segments(f"{family.name}.gradient", labelled=False)
        with st.popover(word("control.seed"), icon=":material/tune:"):
            seed = seed_input()
    with page.picture:
        eps = draw_noise(family, DOTS, generator_for(seed, torch.device("cpu")))
        low, high = noise_ends(family)
        outer = (eps < low) | (eps > high)
        values, start = sweep(parameter, theta[parameter.name], family, theta)
        # The film visits all values of its own parameter, wherever the slider under it stands.
        others = {**theta, parameter.name: parameter.default}
        film = film_of(Problem(family, objective, others, parameter.name), values, eps)
        captions = [at_frame(film, index) for index in range(len(values))]
        chart(
            score_size(film, start, outer),
            key=PAGE.stem,
            alt=described(film, start),
            films=[Film(key, parameter.label, values.tolist(), start, updates(film, outer), captions)],
            table=table(film, start),
            height=400,
            file_name=PAGE.stem,
            clicks=False,
        )
        st.markdown(over_film(film))
        if reasons := cautions(film):
            st.warning(reasons, icon=":material/warning:")
    page.code(
        SNIPPET.format(
            family=family.name,
            objective=as_code(objective),
            theta=theta,
            parameter=parameter.name,
            estimators=COMPARED,
        ),
        [engine.part, engine.middle, score_film, *(ESTIMATORS[name].function for name in COMPARED)],
    )
