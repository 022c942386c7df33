"""Two bounds side by side: of one image under two models, or of two images under one, and their difference.

    ELBO = E_{q(z|x)}[log p(x | z)] - KL(q(z|x) || p(z))        log p(x) ~ log (1/K) sum_k p(x, z_k) / q(z_k | x)

The KL is exact always. The rest is exact where two Gaussian latents can be integrated over or all codes of bits added
up; else it comes from K draws, and both sides draw with the same noise: latent d of draw k is made from the same
standard Normal number eps_kd on either side. So the K pairs of draws are independent of each other, whatever the
numbers of latents, and the mean of their differences has the standard error of a mean. Sources: Kingma & Welling 2013
(the bound); Burda, Grosse & Salakhutdinov 2016 (the estimate of log p(x), too low on average); Glasserman 2003, Section
4.2 (common random numbers).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import isolated
from explorer.core.parameters import check_integer
from explorer.vae.codes import can_enumerate, exact_bounds, exact_terms, kl_to_prior
from explorer.vae.elbo import decoded_log_prob
from explorer.vae.importance import ImportanceWeights
from explorer.vae.model import VAE
from explorer.vae.quadrature import log_likelihood_on_plane
from explorer.vae.true_posterior import reconstruction_on_plane

DRAWS = 4096
"""K, a multiple of 16: so cut, torch's normal numbers of the first latents are the same whatever follows."""
MOST_DRAWS = 2**20
_ROWS = 1024


@dataclass(frozen=True)
class Estimate:
    """A number in nats and its standard error, None where the number is exact."""

    value: float
    error: float | None = None

    @property
    def is_exact(self) -> bool:
        return self.error is None

    @property
    def errors_from_nought(self) -> float:
        """The value in standard errors: infinite where it is exact and not 0."""
        if self.value == 0:
            return 0.0
        return abs(self.value) / self.error if self.error else math.inf


@dataclass(frozen=True, eq=False)
class Bound:
    """The bound of one image under one model, nats.

    `log_probs` are log p(x | z_k), (K,) float64, and `log_weights` those of the importance weights; both have one
    entry, the expectation and log p(x) themselves, where these are exact.
    """

    log_probs: Tensor
    log_weights: Tensor
    kl: float

    @property
    def is_exact(self) -> bool:
        return len(self.log_probs) == 1

    @property
    def reconstruction(self) -> Estimate:
        """E_q[log p(x | z)]."""
        return _mean(self.log_probs)

    @property
    def elbo(self) -> Estimate:
        return Estimate(self.reconstruction.value - self.kl, self.reconstruction.error)

    @property
    def log_likelihood(self) -> Estimate:
        """log p(x), or the importance-weighted estimate of it, its standard error by the delta method."""
        return Estimate(self._weights.log_mean, None if self.is_exact else self._weights.log_mean_error)

    @property
    def is_heavy(self) -> bool:
        """Whether a few largest weights rule the estimate of log p(x), so that its standard error says little."""
        return not self.is_exact and (self._weights.k_hat or 0.0) > self._weights.k_most

    @cached_property
    def _weights(self) -> ImportanceWeights:
        return ImportanceWeights(self.log_weights)

    @property
    def _relative(self) -> Tensor:
        """Each weight over the mean of all."""
        return (self.log_weights - self._weights.log_mean).exp()

    def elbo_above(self, other: Bound) -> Estimate:
        """This ELBO less the other, from pairs of draws on the same noise. Raises ValueError for different K."""
        found = _mean(_paired(self.log_probs, other.log_probs))
        return Estimate(found.value - (self.kl - other.kl), found.error)

    def reconstruction_above(self, other: Bound) -> Estimate:
        """The same for the first term alone."""
        return _mean(_paired(self.log_probs, other.log_probs))

    def log_likelihood_above(self, other: Bound) -> Estimate:
        """The same for log p(x), its standard error by the delta method."""
        value = self.log_likelihood.value - other.log_likelihood.value
        if self.is_exact and other.is_exact:
            return Estimate(value)
        return Estimate(value, _mean(_paired(self._relative, other._relative)).error)


def _mean(values: Tensor) -> Estimate:
    if len(values) == 1:
        return Estimate(float(values[0]))
    return Estimate(float(values.mean()), float(values.std()) / math.sqrt(len(values)))


def _paired(one: Tensor, other: Tensor) -> Tensor:
    """The differences of pairs; what is exact is the same in each."""
    if len(one) != len(other) and 1 not in (len(one), len(other)):
        raise ValueError(f"both bounds must have as many draws, got {len(one)} and {len(other)}")
    return one - other


@isolated
def bound_of(vae: VAE, image: Tensor, *, seed: int, n_draws: int = DRAWS) -> Bound:
    """Of one binary image (1, 1, side, side); exact where it can be.

    Raises ValueError for another shape, a seed outside [0, 2**63 - 1] or n_draws no multiple of 16 in [16, 2**20], and
    FloatingPointError where log p(x) cannot be integrated.
    """
    check_integer("n_draws", n_draws, 16, MOST_DRAWS)
    if n_draws % 16:
        raise ValueError(f"n_draws must be a multiple of 16, got {n_draws}")
    pixels = _one(vae, image)
    if can_enumerate(vae):
        reconstruction, kl = exact_terms(vae, pixels)
        return Bound(reconstruction.double().cpu(), exact_bounds(vae, pixels)[1].double().cpu(), float(kl))
    if vae.is_plane:
        likelihood = log_likelihood_on_plane(vae, pixels).double().cpu()
        to_prior = float(vae.posterior(pixels).kl_to_prior())
        return Bound(_alone(reconstruction_on_plane(vae, pixels)), likelihood, to_prior)
    z, log_ratio, drawn_kl = _drawn(vae, pixels, noise(vae, n_draws, seed))
    parts = [decoded_log_prob(vae, part[:, None], pixels)[:, 0] for part in z.split(_ROWS)]
    log_probs = torch.cat(parts).double().cpu()
    return Bound(log_probs, log_probs + log_ratio.double().cpu(), drawn_kl)


@isolated
def noise(vae: VAE, n_draws: int, seed: int) -> Tensor:
    """eps (K, D), standard Normal: column d depends on the seed, K and d alone."""
    generator = generator_for(seed, torch.device("cpu"))
    columns = [torch.randn(n_draws, generator=generator) for _ in range(vae.n_latents)]
    return torch.stack(columns, dim=1).to(vae.device)


@isolated
def decodes(vae: VAE, image: Tensor, n: int, *, seed: int, n_draws: int = DRAWS) -> Tensor:
    """The image's decode at its posterior mean, or likeliest code, and at the first n draws: (1 + n, side, side)."""
    pixels = _one(vae, image)
    z, _, _ = _drawn(vae, pixels, noise(vae, n_draws, seed)[:n])
    centre = (vae.bit_logits(pixels) > 0).float() if vae.has_bits else vae.posterior(pixels).loc
    return vae.decode(torch.cat([centre, z]))[:, 0].cpu()


def _one(vae: VAE, image: Tensor) -> Tensor:
    pixels = vae.pixels_of(image)
    if len(pixels) != 1:
        raise ValueError(f"image must be one image, got {len(pixels)}")
    return pixels


def _alone(value: float) -> Tensor:
    return torch.tensor([value], dtype=torch.float64)


def _drawn(vae: VAE, pixels: Tensor, eps: Tensor) -> tuple[Tensor, Tensor, float]:
    """z (K, D) of q(z | x) made from eps (K, D), log p(z) - log q(z | x) (K,), and the KL."""
    if vae.has_bits:
        logits = vae.bit_logits(pixels)
        z = (torch.special.ndtr(eps) < torch.sigmoid(logits)).to(eps.dtype)
        log_q = (logits * z - torch.nn.functional.softplus(logits)).sum(-1)
        return z, -vae.n_latents * math.log(2) - log_q, float(kl_to_prior(logits))
    posterior = vae.posterior(pixels)
    z = posterior.transform(eps[:, None])[:, 0]
    log_ratio = posterior.log_det + 0.5 * (eps.square().sum(-1) - z.square().sum(-1))
    return z, log_ratio, float(posterior.kl_to_prior())
