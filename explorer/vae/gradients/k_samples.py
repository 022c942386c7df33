"""Gradients of the K-sample bound, and how large their signal is beside their noise.

    L_K = E log (1/K) sum_k w_k,   w_k = p(x, z_k) / q(z_k | x)              Burda, Grosse & Salakhutdinov 2016

With v_k = w_k / sum_j w_j, one sample of the gradient, of K draws each, is
- pathwise: sum_k v_k d log w_k, by the parameters of q and through z_k;
- doubly reparameterized: sum_k v_k^2 d log w_k through z_k alone            Tucker, Lawson, Gu & Maddison 2019
- in the decoder: sum_k v_k d log p(x | z_k).
At K = 1 these are the gradients of the ELBO: pathwise with the KL sampled, and sticking the landing.

As K grows the bound's gradient in the encoder vanishes faster than its pathwise noise: the ratio falls as 1/sqrt(K),
while in the decoder it rises (Rainforth, Kosiorek, Le, Maddison, Igl, Wood & Teh 2018). Doubly reparameterized it
rises in the encoder too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from explorer.core.numerics.interruption import go_on
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import check_integer
from explorer.core.randomness import Streams
from explorer.vae.gradients.contract import NORMAL, registry_of
from explorer.vae.gradients.draw import NormalDraw
from explorer.vae.gradients.moments import Estimate
from explorer.vae.gradients.normal import pathwise, sticking_the_landing
from explorer.vae.gradients.weights import weight_metric
from explorer.vae.model import VAE

Method = Literal["pathwise", "doubly_reparameterized"]
BLOCKS, BLOCK = 32, 1024
"""Independent parts of the work, whose differences tell the errors, and the draws in each."""
COUNTS = (1, 4, 16, 64)
MOST = 64
"""Largest K: a block then still has sixteen samples."""


def bound(draw: NormalDraw, count: int) -> Tensor:
    """One sample a group of K = `count` draws in a row: log (1/K) sum_k w_k, (n / K, B) nats."""
    return _log_weights(draw, count).logsumexp(1) - math.log(count)


def encoder_gradients(draw: NormalDraw, count: int, method: Method) -> Tensor:
    """One sample of the gradient of L_K in the draw's coordinates a group of K = `count` draws, (n / K, B, C)."""
    sampled, shares = draw.with_kl("sampled"), _log_weights(draw, count).softmax(1)
    if method == "pathwise":
        return _summed(shares, pathwise(sampled))
    return _summed(shares.square(), sticking_the_landing(sampled))


def decoder_gradients(draw: NormalDraw, count: int) -> Tensor:
    """One sample of the gradient of L_K in every bias of the decoder, layer after layer, (n / K, B, biases)."""
    return _summed(_log_weights(draw, count).softmax(1), torch.cat(draw.decoded.bias_slopes, dim=-1))


def _log_weights(draw: NormalDraw, count: int) -> Tensor:
    """log w_k, (n / K, K, B)."""
    return draw.with_kl("sampled").inner.unflatten(0, (-1, count))


def _summed(shares: Tensor, each: Tensor) -> Tensor:
    return torch.einsum("rkb,rkbc->rbc", shares, each.unflatten(0, (-1, shares.shape[1])))


@dataclass(frozen=True)
class SignalToNoise:
    """At one K: the norm of the mean gradient over the root of the total variance of one sample of it.

    In the encoder over all its weights, by two methods; in the decoder over its biases, one for each unit and pixel,
    which stand for the weights, some 400 to a bias. 0 where no signal is seen above the noise. `bound` is
    L_K in nats.
    """

    count: int
    pathwise: Estimate
    doubly_reparameterized: Estimate
    decoder: Estimate
    bound: Estimate


@isolated
def signal_to_noise(vae: VAE, pixels: Tensor, counts: Sequence[int] = COUNTS, *, seed: int = 0) -> list[SignalToNoise]:
    """For flat pixels (1, P) of one image, at each K of `counts`: powers of two up to MOST.

    All from the same BLOCKS times BLOCK draws, so that the work is bounded; it can be interrupted. Raises ValueError
    for another K, a model of bits, or a seed outside [0, 2**63 - 1].
    """
    if registry_of(vae) is not NORMAL:
        raise ValueError("vae must have Gaussian latents: bits have no path for the K-sample bound's gradient")
    for count in counts:
        if BLOCK % check_integer("counts", count, 1, MOST):
            raise ValueError(f"counts must be powers of two, got {count}")
    own = Streams(Streams(seed, torch.device("cpu")).named("k_samples").initial_seed(), vae.device)
    draw = NormalDraw.fresh(vae, pixels, BLOCK, own, kl="sampled", full=False)
    norm = _root(weight_metric(vae, pixels, draw.coordinates))
    parts = {count: _Parts() for count in counts}
    for block in range(BLOCKS):
        go_on()
        draw = draw.again(BLOCK) if block else draw
        for count in counts:
            parts[count].add(draw, count, norm)
    return [each.found(count, BLOCK // count) for count, each in parts.items()]


def _root(metric: Tensor) -> Tensor:
    """F with F^T F = Q, so that F g has the norm that g^T Q g is the square of."""
    values, vectors = torch.linalg.eigh(metric)
    return values.clamp(min=0).sqrt()[:, None] * vectors.mT


class _Blocks:
    """Of each block's samples their mean vector and their mean squared norm, float64."""

    def __init__(self) -> None:
        self.means: list[Tensor] = []
        self.powers: list[Tensor] = []

    def add(self, vectors: Tensor) -> None:
        """The samples (R, C) of a block."""
        self.means.append(vectors.mean(0).cpu().double())
        self.powers.append(vectors.square().sum(-1).cpu().double().mean())

    def without(self, block: int | None) -> tuple[Tensor, Tensor]:
        """The means over all blocks, or all but one."""
        kept = [i for i in range(BLOCKS) if i != block]
        return torch.stack(self.means)[kept].mean(0), torch.stack(self.powers)[kept].mean()


class _Parts:
    """What the blocks say at one K."""

    def __init__(self) -> None:
        self.pathwise, self.doubly_reparameterized, self.decoder = _Blocks(), _Blocks(), _Blocks()
        self.bounds: list[Tensor] = []

    def add(self, draw: NormalDraw, count: int, norm: Tensor) -> None:
        """A block's samples."""
        norm = norm.to(draw.eps.dtype).to(draw.eps.device)
        self.bounds.append(bound(draw, count).cpu().double().mean())
        self.decoder.add(decoder_gradients(draw, count)[:, 0])
        self.pathwise.add(encoder_gradients(draw, count, "pathwise")[:, 0] @ norm.mT)
        self.doubly_reparameterized.add(encoder_gradients(draw, count, "doubly_reparameterized")[:, 0] @ norm.mT)

    def found(self, count: int, samples: int) -> SignalToNoise:
        """With `samples` in each block. Both methods have the same mean: the less noisy one gives it for both."""
        bounds = torch.stack(self.bounds)
        return SignalToNoise(
            count=count,
            pathwise=_jackknifed(self.doubly_reparameterized, self.pathwise, samples),
            doubly_reparameterized=_jackknifed(self.doubly_reparameterized, self.doubly_reparameterized, samples),
            decoder=_jackknifed(self.decoder, self.decoder, samples),
            bound=Estimate(float(bounds.mean()), float(bounds.std()) / math.sqrt(BLOCKS)),
        )


def _jackknifed(signal: _Blocks, noise: _Blocks, samples: int) -> Estimate:
    """Signal to noise from all blocks; its error from what each changes by staying away."""
    each = torch.stack([_ratio(signal, noise, samples, block) for block in range(BLOCKS)])
    error = math.sqrt((BLOCKS - 1) / BLOCKS) * float((each - each.mean()).norm())
    return Estimate(float(_ratio(signal, noise, samples, None)), error)


def _ratio(signal: _Blocks, noise: _Blocks, samples: int, without: int | None) -> Tensor:
    n = samples * (BLOCKS - (without is not None))
    mean, variance = _spread(signal, n, without)
    # The mean of n samples is longer than what it estimates, by its own noise.
    squared = mean.square().sum() - variance / n
    return (squared.clamp(min=0) / _spread(noise, n, without)[1]).sqrt()


def _spread(blocks: _Blocks, n: int, without: int | None) -> tuple[Tensor, Tensor]:
    """The mean vector and the total variance of one sample."""
    mean, power = blocks.without(without)
    return mean, (power - mean.square().sum()) * n / (n - 1)
