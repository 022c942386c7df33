"""Where the gradient stops: PyTorch's own graph of sample(), of rsample() and of the surrogate, step by step."""

import streamlit as st

from explorer.components.autograd_graph import autograd_graph, last_step, reported_stand
from explorer.core.experiments import autograd_graph as engine
from explorer.core.experiments.answers import Answers
from explorer.core.experiments.autograd_graph import FAMILY
from explorer.core.experiments.autograd_record import Tape
from explorer.core.experiments.problem import Problem
from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.autograd_graph import as_csv, verdict
from explorer.visit.controls import objective_choice, seed_input
from explorer.visit.links import field, film_theta, hold, now
from explorer.visit.memory import kept
from explorer.visit.messages import tell
from explorer.visit.page import as_code, definitions, frame
from explorer.visit.pull import awaited
from explorer.visit.state import PAIR

PAGE = PAGES["autograd_graph"]
KEYS = tuple(f"{FAMILY.name}.{each.name}" for each in FAMILY.parameters)
SNIPPET = """import explorer
import torch
from torch.distributions import Normal

f = {objective}
mu, sigma = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in {theta})


def walk(node, depth=0):
    print("   " * depth, "not followed" if node is None else node.name())
    for below, _ in node.next_functions if node else ():
        walk(below, depth + 1)


def run(name, output):
    mu.grad = sigma.grad = None
    print(name, float(output.detach()))
    walk(output.grad_fn, 1)
    try:
        output.backward()
        print("   mu.grad", float(mu.grad), "  sigma.grad", float(sigma.grad))
    except RuntimeError as error:
        print("   RuntimeError:", error)


with torch.no_grad():  # what Normal(mu, sigma).sample() runs, here with a seed of our own
    drawn = torch.normal(mu, sigma, generator=torch.Generator().manual_seed({seed}))
eps = torch.normal(torch.zeros_like(drawn), 1.0, generator=torch.Generator().manual_seed({seed}))
run("sample()", f(drawn))
run("rsample()", f(mu + eps * sigma))
run("surrogate", f(drawn).detach() * Normal(mu, sigma).log_prob(drawn))
"""

with frame(PAGE) as page:
    with page.controls:
        objective = objective_choice()
        seed = seed_input()
        definitions(FAMILY, objective, PAIR)
    with page.picture:
        values, left = reported_stand(PAGE.stem, len(KEYS)) or ((), None)
        released = {key: value for key, value in zip(KEYS, values, strict=False) if field(key).allows(value)}
        theta = film_theta(FAMILY, released)
        settings = objective.identity, tuple(theta.items()), seed
        films = kept(f"{PAGE.stem}/films", settings, lambda: engine.autograd_films(objective, theta, seed))
        last = last_step(films[0].graphs)
        step = left if left is not None and 0 <= left <= last else now("step", held=True)
        hold("step", field("step").default if step >= last else step)
        autograd_graph(key=PAGE.stem, films=dict(zip(KEYS, films, strict=True)), step=min(step, last))
        try:
            averages = kept(f"{PAGE.stem}/averages", settings, lambda: engine.averaged(objective, theta, seed))
        except FloatingPointError as error:
            tell(error)
        else:
            exact = awaited(
                (PAGE.stem, settings[:2]),
                lambda: {name: Answers.of(Problem(FAMILY, objective, theta, name), ()).gradient for name in theta},
                word("autograd_graph.meanwhile"),
            )
            st.markdown(verdict(films[0], averages, exact))
            st.download_button(
                word("button.table"),
                as_csv(films[0]),
                f"{PAGE.stem}.csv",
                "text/csv",
                icon=":material/download:",
                on_click="ignore",
            )
    page.code(
        SNIPPET.format(objective=as_code(objective), theta=tuple(theta.values()), seed=seed),
        [engine.autograd_films, engine.recorded, Tape],
    )
