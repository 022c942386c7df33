"""Which of the two depends on theta: the draw, or what is done with it; both while one parameter moves."""

import streamlit as st
import torch

from explorer.components.chart import Film, chart, reported
from explorer.core.device import generator_for
from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments import dependence as engine
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.problem import Problem
from explorer.core.families import SCALAR
from explorer.core.families.family import draw_noise
from explorer.figures.dependence import dependence, updates
from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.dependence import captions, cautions, described, table, verdict
from explorer.visit.controls import menu, move_bar, objective_choice, theta_sliders
from explorer.visit.messages import tell
from explorer.visit.page import as_code, definitions, frame
from explorer.visit.pull import awaited
from explorer.visit.state import PAIR

PAGE = PAGES["dependence"]
DOTS = 40
SNIPPET = """import explorer
import torch

family, f = explorer.FAMILIES[{family!r}], {objective}
start = {{name: torch.tensor(value, dtype=torch.float64) for name, value in {theta!r}.items()}}
moved = {{**start, {parameter!r}: torch.tensor({value!r}, dtype=torch.float64)}}

eps = family.noise.sample({dots}, torch.Generator().manual_seed({seed})).double()  # no theta in it: drawn once for both
change = f(family.transform(eps, moved)) - f(family.transform(eps, start))  # theta is in what is done with it
print("change of f(g(eps)) on average over the dots", float(change.abs().mean()))

x = family.transform(family.noise.sample(10**6, torch.Generator().manual_seed({seed})).double(), moved)
gone = (1 - (family.log_prob(x, start) - family.log_prob(x, moved)).exp()).clamp(min=0)  # theta is in the draw
print("total variation distance of q", float(gone.mean()), "+-", float(gone.std()) / 1e3)
for estimator in {pair}:  # the two derivatives at theta_0, averaged
    g = explorer.gradient_samples({family!r}, f, estimator, {theta!r}, 10**6, seed={seed}, device="cpu")
    print(estimator, float(g[{parameter!r}].mean()))
"""

with frame(PAGE) as page:
    with page.controls:
        family = SCALAR[menu("family")]
        objective = objective_choice()
        st.markdown(word("dependence.drawn_at"))
        theta = theta_sliders(family)
        definitions(family, objective, PAIR)
    with page.bar:
        name, key, value, seed = move_bar(
            family, reported(PAGE.stem).film, word("button.start_here"), word("dependence.fresh")
        )
    with page.picture:
        problem = Problem(family, objective, theta, name)
        try:
            film = awaited(
                (PAGE.stem, problem, seed),
                lambda: engine.dependence(problem, draw_noise(family, DOTS, generator_for(seed, torch.device("cpu")))),
                word("dependence.meanwhile"),
            )
        except FloatingPointError as error:
            tell(error)
        else:
            now = film.nearest(value)
            chart(
                dependence(film, now),
                key=PAGE.stem,
                alt=described(film, now),
                films=[Film(key, film.parameter.label, film.values.tolist(), now, updates(film), captions(film))],
                table=table(film),
                height=455,
                file_name=PAGE.stem,
                clicks=False,
            )
            answers = awaited(
                (PAGE.stem, "answers", problem), lambda: Answers.of(problem, PAIR), word("dependence.meanwhile")
            )
            st.markdown(verdict(film, now, answers))
            if reasons := cautions(film, answers):
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
            pair=PAIR,
        ),
        [engine.dependence, *(ESTIMATORS[each].function for each in PAIR)],
    )
