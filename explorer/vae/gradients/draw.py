"""A batch of noise and what every estimator of the ELBO's gradient makes of it; each part is computed once.

Shapes: n samples of B images, D latents, P pixels, C coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from explorer.core.numerics.isolation import differentiation, ordinary
from explorer.core.randomness import Streams
from explorer.vae.elbo import decoded_log_prob
from explorer.vae.model import VAE, Posterior

KL = Literal["analytic", "sampled"]
"""Whether the KL term is known exactly or is part of what is sampled."""


@dataclass(frozen=True, eq=False)
class NormalDraw:
    """Noise eps (n, B, D) of q(z | x) = N(loc, L L^T), z = loc + L eps. Work on it happens in `isolation`.

    pixels (B, P). With `full`, the coordinates are the whole lower triangle of L even where the model's own L is
    diagonal: the Gaussian is treated as the one it is. Else they are the model's own free entries.
    `streams` is where what an estimator needs beside eps is drawn from.
    """

    vae: VAE
    pixels: Tensor
    posterior: Posterior
    eps: Tensor
    kl: KL = "analytic"
    full: bool = True
    streams: Streams | None = None

    @cached_property
    def tril(self) -> Tensor:
        """L, (B, D, D)."""
        return self.posterior.scale_tril

    @cached_property
    def entries(self) -> tuple[Tensor, Tensor]:
        """Row and column of each coordinate of scale_tril: row by row, the diagonal alone where that is all."""
        D = self.eps.shape[-1]
        if self.full or self.posterior.below is not None:
            row, column = torch.tril_indices(D, D, device=self.eps.device)
            return row, column
        each = torch.arange(D, device=self.eps.device)
        return each, each

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
    def _recorded(self) -> tuple[Tensor, Tensor]:
        """z as a leaf, and log p(x | z) with its way back: one forward pass serves values and slopes."""
        leaf = ordinary(self.z).clone().requires_grad_()
        with differentiation():
            return leaf, decoded_log_prob(self.vae, leaf, ordinary(self.pixels))

    @cached_property
    def log_prob(self) -> Tensor:
        """log p(x | z), (n, B)."""
        return self._recorded[1].detach()

    @cached_property
    def slope(self) -> Tensor:
        """The gradient of log p(x | z) in z, (n, B, D). One backward pass: each z enters its own value only."""
        leaf, values = self._recorded
        with differentiation():
            (slope,) = torch.autograd.grad(values.sum(), leaf, retain_graph=True)
        return slope

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
        row, column = self.entries
        return torch.cat([v, v[..., row] * self.eps[..., column]], dim=-1)

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
