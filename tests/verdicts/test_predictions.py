"""Predict, then reveal: every question has a computed answer, at its own state and at its page's default."""

from __future__ import annotations

import re

import pytest

from explorer.pages import PAGES
from explorer.text import catalogue, sections
from explorer.verdicts.predictions.contract import PREDICTIONS, Prediction, of_page
from explorer.visit.predictions import settings_of

EACH = pytest.mark.parametrize("asked", PREDICTIONS.values(), ids=lambda asked: asked.key)
NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none|null)\b", re.IGNORECASE)
RIGHT = {
    "noise_transform.flow": "falls",  # by 1 + wᵀu = 3.4
    "noise_transform.chain": "sample",  # the slope of exp is exp
    "noise_transform.far_out": "noise",  # x = mu + sigma eps: the slope in sigma is eps
    "noise_transform.share": "same",  # F(g(eps; theta); theta) = Phi(eps)
    "noise_transform.staircase": "nought",
    "noise_transform.covariance": "four",  # L₁₁²
    "autograd_graph.unset": "nothing",
    "autograd_graph.through": "pathwise",
    "autograd_graph.jump": "surrogate",
    "autograd_graph.detach": "sign",  # E[log q f'(x)] = 2 mu (-1/2 - log(2 pi)/2)
    "dependence.noise": "nothing",
    "dependence.width": "narrow",  # 2 Φ(δ / 2σ) - 1
    "dependence.discrete": "density",
    "reweighting.far": "two",  # the weights' mean square is exp(4): 50 samples are worth one or two
    "reweighting.width": "wide",  # E w² is infinite for a Normal more than √2 times as wide
    "reweighting.discrete": "weights",
    "reweighting.edge": "half",  # 2 of the 4 that the new Uniform is wide
    "rare_events.median": "nothing",  # a draw within 0.6 of the bump is there in a quarter of the cases
    "rare_events.interval": "third",  # a draw near enough is there in 1 - (1 - 0.3 %)^100
    "rare_events.reach": "beyond",  # the shells at √500 and √1000 are 13 standard deviations apart
    "failures.ramp": "half",  # 0.5 of 0.5 + 0.399
    "failures.constant": "negative",  # -1 / b
    "failures.fast": "score",  # 12.5 against 0.5
    "failures.colder": "colder",
    "gradient_stream.ratio": "twenty",  # 87 / 4
    "gradient_stream.step": "score",
    "gradient_stream.tails": "neither",  # E x⁴ is infinite for ν <= 4
    "gradient_stream.discrete": "two",
    "gradient_stream.edge": "sign",  # -2 / 3 for 4 / 3
    "variance_curves.turn": "one",
    "variance_curves.dimension": "many",  # (3 + 2 · 99 · 2 · … ) / 4, by the formula on the page
    "variance_curves.baseline": "hundred",
    "variance_curves.end": "four",
    "descent.width": "two",  # √(15 / 4) = 1.94
    "descent.samples": "root",  # √8
    "descent.flips": "flips",  # θ becomes -θ
    "descent.step": "still",
    "descent.discrete": "score",
    "repeated_means.error": "three",  # √10
    "repeated_means.centre": "score",  # 87 and 15; 4 and 4
    "repeated_means.wave": "score",  # 1/2 and k²/2
    "repeated_means.discrete": "score",
    "score_size.humps": "outside",  # √6
    "score_size.scale": "rises",
    "score_size.wave": "twenty",
    "latent_space.radius": "shell",  # of width 1/√2 about √D
    "latent_space.halfway": "smaller",
    "traversals.width": "tenth",
    "traversals.last": "nothing",
    "elbo_gradient.ratio": "ten_thousand",
    "elbo_gradient.baseline": "few",
    "elbo_gradient.landing": "tenth",
    "reconstruct.exact": "none",  # no sigmoid is 0 or 1
    "compare.surprise": "second",  # fewer pixels along an edge
    "race.start": "thousands",  # f is -200 and its slope about 1, at four latents
    "race.company": "hundreds",
}
"""The right choices, by theory."""


def at_default(asked: Prediction) -> dict[str, object]:
    return {key: field.default for key, field in PAGES[asked.page].state.items()}


@EACH
def test_a_question_names_a_state_of_its_page(asked: Prediction) -> None:
    state = PAGES[asked.page].state
    assert set(asked.at) <= set(state)
    settings = settings_of(asked, state)
    assert settings.keys() == state.keys()
    for key, texts in asked.at.items():
        written = state[key].write(settings[key])  # type: ignore[arg-type]
        assert written == texts


@EACH
def test_an_answer_is_computed_wherever_the_picture_stands(asked: Prediction) -> None:
    for settings in (settings_of(asked, PAGES[asked.page].state), at_default(asked)):
        revealed = asked.answer(settings)
        assert revealed.right in asked.choices
        assert not NOT_A_NUMBER.search(revealed.sentence)
        assert re.search(r"\d", revealed.sentence) or "finite" in revealed.sentence
        assert not re.search(r"\de[-+]\d|-\d", revealed.sentence)


@EACH
def test_the_right_choice_is_that_of_theory(asked: Prediction) -> None:
    assert asked.answer(settings_of(asked, PAGES[asked.page].state)).right == RIGHT[asked.key]


@EACH
def test_the_words_of_a_question_are_there(asked: Prediction) -> None:
    words = catalogue()
    start = f"prediction.{asked.key}."
    assert words[f"{start}question"].count("?") == 1
    assert [key for key in words if key.startswith(f"{start}choice.")] == [f"{start}choice.{c}" for c in asked.choices]


def test_every_page_of_experiments_asks_a_few() -> None:
    assert {page: len(of_page(page)) for page in PAGES if of_page(page)} == {
        "noise_transform": 6,
        "autograd_graph": 4,
        "dependence": 3,
        "reweighting": 4,
        "rare_events": 3,
        "failures": 4,
        "gradient_stream": 5,
        "variance_curves": 4,
        "descent": 5,
        "repeated_means": 4,
        "score_size": 3,
        "latent_space": 2,
        "traversals": 2,
        "elbo_gradient": 3,
        "reconstruct": 1,
        "compare": 1,
        "race": 2,
    }
    assert not [page for page in PAGES if "experiments" in sections(page)]


def test_an_answer_follows_the_numbers() -> None:
    """The same question elsewhere has another answer: nothing is typed."""
    asked = PREDICTIONS["gradient_stream.ratio"]
    assert asked.answer(at_default(asked)).right == "four"
    assert "7.5 times" in asked.answer(at_default(asked)).sentence
