"""The report on a reader's own estimator: what it prints, from the public face."""

import math
import re

import pytest
import torch

import explorer
from explorer.core.estimators import ESTIMATORS
from explorer.text import short

THETA = {"loc": 2.0, "scale": 1.0}


def printed(family: str, objective: object, theta: dict[str, float], **samples: object) -> str:
    return str(explorer.check_estimator(samples, family, objective, theta))  # type: ignore[arg-type]


def test_a_fair_estimator() -> None:
    samples = explorer.gradient_samples("normal", "square", "pathwise", THETA, 10_000, device="cpu")
    report = explorer.check_estimator(samples, "normal", "square", THETA)
    assert list(report.parameters) == ["loc", "scale"]
    loc = report.parameters["loc"]
    assert loc.gradient == pytest.approx(4.0)
    assert loc.verdict == "agrees"
    assert "pathwise" in loc.like
    text = str(report)
    assert "Gradient of E f under Normal, f(x) = x², at loc = 2, scale = 1" in text
    assert "It agrees with the exact gradient 4:" in text
    assert "Score function: 87, × 0.0" in text
    assert "It behaves like Pathwise, " in text
    assert all(
        short(name) in text for name in ESTIMATORS if "loc" in ESTIMATORS[name].covers(explorer.FAMILIES["normal"])
    )


def test_a_planted_bias() -> None:
    samples = explorer.gradient_samples("normal", "square", "pathwise", THETA, 100_000, device="cpu")["loc"]
    text = printed("normal", "square", THETA, loc=(1.02 * samples).numpy())
    assert "It is biased: 0.0" in text
    assert "Without bias the chance to be further off is less than 10⁻¹²." in text
    assert "It behaves like none of those known." in text


def test_pathwise_on_a_step() -> None:
    step = explorer.OBJECTIVES["step"].at(k=1.0)
    text = printed("normal", step, THETA, loc=[0.0] * 100)
    assert "f(x) = step at k (k = 1)" in text
    assert "It is biased: every sample is −0.242 from the exact gradient 0.241971" in text
    assert "It behaves like Pathwise" in text


def test_what_cannot_be_said() -> None:
    text = printed("cauchy", "square", {"loc": 0.0, "scale": 1.0}, loc=torch.linspace(-1, 1, 100))
    assert "There is no exact gradient to hold it against: E[f] does not exist" in text
    wild = printed("normal", "square", THETA, loc=[0.0] * 999 + [1.0])
    assert "No verdict on the bias (exact gradient 4)" in wild
    assert "What it behaves like cannot be told" in wild
    heavy = printed("student_t", "square", {"df": 3.0, "loc": 0.0, "scale": 1.0}, scale=torch.linspace(1, 11, 100))
    assert "Score function: infinite, not compared" in heavy
    for each in (text, wild, heavy):
        assert not re.search(r"\b(nan|inf|None)\b|-\d|\de-", each)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"family": "nonsense"}, "family must be"),
        ({"objective": "nonsense"}, "objective must be"),
        ({"theta": {"loc": 2.0}}, "normal needs scale"),
        ({"theta": {"loc": 2.0, "scale": -1.0}}, "scale must be"),
        ({"samples": {"rate": [0.0] * 100}}, "no parameter 'rate'"),
        ({"samples": {"loc": [math.nan] * 100}}, "not finite"),
    ],
)
def test_bad_arguments_are_named(change: dict[str, object], fault: str) -> None:
    good = {"samples": {"loc": [0.0] * 100}, "family": "normal", "objective": "square", "theta": THETA}
    with pytest.raises(ValueError, match=fault):
        explorer.check_estimator(**{**good, **change})  # type: ignore[arg-type]
