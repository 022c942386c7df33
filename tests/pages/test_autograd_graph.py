"""Where the gradient stops: what is sent, links, and the script against the verdict."""

from __future__ import annotations

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.core.experiments.autograd_graph import OBJECTIVES
from explorer.pages import LAST_STEP
from explorer.text.numbers import number
from tests.pages.apps import NOT_A_NUMBER, components, healthy, link, printed, said, visit

PAGE = "autograd_graph"


def graph(app: AppTest) -> dict[str, Any]:
    (found,) = components(healthy(app), "explorer_autograd_graph")
    return found


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_is_sent_whole(name: str) -> None:
    app = visit(PAGE, objective=name, **{"normal.loc": "-4", "normal.scale": "0.1"})
    sent = graph(app)
    for film in sent["films"]:
        assert film["values"][film["start"]] in (-4, 0.1)
        for panel, numbers in zip(sent["panels"], film["panels"], strict=True):
            assert len(numbers["values"]) == len(panel["boxes"])
            assert len(numbers["gradients"]) == len(panel["lines"])
            for texts in (*numbers["values"], *numbers["gradients"]):
                assert len(texts) in (0, 1, len(film["values"]))
                assert not [text for text in texts if NOT_A_NUMBER.search(text) or re.search(r"e|-", text)]
    assert [bool(panel["fault"]) for panel in sent["panels"]] == [True, name == "step", False]
    assert not NOT_A_NUMBER.search(said(app))


def test_a_link_restores_the_place_and_the_step() -> None:
    query = {"objective": "cosine", "cosine.k": "3", "normal.loc": "-0.5", "normal.scale": "0.8", "step": "9"}
    app = visit(PAGE, **query)
    sent = graph(app)
    assert [film["values"][film["start"]] for film in sent["films"]] == [-0.5, 0.8]
    assert sent["step"] == 9
    assert link(app) == query


@pytest.mark.parametrize("step", [14, 15, LAST_STEP])
def test_a_step_past_the_last_is_the_last_and_leaves_the_link(step: int) -> None:
    app = visit(PAGE, step=f"{step}")
    assert graph(app)["step"] == graph(app)["last"] == 14
    assert link(app) == {}


def test_the_script_prints_what_the_verdict_says() -> None:
    app = visit(PAGE, objective="squared_exponential", seed="4", **{"normal.loc": "0.5"})
    text = printed(app.code[0].value)
    assert "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn" in text
    found = re.findall(r"mu\.grad (\S+)\s+sigma\.grad (\S+)", text)
    assert len(found) == 2
    for mu, sigma in found:
        assert f"μ.grad = **{number(float(mu), 3)}**, σ.grad = **{number(float(sigma), 3)}**" in said(app)
    for name in ("AccumulateGrad", "MulBackward0", "ExpBackward0", "not followed"):
        assert name in text
