"""Start: why the trick is needed, in one screen."""

import streamlit as st

from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.gradient_stream import summarise_gradients
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.pages import PAGES
from explorer.text import sections
from explorer.visit.controls import beside, code_that_ran, folded, seed_input
from explorer.visit.live import Experiment, live_histograms

BATCH = 4_000
REST_AT = 1_000_000
SNIPPET = """import torch

theta, n = {theta!r}, {n:_}
eps = torch.randn(n, generator=torch.Generator().manual_seed({seed}))
x = theta + eps                      # noise, then transform
score_function = x**2 * (x - theta)  # weights change
pathwise = 2 * x                     # samples move
for name, g in [("score function", score_function), ("pathwise", pathwise)]:
    print(f"{{name}}: {{g.mean():.4f}} ± {{g.std() / n**0.5:.4f}}   (exact: {{2 * theta}})")
"""

st.markdown(sections("start")["question"])
controls, picture = beside()
with controls:
    st.markdown(sections("start")["lead"])
    theta = st.slider("θ", -3.0, 3.0, 2.0, 0.1, key="theta", bind="query-params")
    seed = seed_input()
    playing = st.toggle("Play", True, key="play", bind="query-params")
problem = Problem(FAMILIES["normal"], OBJECTIVES["square"], {"loc": theta, "scale": 1.0}, "loc")
with picture:
    live_histograms(
        Experiment(problem, seed, batch=BATCH, rest_at=REST_AT),
        key="start.histograms",
        playing=playing,
        means=False,
        height=400,
    )

LINKS = {
    "noise_transform": "How can a random sample have a derivative?",
    "reweighting": "Samples move, or weights change: which is it?",
    "gradient_stream": "Which estimator is closer, and when?",
    "variance_curves": "Who needs fewer samples, and where?",
    "descent": "Which estimator finds the bottom first?",
    "latent_space": "What did it let a real VAE learn?",
}
for columns, row in ((st.columns(3), list(LINKS)[:3]), (st.columns(3), list(LINKS)[3:])):
    for column, page in zip(columns, row, strict=True):
        column.page_link(PAGES[page].script, label=LINKS[page], icon=":material/arrow_forward:", width="stretch")

folded("start")
code_that_ran(
    SNIPPET.format(theta=theta, n=REST_AT, seed=seed),
    [ESTIMATORS["score_function"].function, ESTIMATORS["pathwise"].function, summarise_gradients],
)
