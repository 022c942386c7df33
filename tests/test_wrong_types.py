"""What a notebook hands in: numpy's numbers and arrays are as good as torch's, anything else is refused in words."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import explorer
from explorer.vae.pretrained import load_sample
from explorer.verdicts.checked_estimator import Report

VAE = explorer.load_vae("mnist-2d", "cpu")
IMAGES = load_sample()[0][:2]
THETA = {"loc": 1.0, "scale": 1.0}
Z = torch.tensor([[0.5, -1.0]])
ANYTHING = (None, True, 1.5, -1, 3, "nonsense", "", b"normal", [], {}, (1, 2), object(), math.nan, 1j, print, len)
ARRAYS = (np.array([1.0, 2.0]), np.array(1.0), np.array(["a"]), np.array([1j]), np.True_, torch.tensor([1.0, 2.0]))
WRONG = (*ANYTHING, *ARRAYS, torch.tensor(True), torch.tensor([1j]), torch.zeros(0), np.zeros((2, 1, 28, 28), np.uint8))
GOOD: dict[str, dict[str, Any]] = {
    "sample": {"family": "normal", "theta": THETA, "n_samples": 3, "seed": 0},
    "gradient_samples": {
        "family": "normal",
        "objective": "square",
        "estimator": "pathwise",
        "theta": THETA,
        "n_samples": 3,
        "seed": 0,
        "device": "cpu",
    },
    "exact_gradient": {"family": "normal", "objective": "square", "theta": THETA},
    "exact_variance": {"family": "normal", "objective": "square", "estimator": "pathwise", "theta": THETA},
    "check_estimator": {
        "samples": {"loc": torch.linspace(0, 4, 200)},
        "family": "normal",
        "objective": "square",
        "theta": THETA,
    },
    "formula": {"text": "x^2"},
    "load_vae": {"name": "mnist-2d", "device": "cpu"},
    "elbo": {"vae": VAE, "images": IMAGES, "n_samples": 2, "seed": 0},
    "log_likelihood": {"vae": VAE, "images": IMAGES, "n_samples": 2, "seed": 0},
    "elbo_gradient_samples": {
        "vae": VAE,
        "image": IMAGES[0],
        "estimator": "pathwise",
        "n_samples": 2,
        "seed": 0,
        "kl": "sampled",
    },
    "exact_elbo_gradient": {"vae": VAE, "image": IMAGES[0]},
    "exact_elbo_variance": {"vae": VAE, "image": IMAGES[0], "estimator": "pathwise", "kl": "sampled"},
    "encode": {"images": IMAGES},
    "decode": {"z": Z},
}
"""Good arguments of each public function and of the model's two."""
NOT_WRONG = {"n_samples": (3,), "seed": (3,), "device": (None,)}
"""By the argument's name, which of WRONG are right."""
SAID = {"text": "formula|unknown name|value is missing", "image": "images?", "theta": "mapping|parameter|needs"}
"""What a message calls an argument, where not by its name."""
NOT_ASKED = {"folder"}
"""Arguments that are for this project's own use."""


def function(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(explorer, name, None) or getattr(VAE, name)
    return found


def test_every_public_function_and_argument_is_asked() -> None:
    functions = {name for name in explorer.__all__ if callable(getattr(explorer, name))}
    assert functions | {"encode", "decode"} == set(GOOD)
    for name, good in GOOD.items():
        assert set(inspect.signature(function(name)).parameters) - NOT_ASKED == set(good)


@pytest.mark.parametrize(("name", "argument"), [(name, argument) for name, good in GOOD.items() for argument in good])
def test_wrong_types_are_refused_in_words(name: str, argument: str) -> None:
    for wrong in WRONG:
        if any(wrong is right for right in NOT_WRONG.get(argument, ())):
            continue
        with pytest.raises(ValueError, match=SAID.get(argument, argument)) as refused:
            function(name)(**{**GOOD[name], argument: wrong})
        assert len(str(refused.value)) > 15, wrong


def test_wrong_types_within_theta_are_refused_in_words() -> None:
    for wrong in WRONG:
        if not any(wrong is right for right in (*ANYTHING[2:5], ARRAYS[1])):
            with pytest.raises(ValueError, match="loc must be a number"):
                explorer.exact_gradient("normal", "square", {**THETA, "loc": wrong})


def told(found: Any) -> list[Any]:
    """The numbers of an answer; of a report what it says."""
    if isinstance(found, Report):
        return [str(found)]
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, tuple) else [found]
    return [float(value) for part in parts for value in torch.as_tensor(part).flatten()]


NUMPY: dict[str, Any] = {
    "theta": {name: np.float32(value) for name, value in THETA.items()},
    "n_samples": np.int64(3),
    "seed": np.uint8(3),
    "images": IMAGES.numpy()[::-1],
    "image": IMAGES[0].double().numpy(),
    "z": Z.numpy().astype(np.float64),
}


@pytest.mark.parametrize("name", [name for name, good in GOOD.items() if NUMPY.keys() & good.keys()])
def test_numpys_numbers_and_arrays_are_as_good_as_torchs(name: str) -> None:
    changes = {key: value for key, value in NUMPY.items() if key in GOOD[name]}
    same = {"theta": THETA, "n_samples": 3, "seed": 3, "images": IMAGES.flip(0), "image": IMAGES[0], "z": Z}
    found = function(name)(**{**GOOD[name], **changes})
    expected = function(name)(**{**GOOD[name], **{key: same[key] for key in changes}})
    assert told(found) == told(expected)


def test_integers_are_not_rounded_in_an_objective() -> None:
    """0.5 in the integers' own type would be 0."""
    half = explorer.formula("0.5*x + 0.25")
    for x in (torch.tensor([1, 2]), np.array([1, 2]), [1, 2], torch.tensor([1, 2], dtype=torch.uint8)):
        assert half(x).tolist() == [0.75, 1.25]
        assert half.slope(x).tolist() == [0.5, 0.5]
    assert float(half(2)) == 1.25
    assert float(half(0.1)) == pytest.approx(0.3, abs=1e-15)
    assert half(torch.tensor([1.0])).dtype == torch.float32
    for objective in explorer.OBJECTIVES.values():
        expected = objective(torch.tensor([2.0, -3.0], dtype=torch.float64))
        assert torch.equal(objective(torch.tensor([2, -3])), expected)


@pytest.mark.parametrize("x", ["1", None, True, 1j, [[1], [1, 2]], torch.tensor([True]), {}, np.array(["a"])])
def test_an_objective_of_no_numbers_is_refused(x: Any) -> None:
    for call in (explorer.OBJECTIVES["square"], explorer.formula("sin(x)").slope):
        with pytest.raises(ValueError, match="x must be"):
            call(x)


def test_bytes_are_told_what_to_do() -> None:
    with pytest.raises(ValueError, match="divide bytes by 255"):
        VAE.encode(torch.zeros(1, 1, 28, 28, dtype=torch.uint8))
