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
def rounded(vae: VAE) -> VAE:
    """A copy of the model whose decoder's weights are what half precision leaves of them, in float32."""
    copied = copy.deepcopy(vae)
    for parameter in copied.decoder.parameters():
        parameter.copy_(parameter.half())
    return copied


@isolated
def rounding_error(vae: VAE, z: Tensor) -> float:
    """The largest difference of a pixel's probability that the rounding makes at the places z (N, D).

    Raises ValueError when z has another width or is not finite.
    """
    return float((rounded(vae).decode(z) - vae.decode(z)).abs().max())
