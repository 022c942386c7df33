"""A variational autoencoder of Bernoulli pixels, its latents Gaussian (Kingma & Welling 2013, App. C) or bits.

    p(z) = N(0, I)           p(x | z) = Bernoulli(sigmoid(decoder(z)))      q(z | x) = N(loc(x), L(x) L(x)^T)
    p(z) = 1/2^D, z in {0, 1}^D               the same                      q(z | x) = Bernoulli(sigmoid(logits(x)))

L(x), `scale_tril`, is lower triangular with a positive diagonal: a full Cholesky factor, or a diagonal one.

Shapes: images (B, 1, side, side) in [0, 1], side the data set's (28 for MNIST); loc (B, D); scale_tril (B, D, D);
a model of bits gives logits (B, D) in their place; z (N, D); flat pixels and the pixels' log odds (N, P), P = side^2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.vae.datasets import Dataset

SMALLEST_SCALE = 1e-4
"""Added to the diagonal of `scale_tril`: keeps the posterior density finite."""


@dataclass(frozen=True)
class Architecture:
    """Latent dimensions, width of the two hidden layers, kind of posterior: with a data set, every weight's shape.

    The posterior is Gaussian with a full or a diagonal factor, or that of independent bits.
    """

    n_latents: int
    n_hidden: int
    posterior: Literal["full", "diagonal", "bernoulli"]
    largest_logit: float | None = None
    """What the logit of a bit stays within, None for no limit: no bit is then so certain that samples never see it
    turn."""

    @property
    def n_factor(self) -> int:
        """Free entries of `scale_tril`; none for bits."""
        sizes = {"full": self.n_latents * (self.n_latents + 1) // 2, "diagonal": self.n_latents, "bernoulli": 0}
        return sizes[self.posterior]


@dataclass(frozen=True)
class Posterior:
    """q(z | x) for a batch: loc (B, D), the factor's diagonal `scale` (B, D) and, when full, what stands below it.

    The two parts stay apart because a diagonal factor of 50 dimensions would otherwise cost 2,500 entries an image.
    """

    loc: Tensor
    scale: Tensor
    below: Tensor | None = None

    @property
    def scale_tril(self) -> Tensor:
        """L, (B, D, D)."""
        diagonal = torch.diag_embed(self.scale)
        return diagonal if self.below is None else diagonal + self.below

    @property
    def log_det(self) -> Tensor:
        """log |L|, (B,)."""
        return self.scale.log().sum(-1)

    @property
    def variances(self) -> Tensor:
        """Of each latent by itself, the diagonal of L L^T: (B, D) float64."""
        own = self.scale.double().square()
        return own if self.below is None else own + self.below.double().square().sum(-1)

    def marginal_kl(self) -> Tensor:
        """KL of each latent by itself to N(0, 1) (Kingma & Welling 2013, App. B), (B, D) nats, float64."""
        variances = self.variances
        return 0.5 * (variances + self.loc.double().square() - 1 - variances.log())

    def transform(self, eps: Tensor) -> Tensor:
        """Step two of the sampling, z = loc + L eps: eps (K, B, D) -> (K, B, D)."""
        z = self.loc + self.scale * eps
        return z if self.below is None else z + torch.einsum("bij,kbj->kbi", self.below, eps)

    def noise(self, z: Tensor) -> Tensor:
        """The way back, eps = L^-1 (z - loc): z (K, B, D) -> (K, B, D)."""
        if self.below is None:
            return (z - self.loc) / self.scale
        away = (z - self.loc).unsqueeze(-1)
        return torch.linalg.solve_triangular(self.scale_tril, away, upper=False).squeeze(-1)

    def detached(self) -> Posterior:
        """The same density, through which no gradient flows."""
        return Posterior(self.loc.detach(), self.scale.detach(), None if self.below is None else self.below.detach())

    def kl_to_prior(self) -> Tensor:
        """KL(N(loc, L L^T) || N(0, I)) in closed form (Kingma & Welling 2013, App. B), (B,) nats."""
        trace = self.scale.square().sum(-1)
        if self.below is not None:
            trace = trace + self.below.square().sum((-2, -1))
        return 0.5 * (trace + self.loc.square().sum(-1) - self.loc.shape[-1]) - self.log_det


def _network(n_in: int, n_hidden: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(n_in, n_hidden),
        nn.SiLU(),
        nn.Linear(n_hidden, n_hidden),
        nn.SiLU(),
        nn.Linear(n_hidden, n_out),
    )


class VAE(nn.Module):
    """Encoder and decoder of a data set's images, two hidden layers each.

    The weights are PyTorch's default initialisation of `nn.Linear`; `initialise` draws them from a generator.
    """

    def __init__(self, architecture: Architecture, dataset: Dataset) -> None:
        super().__init__()
        self.architecture, self.dataset = architecture, dataset
        self.encoder = _network(dataset.n_pixels, architecture.n_hidden, architecture.n_latents + architecture.n_factor)
        self.decoder = _network(architecture.n_latents, architecture.n_hidden, dataset.n_pixels)

    @property
    def n_latents(self) -> int:
        return self.architecture.n_latents

    @property
    def has_bits(self) -> bool:
        """Whether the latents are bits, and not Gaussian."""
        return self.architecture.posterior == "bernoulli"

    @property
    def is_plane(self) -> bool:
        """Whether the latents are two Gaussian ones."""
        return self.n_latents == 2 and not self.has_bits

    @property
    def kind_of_latents(self) -> str:
        """How many latents of what kind, in words."""
        return f"{self.n_latents} {'bits' if self.has_bits else 'Gaussian latent dimensions'}"

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def initialise(self, generator: torch.Generator, pixel_mean: Tensor) -> None:
        """Draws every weight from `generator` and starts the decoder at the mean image (P,), values in [0, 1].

        Weights are uniform with variance 1 / fan-in, biases zero; the factor's raw diagonal starts where L = I.
        A decoder of bits starts as one of 2 z - 1: its inputs have mean 0 and variance 1 under the prior, as elsewhere.
        """
        with torch.no_grad():
            for layer in [*self.encoder, *self.decoder]:
                if isinstance(layer, nn.Linear):
                    bound = (3.0 / layer.in_features) ** 0.5
                    layer.weight.uniform_(-bound, bound, generator=generator)
                    layer.bias.zero_()
            self.decoder[-1].bias.copy_(torch.logit(pixel_mean.clamp(1e-3, 1 - 1e-3)))  # type: ignore[operator]
            if self.has_bits:
                self.decoder[0].weight.mul_(2)  # type: ignore[operator]
                self.decoder[0].bias.copy_(-0.5 * self.decoder[0].weight.sum(1))  # type: ignore[operator]
                return
            diagonal = self.encoder[-1].bias[self.n_latents : 2 * self.n_latents]  # type: ignore[index]
            diagonal.fill_(torch.tensor(1.0).expm1().log().item())
            self.encoder[-1].weight[self.n_latents :].mul_(0.1)  # type: ignore[index]

    def encode(self, images: Tensor | np.ndarray) -> Any:
        """The posterior of each image: images (B, 1, side, side) in [0, 1] -> loc (B, D), scale_tril (B, D, D).

        A model of bits gives their logits (B, D) alone. Raises ValueError when the shape or the range is another one.
        """
        pixels = self.pixels_of(images)
        if self.has_bits:
            return self.bit_logits(pixels)
        posterior = self.posterior(pixels)
        return posterior.loc, posterior.scale_tril

    def bit_logits(self, pixels: Tensor) -> Tensor:
        """`encode` of a model of bits for flat pixels (B, P), unchecked: (B, D)."""
        return self.limited(self.encoder(pixels))

    def limited(self, logits: Tensor) -> Tensor:
        """The encoder's outputs as logits of bits, within ±`largest_logit`."""
        largest = self.architecture.largest_logit
        return logits if largest is None else largest * torch.tanh(logits / largest)

    def posterior(self, pixels: Tensor) -> Posterior:
        """`encode` of Gaussian latents for flat pixels (B, P), unchecked: the training loop's entrance."""
        D = self.n_latents
        out = self.encoder(pixels)
        loc, raw = out[:, :D], out[:, D:]
        scale = F.softplus(raw[:, :D]) + SMALLEST_SCALE
        if self.architecture.posterior == "diagonal":
            return Posterior(loc, scale)
        below = torch.zeros(len(out), D, D, device=out.device, dtype=out.dtype)
        row, column = torch.tril_indices(D, D, offset=-1, device=out.device)
        below[:, row, column] = raw[:, D:]
        return Posterior(loc, scale, below)

    def decode_logits(self, z: Tensor) -> Tensor:
        """z (N, D) -> the log odds of each pixel (N, P)."""
        return self.decoder(z)

    def decode(self, z: Tensor | np.ndarray) -> Tensor:
        """z (N, D), any real numbers -> pixel probabilities (N, 1, side, side).

        Raises ValueError when z is no tensor or array of real numbers, has another width or is not finite.
        """
        z = _as_tensor("z", z)
        if z.ndim != 2 or z.shape[1] != self.n_latents:
            raise ValueError(f"z must have shape (N, {self.n_latents}), got {tuple(z.shape)}")
        if not bool(torch.isfinite(z).all()):
            raise ValueError("z must be finite")
        side = self.dataset.side
        return torch.sigmoid(self.decode_logits(z.to(self.device, torch.float32))).view(-1, 1, side, side)

    def pixels_of(self, images: Tensor | np.ndarray) -> Tensor:
        """Flat pixels (B, P), float32 on the model's device, of images (B, 1, side, side).

        Raises ValueError unless images is a tensor or a numpy array of floats in [0, 1] of that shape, B >= 1.
        """
        images, side = _as_tensor("images", images), self.dataset.side
        if images.ndim != 4 or images.shape[0] < 1 or images.shape[1:] != (1, side, side):
            raise ValueError(f"images must have shape (B, 1, {side}, {side}) with B >= 1, got {tuple(images.shape)}")
        if not images.is_floating_point():
            raise ValueError(f"images must be floating point in [0, 1], got {images.dtype}: divide bytes by 255")
        if not bool(((images >= 0) & (images <= 1)).all()):
            raise ValueError("images must have every value in [0, 1]")
        return images.flatten(1).to(self.device, torch.float32)


def check_vae(vae: object) -> None:
    """Raises ValueError unless it is a model."""
    if not isinstance(vae, VAE):
        raise ValueError(f"vae must be a model as load_vae gives it, got {type(vae).__name__}")


def _as_tensor(name: str, value: object) -> Tensor:
    if isinstance(value, Tensor) and not value.is_complex():
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        return torch.from_numpy(np.array(value))
    kind = getattr(value, "dtype", type(value).__name__)
    raise ValueError(f"{name} must be a tensor or a numpy array of real numbers, got {kind}")
