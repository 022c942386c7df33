"""A batch of noise and what every estimator of the ELBO's gradient makes of it; each part is computed once.

Shapes: n samples of B images, D latents, P pixels, C coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Self

import torch
from torch import Tensor

from explorer.core.randomness import Streams
from explorer.vae.gradients.decoded import Decoded
from explorer.vae.gradients.moments import least_variance_baseline
from explorer.vae.gradients.noise_grid import GRIDDED, noise_grid
from explorer.vae.model import VAE, Posterior

KL = Literal["analytic", "sampled"]
"""Whether the KL term is known exactly or is part of what is sampled."""
PILOT = 1024
"""Samples that the optimal baseline is estimated from where it is no integral over a grid."""
COARSE = 21
"""Nodes an axis for the baseline: what it is wrong by, 1e-6 of f, matters squared."""


@dataclass(frozen=True, eq=False)
class NormalDraw:
    """Noise eps (n, B, D) of q(z | x) = N(loc, L L^T), z = loc + L eps. Work on it happens in `isolation`.

    pixels (B, P). With `full`, the coordinates are the whole lower triangle of L even where the model's own L is
    diagonal: the Gaussian is treated as the one it is. Else they are the model's own free entries.
    `streams` is where what an estimator needs beside eps is drawn from. `baseline` is the optimal baseline (B, C) of
    this posterior and kl where it is known already.
    """

    vae: VAE
    pixels: Tensor
    posterior: Posterior
    eps: Tensor
    kl: KL = "analytic"
    full: bool = True
    streams: Streams | None = None
    baseline: Tensor | None = None

    @classmethod
    def fresh(
        cls,
        vae: VAE,
        pixels: Tensor,
        n: int,
        streams: Streams,
        *,
        kl: KL = "analytic",
        full: bool = True,
        mirrored: bool = False,
    ) -> Self:
        """A draw of n samples an image, pixels (B, P), with noise out of `streams.main`.

        With `mirrored`, n even, the second half is minus the first: pairs whose means are less noisy.
        """
        posterior = vae.posterior(pixels)
        return cls(vae, pixels, posterior, _normal(n, posterior, streams.main, mirrored), kl, full, streams)

    def again(self, n: int, *, mirrored: bool = False) -> Self:
        """Another n samples of the same posterior, which go on in the stream; what is known of it is kept."""
        if self.streams is None:
            raise ValueError("a draw without streams cannot be made again")
        eps = _normal(n, self.posterior, self.streams.main, mirrored)
        return replace(self, eps=eps, baseline=self.__dict__.get("optimal_baseline", self.baseline))

    def with_kl(self, kl: KL) -> Self:
        """The same noise with the KL term known or sampled; what the decoder says is shared."""
        if kl == self.kl:
            return self
        other = replace(self, kl=kl, baseline=None)
        other.__dict__["decoded"] = self.decoded  # fills the other's cached property
        return other

    @cached_property
    def optimal_baseline(self) -> Tensor:
        """b* = E[f s^2] / E[s^2] of each coordinate, (B, C), f the inner function and s the score.

        Up to two latents an integral over a grid of noise; else estimated from PILOT samples of their own. Either way
        it does not depend on eps, so that (f - b*) s stays unbiased. Raises ValueError where it must be estimated and
        the draw has no streams.
        """
        if self.baseline is not None:
            return self.baseline
        B, D = self.posterior.loc.shape
        if D <= GRIDDED:
            eps, weights = noise_grid(D, COARSE, like=self.eps)
            pilot = replace(self, eps=eps[:, None].expand(-1, B, D))
            return least_variance_baseline(pilot.inner, pilot.score, weights)
        if self.streams is None:
            raise ValueError("the optimal baseline must be estimated here: the draw needs streams")
        pilot = replace(self, eps=_normal(PILOT, self.posterior, self.streams.named("optimal_baseline")))
        return least_variance_baseline(pilot.inner, pilot.score)

    @cached_property
    def tril(self) -> Tensor:
        """L, (B, D, D)."""
        return self.posterior.scale_tril

    @cached_property
    def entries(self) -> tuple[Tensor, Tensor]:
        """Row and column of each coordinate of scale_tril: row by row, the diagonal alone where that is all."""
        D = self.eps.shape[-1]
        if self._has_below:
            row, column = torch.tril_indices(D, D, device=self.eps.device)
            return row, column
        each = torch.arange(D, device=self.eps.device)
        return each, each

    @property
    def _has_below(self) -> bool:
        """Whether entries below the diagonal are among the coordinates."""
        return self.full or self.posterior.below is not None

    @cached_property
    def coordinates(self) -> list[tuple[str, tuple[int, ...]]]:
        """What each of the C coordinates is: ("loc", (i,)) or ("scale_tril", (i, j)), counted from 0."""
        row, column = (each.tolist() for each in self.entries)
        locs = [("loc", (i,)) for i in range(self.eps.shape[-1])]
        return [*locs, *(("scale_tril", (i, j)) for i, j in zip(row, column, strict=True))]

    @cached_property
    def z(self) -> Tensor:
        """(n, B, D)."""
        return self.posterior.transform(self.eps)

    @cached_property
    def decoded(self) -> Decoded:
        """What the decoder says at z: shared by draws that differ in the KL alone."""
        return Decoded(self.vae, self.pixels, self.z)

    @property
    def log_prob(self) -> Tensor:
        """log p(x | z), (n, B)."""
        return self.decoded.log_prob

    @property
    def slope(self) -> Tensor:
        """The gradient of log p(x | z) in z, (n, B, D)."""
        return self.decoded.slope

    @cached_property
    def inner(self) -> Tensor:
        """What the expectation is of, (n, B), up to the constants (2 pi)^(D/2), which cancel."""
        if self.kl == "analytic":
            return self.log_prob
        log_ratio = 0.5 * (self.eps.square().sum(-1) - self.z.square().sum(-1)) + self.posterior.log_det
        return self.log_prob + log_ratio

    @cached_property
    def whitened(self) -> Tensor:
        """L^-T eps, (n, B, D): minus the gradient of log q in z."""
        if self.posterior.below is None:
            return self.eps / self.posterior.scale
        columns = self.eps.movedim(0, -1)
        return torch.linalg.solve_triangular(self.tril.mT, columns, upper=True).movedim(-1, 0)

    @cached_property
    def of_log_det(self) -> Tensor:
        """The gradient of log |L|, (B, C): 1 / L_ii on the diagonal."""
        row, column = self.entries
        on_diagonal = torch.where(row == column, 1 / self.posterior.scale[:, row], 0.0)
        return torch.cat([torch.zeros_like(self.posterior.loc), on_diagonal], dim=-1)

    def through_z(self, v: Tensor) -> Tensor:
        """What a gradient v (n, B, D) in z is in the coordinates, through z = loc + L eps: (n, B, C)."""
        if not self._has_below:
            return torch.cat([v, v * self.eps], dim=-1)
        # Row by row: to gather 1,275 columns takes eight times as long.
        rows = [v[..., i : i + 1] * self.eps[..., : i + 1] for i in range(self.eps.shape[-1])]
        return torch.cat([v, *rows], dim=-1)

    @cached_property
    def score(self) -> Tensor:
        """The gradient of log q(z | x) in the coordinates at fixed z, (n, B, C).

        It follows from d(L^-1 (z - loc)) = -L^-1 dL eps.
        """
        return self.through_z(self.whitened) - self.of_log_det

    @cached_property
    def known(self) -> Tensor:
        """What is known exactly of the ELBO's gradient beside that of E[inner], (B, C): minus that of the KL, or 0.

        The KL's is loc, and L - diag(1 / L_ii).
        """
        if self.kl == "sampled":
            return torch.zeros_like(self.of_log_det)
        row, column = self.entries
        return self.of_log_det - torch.cat([self.posterior.loc, self.tril[:, row, column]], dim=-1)


def _normal(n: int, posterior: Posterior, generator: torch.Generator, mirrored: bool = False) -> Tensor:
    """Noise (n, B, D)."""
    rows = n // 2 if mirrored else n
    eps = torch.randn(rows, *posterior.loc.shape, device=posterior.loc.device, generator=generator)
    return torch.cat([eps, -eps]) if mirrored else eps
