"""Start: why the trick is needed, in one screen, and the way through the story."""

from collections.abc import Iterable

import streamlit as st

from explorer.core.device import best_device
from explorer.core.estimators import ESTIMATORS, Choice
from explorer.core.experiments.gradient_stream import GradientStream, summarise_gradients
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.pages import PAGES, Page
from explorer.text import word
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients.stream import ElboStream
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import manifest
from explorer.verdicts.claims import CLAIMS
from explorer.verdicts.elbo_gradient import times_of
from explorer.visit.controls import seed_input, slider, switch
from explorer.visit.links import leading
from explorer.visit.live import live_histograms
from explorer.visit.model_state import simplest
from explorer.visit.page import frame
from explorer.visit.pull import soon
from explorer.visit.shipped import example_of
from explorer.visit.state import PAIR

PAGE = PAGES["start"]
BATCH = 4_000
REST_AT = 1_000_000
A_ROW = 3
SNIPPET = """import torch

theta, n = {theta!r}, {n:_}
eps = torch.randn(n, generator=torch.Generator().manual_seed({seed}))
x = theta + eps                      # noise, then transform
score_function = x**2 * (x - theta)  # weights change
pathwise = 2 * x                     # samples move
for name, g in [("score function", score_function), ("pathwise", pathwise)]:
    print(f"{{name}}: {{g.mean():.4f}} ± {{g.std() / n**0.5:.4f}}   (exact: {{2 * theta}})")
"""


def lead_to_a_vae() -> None:
    """The way to the same comparison on a real model and image, with what it comes to there once that is known."""
    try:
        example = example_of(simplest(manifest().models), 0, 0)
        there = ElboStream(example, tuple(NORMAL[each] for each in PAIR), 0, 0)
    except (PretrainedError, ValueError):
        # That page says what is the matter.
        return
    found = soon(*there.question)
    label = word("start.on_a_vae", times=times_of(found.ratio(*PAIR, 0))) if found else word("start.to_a_vae")
    st.page_link(PAGES["elbo_gradient"].script, label=label, icon=":material/arrow_forward:")


def tell_the_story() -> None:
    """The claims in their order, each a link to the picture that shows it; then the pages beyond them."""
    st.markdown(word("claim.title", n=len(CLAIMS)))
    told = {each.page for each in CLAIMS}
    in_columns(
        (
            PAGES[each.page],
            leading(PAGES[each.page].state, each.at),
            word("claim.link", number=i, said=word(f"claim.{each.name}.said")),
        )
        for i, each in enumerate(CLAIMS, 1)
    )
    st.markdown(word("claim.more"))
    others = [entry for entry in PAGES.values() if entry is not PAGE and entry.stem not in told]
    in_columns((entry, {}, word(f"page.{entry.stem}.question")) for entry in others)


def in_columns(links: Iterable[tuple[Page, dict[str, str | list[str]], str]]) -> None:
    """Links, each to a page in a state under a label, in rows."""
    listed = list(links)
    for start in range(0, len(listed), A_ROW):
        for column, (entry, at, label) in zip(st.columns(A_ROW), listed[start : start + A_ROW], strict=False):
            column.page_link(
                entry.script, label=label, icon=":material/arrow_forward:", width="stretch", query_params=at
            )


with frame(PAGE) as page:
    with page.controls:
        theta = slider("theta")
        seed = seed_input()
        playing = switch("play")
    with page.picture:
        problem = Problem(FAMILIES["normal"], OBJECTIVES["square"], {"loc": theta, "scale": 1.0}, "loc")
        stream = GradientStream(problem, Choice(PAIR), seed, best_device().device, REST_AT)
        live_histograms(stream, key=PAGE.stem, batch=BATCH, playing=playing, height=380, below=lead_to_a_vae)
    with page.below:
        tell_the_story()
    page.code(
        SNIPPET.format(theta=theta, n=REST_AT, seed=seed),
        [ESTIMATORS["score_function"].function, ESTIMATORS["pathwise"].function, summarise_gradients],
    )
