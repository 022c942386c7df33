"""A batch of uniform noise of bits and what every estimator of the ELBO's gradient makes of it; each part once.

A bit is 1 where its noise u is below its probability p: the code follows from u, and so does its relaxation, of which
it is the rounding. With the logit l and the logistic noise g = log(1 - u) - log u,

    z = 1[u < p] = 1[l + g > 0]        relaxed at the temperature tau: sigmoid((l + g) / tau).

Shapes: n samples of B images, D bits, which are the C = D coordinates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.randomness import Streams
from explorer.vae.codes import CodeTable, can_enumerate, code_log_probs, code_log_weights, kl_gradient
from explorer.vae.gradients.decoded import Decoded
from explorer.vae.gradients.draw import KL
from explorer.vae.model import VAE

_NARROW = 2.0**-25
"""Noise stays this far from 0 and 1: half of torch's step in float32."""


@dataclass(frozen=True, eq=False)
class BernoulliDraw:
    """Uniform noise u (n, B, D) of bits with q(z | x) = prod Bernoulli(sigmoid(logits)), logits (B, D), pixels (B, P).

    Work on it happens in `isolation`. `table` is what the decoder says of the one image at all codes, where it may be
    looked up there; each sample is decoded where there is none.
    """

    vae: VAE
    pixels: Tensor
    logits: Tensor
    u: Tensor
    kl: KL = "analytic"
    streams: Streams | None = None
    table: CodeTable | None = None

    @classmethod
    def fresh(
        cls, vae: VAE, pixels: Tensor, n: int, streams: Streams, *, kl: KL = "analytic", mirrored: bool = False
    ) -> Self:
        """A draw of n samples an image, pixels (B, P), with noise out of `streams.main`.

        With `mirrored`, n even, the second half is 1 minus the first: pairs whose means are less noisy.
        """
        logits = vae.bit_logits(pixels)
        table = CodeTable(vae, pixels) if len(pixels) == 1 and can_enumerate(vae) else None
        return cls(vae, pixels, logits, _uniform(n, logits, streams.main, mirrored), kl, streams, table)

    @classmethod
    def of_codes(cls, vae: VAE, pixels: Tensor, *, kl: KL = "analytic") -> Self:
        """Every code once, in the order of `all_codes`, for pixels (1, P): each with noise that gives it."""
        logits, table = vae.bit_logits(pixels), CodeTable(vae, pixels)
        p, codes = torch.sigmoid(logits), table.codes[:, None]
        return cls(vae, pixels, logits, torch.where(codes > 0, p / 2, (1 + p) / 2), kl, None, table)

    def again(self, n: int, *, mirrored: bool = False) -> Self:
        """Another n samples of the same images, which go on in the stream; what is known of all codes is kept.

        Raises ValueError for a draw without streams.
        """
        if self.streams is None:
            raise ValueError("a draw without streams cannot be made again")
        return replace(self, u=_uniform(n, self.logits, self.streams.main, mirrored))

    def with_kl(self, kl: KL) -> Self:
        """The same noise with the KL term known or sampled; what the decoder says is shared."""
        if kl == self.kl:
            return self
        other = replace(self, kl=kl)
        other.__dict__["decoded"] = self.decoded
        return other

    @cached_property
    def coordinates(self) -> list[tuple[str, tuple[int, ...]]]:
        """What each of the C coordinates is: ("logits", (i,)), counted from 0."""
        return [("logits", (i,)) for i in range(self.logits.shape[-1])]

    @cached_property
    def p(self) -> Tensor:
        """The probability that a bit is 1, (B, D)."""
        return torch.sigmoid(self.logits)

    @cached_property
    def q(self) -> Tensor:
        """The probability that it is 0, (B, D): 1 - p would lose it where p is next to 1."""
        return torch.sigmoid(-self.logits)

    @cached_property
    def z(self) -> Tensor:
        """The codes, (n, B, D) of 0 and 1."""
        return (self.u < self.p).to(self.logits.dtype)

    @cached_property
    def decoded(self) -> Decoded:
        """What the decoder says at each code: shared by draws that differ in the KL alone."""
        return self.at(self.z)

    @cached_property
    def _numbers(self) -> Tensor:
        """Which code each sample of the one image is, (n, 1)."""
        assert self.table is not None
        return self.table.number(self.z)

    @cached_property
    def log_prob(self) -> Tensor:
        """log p(x | z), (n, B)."""
        return self.decoded.log_prob if self.table is None else self.table.log_prob[self._numbers]

    @cached_property
    def slope(self) -> Tensor:
        """The gradient of log p(x | z) in z at the codes, (n, B, D)."""
        return self.decoded.slope if self.table is None else self.table.slope[self._numbers]

    @cached_property
    def inner(self) -> Tensor:
        """What the expectation is of, (n, B): log p(x | z), or log p(x, z) - log q(z | x) with the KL sampled."""
        if self.kl == "analytic":
            return self.log_prob
        log_q = (self.logits * self.z - F.softplus(self.logits)).sum(-1)
        return self.log_prob - self.logits.shape[-1] * math.log(2) - log_q

    @cached_property
    def score(self) -> Tensor:
        """The gradient of log q(z | x) in the logits, (n, B, D): z - p."""
        return torch.where(self.z > 0, self.q, -self.p)

    @cached_property
    def minus_kl_gradient(self) -> Tensor:
        """Minus the gradient of the KL in the logits, (B, D)."""
        return -kl_gradient(self.logits)

    @property
    def known(self) -> Tensor:
        """What is known exactly of the ELBO's gradient beside that of E[inner], (B, D): minus that of the KL, or 0."""
        return self.minus_kl_gradient if self.kl == "analytic" else torch.zeros_like(self.logits)

    @cached_property
    def mirrored(self) -> Self:
        """The draw at 1 - u: its bits have the same law, and differ from these as often as they can."""
        other = replace(self, u=1 - self.u)
        # u = 1 - p is a tie, which rounding makes possible: the strict side is the one whose law is p.
        other.__dict__["z"] = (self.u > self.q).to(self.logits.dtype)
        return other

    def relaxed(self, temperature: float) -> Tensor:
        """The softened codes, (n, B, D) in (0, 1), whose rounding is z."""
        return torch.sigmoid(self._height(temperature))

    def path(self, temperature: float) -> Tensor:
        """The derivative of the softened codes in the logits at fixed noise, (n, B, D)."""
        height = self._height(temperature)
        return torch.sigmoid(height) * torch.sigmoid(-height) / temperature

    def _height(self, temperature: float) -> Tensor:
        return (self.logits + torch.log1p(-self.u) - self.u.log()) / temperature

    def at(self, z: Tensor) -> Decoded:
        """log p(x | z) and its slope at other points z (n, B, D)."""
        return Decoded(self.vae, self.pixels, z)

    @cached_property
    def exact(self) -> Tensor:
        """The gradient of E[log p(x | z)] in the logits, (B, D), as a sum over all codes: no noise enters.

        It is sum_z q(z) log p(x | z) (z - p). Raises ValueError for too many bits.
        """
        if not can_enumerate(self.vae):
            raise ValueError(f"the codes of {self.vae.n_latents} bits are too many to add up")
        table = self.table or CodeTable(self.vae, self.pixels)
        log_prob = code_log_probs(self.vae, self.pixels) if self.table is None else self.table.log_prob[None]
        weighted = code_log_weights(self.logits).exp() * (log_prob - log_prob.mean(-1, keepdim=True))
        return (weighted @ table.codes) * self.q - (weighted @ (1 - table.codes)) * self.p


def _uniform(n: int, logits: Tensor, generator: torch.Generator, mirrored: bool) -> Tensor:
    rows = n // 2 if mirrored else n
    u = torch.rand(rows, *logits.shape, device=logits.device, generator=generator).clamp_(_NARROW, 1 - 2 * _NARROW)
    return torch.cat([u, 1 - u]) if mirrored else u
