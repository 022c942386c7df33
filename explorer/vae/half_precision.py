"""A decoder in half precision, as it goes to the browser, and how far its pictures are then off."""

from __future__ import annotations

import copy

from torch import Tensor, nn

from explorer.core.numerics.isolation import isolated
from explorer.vae.model import VAE


@isolated
def half_layers(vae: VAE) -> tuple[tuple[Tensor, Tensor], ...]:
    """Weight (out, in) and bias (out,) of each linear layer of the decoder, float16 on the CPU, the first first."""
    layers = (layer for layer in vae.decoder if isinstance(layer, nn.Linear))
    return tuple((layer.weight.detach().half().cpu(), layer.bias.detach().half().cpu()) for layer in layers)


@isolated
def rounding_error(vae: VAE, z: Tensor) -> float:
    """The largest difference of a pixel's probability that the rounding makes at the places z (N, D).

    Raises ValueError when z has another width or is not finite.
    """
    rounded = copy.deepcopy(vae)
    for parameter in rounded.decoder.parameters():
        parameter.copy_(parameter.half())
    return float((rounded.decode(z) - vae.decode(z)).abs().max())
