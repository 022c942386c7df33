"""The two kinds of latents that a training race may have, and what is different between them.

Shapes: S samples of B images, D latents, P pixels, C coordinates of the encoder's output.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from explorer.core.randomness import Streams
from explorer.vae.codes import exact_terms
from explorer.vae.elbo import decoded_log_prob
from explorer.vae.gradients import BERNOULLI, NORMAL, ElboEstimator
from explorer.vae.gradients.bernoulli_draw import BernoulliDraw
from explorer.vae.gradients.draw import NormalDraw
from explorer.vae.model import VAE, Architecture, Posterior

N_HIDDEN = 64
EDGE = 1e-9
"""Uniform noise stays so far from 0 and 1."""


class Latents(ABC):
    """A kind of latents: its model's shape, its estimators, its noise, and what a draw is made of."""

    architecture: Architecture
    registry: Mapping[str, ElboEstimator]
    racers: tuple[str, ...]
    """The estimators that may race: those cheap enough to be asked for at every step."""

    def racer(self, estimator: str | ElboEstimator, n_samples: int) -> ElboEstimator:
        """The entry for a name or a value; one that couples samples by choice couples all `n_samples` of an image.

        Raises ValueError where it cannot race: it is not among `racers`, or so many samples make no whole groups.
        """
        name = estimator.name if isinstance(estimator, ElboEstimator) else estimator
        if name not in self.racers:
            raise ValueError(f"estimators must be of {', '.join(self.racers)}, got {name!r}")
        entry = estimator if isinstance(estimator, ElboEstimator) else self.registry[name]
        if self.needs_company(name):
            entry = entry.at(**{**entry.values, "group": n_samples})
        if n_samples % entry.group:
            raise ValueError(f"{name} needs samples in groups of {entry.group}, got {n_samples}")
        return entry

    def needs_company(self, name: str) -> bool:
        """Whether a single sample of an image is too few for this estimator."""
        return "group" in self.registry[name].values

    @abstractmethod
    def noise(self, *shape: int, generator: torch.Generator) -> Tensor:
        """Noise (…, D) in float64, of a distribution that knows no parameter."""

    @abstractmethod
    def outputs(self, vae: VAE, pixels: Tensor) -> tuple[Tensor, ...]:
        """The parameters of q(z | x) for pixels (B, P), in the order of a draw's coordinates. Differentiable."""

    @abstractmethod
    def draw(self, vae: VAE, pixels: Tensor, outputs: tuple[Tensor, ...], noise: Tensor, streams: Streams) -> Any:
        """A draw of noise (S, B, D), for estimators; the KL term is known."""

    @abstractmethod
    def elbo(self, vae: VAE, pixels: Tensor, noise: Tensor) -> Tensor:
        """The bound by each sample of noise (S, B, D), (S, B) nats; one row where it is exact."""

    @abstractmethod
    def code(self, vae: VAE, pixels: Tensor) -> Tensor:
        """What is decoded to show a reconstruction, (B, D): the middle of q(z | x)."""

    @abstractmethod
    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Samples of the prior, (n, D)."""


class Gaussian(Latents):
    """z = loc + scale * eps."""

    architecture = Architecture(4, N_HIDDEN, "diagonal")
    registry = NORMAL
    racers = ("score_function", "leave_one_out", "pathwise", "sticking_the_landing")

    def noise(self, *shape: int, generator: torch.Generator) -> Tensor:
        return torch.randn(*shape, self.architecture.n_latents, generator=generator, dtype=torch.float64)

    def outputs(self, vae: VAE, pixels: Tensor) -> tuple[Tensor, ...]:
        posterior = vae.posterior(pixels)
        return posterior.loc, posterior.scale

    def draw(
        self, vae: VAE, pixels: Tensor, outputs: tuple[Tensor, ...], noise: Tensor, streams: Streams
    ) -> NormalDraw:
        loc, scale = outputs
        return NormalDraw(vae, pixels, Posterior(loc, scale), noise, full=False, streams=streams)

    def elbo(self, vae: VAE, pixels: Tensor, noise: Tensor) -> Tensor:
        posterior = vae.posterior(pixels)
        return decoded_log_prob(vae, posterior.transform(noise), pixels) - posterior.kl_to_prior()

    def code(self, vae: VAE, pixels: Tensor) -> Tensor:
        return vae.posterior(pixels).loc

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        return self.noise(n, generator=generator)


class Bits(Latents):
    """z = 1[u < p], the noise u uniform."""

    architecture = Architecture(8, N_HIDDEN, "bernoulli")
    registry = BERNOULLI
    racers = (
        "score_function",
        "leave_one_out",
        "disarm",
        "gumbel_softmax",
        "straight_through",
        "rebar",
        "enumeration",
    )

    def noise(self, *shape: int, generator: torch.Generator) -> Tensor:
        u = torch.rand(*shape, self.architecture.n_latents, generator=generator, dtype=torch.float64)
        return u.clamp(EDGE, 1 - EDGE)

    def outputs(self, vae: VAE, pixels: Tensor) -> tuple[Tensor, ...]:
        return (vae.bit_logits(pixels),)

    def draw(
        self, vae: VAE, pixels: Tensor, outputs: tuple[Tensor, ...], noise: Tensor, streams: Streams
    ) -> BernoulliDraw:
        return BernoulliDraw(vae, pixels, outputs[0], noise, streams=streams)

    def elbo(self, vae: VAE, pixels: Tensor, noise: Tensor) -> Tensor:
        reconstruction, kl = exact_terms(vae, pixels)
        return (reconstruction - kl)[None]

    def code(self, vae: VAE, pixels: Tensor) -> Tensor:
        return (vae.bit_logits(pixels) > 0).double()

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        return (self.noise(n, generator=generator) < 0.5).double()


LATENTS: dict[str, Latents] = {"normal": Gaussian(), "bernoulli": Bits()}
