"""What the decoder says of a batch of z, and how that changes with z and with the decoder's biases.

Each z enters its own log p(x | z) only, so that one pass back gives every sample's slope. It is gone through layer by
layer, autograd for what is not linear: the last layer's part is known, and nothing is kept that is not asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from explorer.core.numerics.isolation import differentiation, ordinary
from explorer.vae.elbo import log_prob_of
from explorer.vae.model import VAE


@dataclass(frozen=True, eq=False)
class Decoded:
    """log p(x | z) of pixels (B, P) at z (n, B, D), and its slopes: each once, whoever asks."""

    vae: VAE
    pixels: Tensor
    z: Tensor

    @cached_property
    def _forward(self) -> tuple[list[tuple[Tensor, Tensor]], Tensor, Tensor]:
        """What enters and leaves each activation, with the way back through it; the last hidden units; the logits."""
        at, activations = ordinary(self.z), []
        for layer in list(self.vae.decoder)[:-1]:
            if isinstance(layer, nn.Linear):
                at = layer(at)
                continue
            with differentiation():
                before = at.detach().requires_grad_()
                after = layer(before)
            activations.append((before, after))
            at = after.detach()
        return activations, at, self.vae.decoder[-1](at)

    @cached_property
    def log_prob(self) -> Tensor:
        """log p(x | z), (n, B)."""
        _, hidden, logits = self._forward
        return log_prob_of(self.vae, hidden, logits, self.pixels)

    @cached_property
    def slope(self) -> Tensor:
        """The gradient of log p(x | z) in z, (n, B, D)."""
        return self._units[0] @ self._weights[0]

    @property
    def bias_slopes(self) -> list[Tensor]:
        """The gradient of log p(x | z) in the biases of each layer of the decoder, a sample: (n, B, units) each."""
        return [*self._units, self.pixels - self._probs]

    @cached_property
    def _probs(self) -> Tensor:
        """The pixels' probabilities, (n, B, P)."""
        return torch.sigmoid(self._forward[2])

    @property
    def _weights(self) -> list[Tensor]:
        return [layer.weight for layer in self.vae.decoder if isinstance(layer, nn.Linear)]

    @cached_property
    def _units(self) -> list[Tensor]:
        """The gradient of log p(x | z) in what each layer but the last gives before its activation."""
        *inner, last = self._weights
        after = self.pixels @ last - self._probs @ last
        found = []
        for (entered, left), weight in zip(reversed(self._forward[0]), [*reversed(inner[1:]), None], strict=True):
            with differentiation():
                (unit,) = torch.autograd.grad(left, entered, after)
            found.append(unit)
            if weight is not None:
                after = unit @ weight
        return found[::-1]
