"""How fast gradients of a real model's ELBO are, one a sample: in times of its decoder, and beside two other ways.

Score function and pathwise together on the same noise, in the model's own coordinates, of one image under the shipped
model of 50 latents. All three ways give the same numbers for the same noise.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.distributions import Normal, kl_divergence
from torch.func import grad, vmap

from explorer.benchmark.engine import BOTH, REPETITIONS, Ratio, one_thread, ratio
from explorer.core.numerics.isolation import differentiation, isolated
from explorer.core.randomness import Streams
from explorer.vae.elbo import decoded_log_prob
from explorer.vae.gradients import NORMAL
from explorer.vae.gradients.draw import NormalDraw
from explorer.vae.gradients.samples import fresh_draw
from explorer.vae.model import VAE
from explorer.vae.pretrained import load_sample, load_vae

MODEL = "mnist-50d"
N_SAMPLES = 1000
LOOPS = 3
"""Repetitions of the slow way."""
ON_CUDA = 2**17
"""Samples in a batch on a CUDA device."""


@dataclass(frozen=True)
class Rates:
    """Times of the engine's gradients, in times of the decoder; and of the two other ways, in times of the engine's."""

    of_decoder: Ratio
    loop: Ratio
    vmapped: Ratio


@isolated
def gradients(draw: NormalDraw) -> dict[str, Tensor]:
    """The engine's: it encodes the image and draws as many samples again; (n, 1, C) for each estimator."""
    assert draw.streams is not None
    n = len(draw.eps)
    fresh = fresh_draw(draw.vae, draw.pixels, n, draw.streams, draw.kl, full=False)
    return {name: NORMAL[name](fresh) for name in BOTH}


def decoder(draw: NormalDraw) -> Tensor:
    """One batched forward and backward of the decoder at the draw's z: the slope, (n, 1, D)."""
    with differentiation():
        z = draw.z.clone().requires_grad_()
        return torch.autograd.grad(decoded_log_prob(draw.vae, z, draw.pixels).sum(), z)[0]


def looped(draw: NormalDraw) -> dict[str, Tensor]:
    """As a training step is written, for each sample and estimator: encode, transform, the loss, a backward call."""
    vae, pixels = draw.vae, draw.pixels
    prior = Normal(torch.zeros_like(draw.posterior.loc[0]), torch.ones_like(draw.posterior.loc[0]))
    found: dict[str, list[Tensor]] = {name: [] for name in BOTH}
    with differentiation():
        for eps in draw.eps[:, 0]:
            for name in BOTH:
                posterior = vae.posterior(pixels)
                loc, scale = (part[0].detach().requires_grad_() for part in (posterior.loc, posterior.scale))
                q = Normal(loc, scale)
                z = loc + scale * eps
                if name == "pathwise":
                    value = _log_prob(vae, z, pixels[0])
                else:
                    value = _log_prob(vae, z, pixels[0]).detach() * q.log_prob(z.detach()).sum()
                (value - kl_divergence(q, prior).sum()).backward()
                found[name].append(torch.cat([part.grad for part in (loc, scale) if part.grad is not None]))
    return {name: torch.stack(each)[:, None] for name, each in found.items()}


def vmapped(draw: NormalDraw) -> dict[str, Tensor]:
    """By torch.func: the image encoded once, and the gradient of one sample's value mapped over the batch."""
    vae, pixels = draw.vae, draw.pixels
    posterior = vae.posterior(pixels)

    def less_kl(loc: Tensor, scale: Tensor) -> Tensor:
        return scale.log().sum() - 0.5 * (scale.square() + loc.square()).sum()

    def pathwise(loc: Tensor, scale: Tensor, eps: Tensor) -> Tensor:
        return _log_prob(vae, loc + scale * eps, pixels[0]) + less_kl(loc, scale)

    def score_function(loc: Tensor, scale: Tensor, eps: Tensor) -> Tensor:
        z = (loc + scale * eps).detach()
        log_q = -0.5 * ((z - loc) / scale).square().sum() - scale.log().sum()
        return _log_prob(vae, z, pixels[0]).detach() * log_q + less_kl(loc, scale)

    found = {}
    for name, value in (("score_function", score_function), ("pathwise", pathwise)):
        mapped = vmap(grad(value, argnums=(0, 1)), in_dims=(None, None, 0))
        parts = mapped(posterior.loc[0], posterior.scale[0], draw.eps[:, 0])
        found[name] = torch.cat(parts, dim=-1)[:, None]
    return found


def _log_prob(vae: VAE, z: Tensor, pixels: Tensor) -> Tensor:
    """log p(x | z) for one z (D,), as it is usually written."""
    return -F.binary_cross_entropy_with_logits(vae.decode_logits(z), pixels, reduction="sum")


def first_draw(n_samples: int, device: str = "cpu") -> NormalDraw:
    """A draw for the first image of the sample."""
    vae = load_vae(MODEL, device)
    pixels = load_sample()[0][:1].round().flatten(1).to(vae.device)
    draw = fresh_draw(vae, pixels, n_samples, Streams(0, vae.device), "analytic", full=False)
    if not isinstance(draw, NormalDraw):
        raise ValueError(f"{MODEL} must have Gaussian latents")
    return draw


@isolated
def rates(n_samples: int = N_SAMPLES, repetitions: int = REPETITIONS, loops: int = LOOPS) -> Rates:
    """The three ratios, on one thread."""
    draw = first_draw(n_samples)
    with one_thread():
        return Rates(
            ratio(lambda: gradients(draw), lambda: decoder(draw), repetitions),
            ratio(lambda: looped(draw), lambda: gradients(draw), loops),
            ratio(lambda: vmapped(draw), lambda: gradients(draw), repetitions),
        )


@isolated
def samples_per_second_on_cuda(repetitions: int = REPETITIONS) -> float:
    """Samples a second, each with the gradients of both estimators, on a CUDA device."""
    draw = first_draw(ON_CUDA, "cuda")

    def timed() -> float:
        torch.cuda.synchronize()
        start = time.perf_counter()
        gradients(draw)
        torch.cuda.synchronize()
        return time.perf_counter() - start

    timed()
    return ON_CUDA / statistics.median(timed() for _ in range(repetitions))


def run() -> Iterator[str]:
    """The lines of the table."""
    yield f"{N_SAMPLES:,} gradients of the ELBO of {MODEL}, both estimators, one torch thread: median (least)"
    found = rates()
    for label, each in (
        ("both estimators / one batched forward and backward of the decoder", found.of_decoder),
        ("a loop of backward calls / both estimators", found.loop),
        ("torch.func.vmap(grad) / both estimators", found.vmapped),
    ):
        yield f"{label:<78}{each.median:.2f} ({each.least:.2f})"
    if torch.cuda.is_available():
        rate = samples_per_second_on_cuda()
        yield f"{'samples a second on the CUDA device, both estimators each':<78}{rate / 1e6:.2f} million"
