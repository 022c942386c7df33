"""The size of the score: where q is small the score is large, and there the score function's variance is made."""

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments import score_size as core
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.score_size import COMPARED, CONTINUOUS, ScoreFilm, noise_ends, score_film
from explorer.core.experiments.sweep import sweep
from explorer.core.families.family import draw_noise
from explorer.figures.score_size import score_size, updates
from explorer.text import sections
from explorer.verdicts.score_size import at_frame, over_film
from explorer.verdicts.words import plain
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

KEY = "score"
DOTS = 60
ANSWER = f"{KEY}/answer"
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
    """The film, kept for the visit until anything that fixes its numbers changes."""
    identity = problem.identity, tuple(values.tolist()), tuple(eps.tolist())
    return kept(ANSWER, identity, lambda: score_film(problem, values, eps), meanwhile="Exact second moments…")


def table(film: ScoreFilm, start: int) -> dict[str, list[float]]:
    """The picture's numbers at a frame, then the film's, a column a name."""
    columns = {
        "x": film.x[start],
        "density over its peak": film.density[start],
        "score over its root mean square": film.score[start],
        **{f"{name} second moment at x": film.heights[name][start] for name in COMPARED},
        "sample": film.samples[start],
        film.parameter.name: film.values,
        "fisher information": film.fisher,
    }
    for name, part in film.parts.items():
        columns |= {f"{name} outer share": part.share, f"{name} exact variance": part.variance}
    return {name: column.tolist() for name, column in columns.items()}


st.markdown(sections("score_size")["question"])
controls, picture = beside()
with controls:
    family = CONTINUOUS[choice("Distribution", "family", CONTINUOUS, "normal")]
    objective = objective_choice()
names = [parameter.name for parameter in family.parameters]
with picture:
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown("Score of", width="content")
    with bar:
        name = segments("Score of", names, f"{family.name}.gradient", names[0], labelled=False)
    with bar.popover("Seed", icon=":material/tune:"):
        seed = seed_input()
    parameter = family.parameter(name)
    value = film_value(f"{family.name}.{name}", parameter, reported(KEY).film)
with controls:
    theta = theta_sliders(family, {name: value})
with picture:
    eps = draw_noise(family, DOTS, generator_for(seed, torch.device("cpu")))
    low, high = noise_ends(family)
    outer = (eps < low) | (eps > high)
    values, start = sweep(parameter, theta[name], family, theta)
    # The film visits all values of its own parameter, wherever the slider under it stands.
    film = film_of(Problem(family, objective, {**theta, name: parameter.default}, name), values, eps)
    verdict = over_film(film)
    captions = [at_frame(film, frame) for frame in range(len(values))]
    chart(
        score_size(film, start, outer),
        key=KEY,
        alt=f"Above, the density and the size of the score in {name} over x, with {DOTS} samples; below, where the "
        f"second moments of two estimators come from. {plain(verdict)} {captions[start]}",
        films=[Film(f"{family.name}.{name}", parameter.label, values.tolist(), start, updates(film, outer), captions)],
        table=table(film, start),
        height=400,
        file_name="score_size",
        clicks=False,
    )
    st.markdown(verdict)
    for each in COMPARED:
        if caution := ESTIMATORS[each].warning(family, objective):
            st.warning(caution, icon=":material/warning:")
with controls:
    st.markdown(f"${family.latex}$\n\n$f(x) = {objective.latex}$")

folded("score_size")
code_that_ran(
    SNIPPET.format(family=family.name, objective=as_code(objective), theta=theta, parameter=name, estimators=COMPARED),
    [core.part, core.middle, core.score_film, *(ESTIMATORS[each].function for each in COMPARED)],
)
