"""What a gradient means in pixels: against a small step, and for bits against autograd through the average picture."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize

from explorer.vae.codes import all_codes, code_log_weights
from explorer.vae.gradients import BERNOULLI, NORMAL
from explorer.vae.gradients.answers import ElboAnswers, Example
from explorer.vae.gradients.pixels import SINGLE, pixel_steps
from explorer.vae.model import VAE


@pytest.fixture
def example(make_vae: Callable[..., VAE], binary_image: Tensor) -> Callable[[str], Example]:
    return lambda posterior: Example("small", 0, 0, make_vae(2, posterior), binary_image.flatten(1))


def test_a_step_along_the_gradient_changes_the_picture_as_a_small_step_does(example: Callable[[str], Example]) -> None:
    given = example("full")
    pair = (NORMAL["score_function"], NORMAL["pathwise"])
    answers = ElboAnswers.of_example(given, pair, "analytic")
    exact, steps = pixel_steps(given, pair, answers, "analytic", 0)
    double = given.vae.double()
    loc, direction = given.vae.posterior(given.pixels.double()).loc, normalize(answers.truth.mean[None, :2], dim=-1)
    ahead, behind = (double.decode_logits(loc + sign * 1e-4 * direction).sigmoid() for sign in (1, -1))
    torch.testing.assert_close(exact.flatten().double(), ((ahead - behind) / 2e-4)[0], atol=1e-5, rtol=1e-3)
    for each in steps.values():
        assert each.pictures.shape == (SINGLE + 1, 28, 28)
        assert each.many < each.one
    assert steps["pathwise"].one < steps["score_function"].one


def test_for_bits_it_is_the_average_picture_over_all_codes(example: Callable[[str], Example]) -> None:
    given = example("bernoulli")
    chosen = (BERNOULLI["enumeration"],)
    answers = ElboAnswers.of_example(given, chosen, "analytic")
    exact, steps = pixel_steps(given, chosen, answers, "analytic", 0)
    logits = given.vae.bit_logits(given.pixels).detach().requires_grad_()
    with torch.enable_grad():
        codes = all_codes(2, logits)
        average = code_log_weights(logits)[0].exp() @ given.vae.decode_logits(codes).sigmoid().detach()
        slopes = torch.stack([torch.autograd.grad(pixel, logits, retain_graph=True)[0][0] for pixel in average[::97]])
    direction = normalize(answers.truth.mean.float(), dim=0)
    torch.testing.assert_close(exact.flatten()[::97], slopes @ direction, atol=1e-6, rtol=1e-4)
    # The sum over codes has no noise: every sample of it is the gradient.
    assert steps["enumeration"].one == pytest.approx(0, abs=0.1)
    assert not math.isnan(steps["enumeration"].many)
