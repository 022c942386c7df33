"""Mean and variance of one sample of the gradient in every weight of the encoder, from those at its output.

A sample's gradient g (C,) in what the encoder gives is followed by one and the same linear map to each weight: the
image, and with it the encoder's Jacobian, is fixed. In a layer with inputs a and pre-activations u the gradient in u is
A g, A the map back to it (units, C), and that in the weight from input j to unit u is (A g)_u a_j; a bias has a = 1.
With mean m and covariance S of g it has

    mean (A m)_u a_j        variance (A S A^T)_uu a_j^2

so that no sample and no weight is gone through. Variance is a product of a unit's and an input's part; the ratio of two
estimators' variances, and the ratio of mean to standard deviation, depend on the unit alone. So the whole map of a
layer is these two vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.core.numerics.isolation import differentiation, isolated
from explorer.vae.gradients.moments import ElboMoments
from explorer.vae.model import VAE


@dataclass(frozen=True)
class LayerMoments:
    """Of one sample's gradient in the weights of a layer, float64 on the CPU.

    unit_mean and unit_variance (units,) are those in the biases; a weight's are these times its input, and times that
    squared: input_squared (inputs,).
    """

    unit_mean: Tensor
    unit_variance: Tensor
    input_squared: Tensor

    @property
    def total_variance(self) -> float:
        """The sum over all weights and biases: the expected squared distance of a sample from the mean gradient."""
        return float(self.unit_variance.sum() * self._inputs)

    @property
    def mean_norm(self) -> float:
        """The Frobenius norm of the mean gradient, biases included."""
        return float((self.unit_mean.square().sum() * self._inputs).sqrt())

    @property
    def signal_to_noise(self) -> float:
        """`mean_norm` over the root of `total_variance`; infinite where nothing varies."""
        return float(self.mean_norm / torch.tensor(self.total_variance, dtype=torch.float64).sqrt())

    @property
    def _inputs(self) -> Tensor:
        return self.input_squared.sum() + 1


@isolated
def weight_moments(vae: VAE, pixels: Tensor, moments: ElboMoments) -> list[LayerMoments]:
    """The layers of the encoder, first to last, for flat pixels (1, P) and one estimator's moments for that image.

    Raises ValueError where the moments lack a coordinate that the encoder gives.
    """
    found = []
    for back, entering in _layers(vae, pixels, moments.coordinates):
        variance = ((back @ moments.covariance) * back).sum(-1).clamp(min=0)
        found.append(LayerMoments(back @ moments.mean, variance, entering.square()))
    return found


@isolated
def weight_metric(vae: VAE, pixels: Tensor, coordinates: Sequence[tuple[str, tuple[int, ...]]]) -> Tensor:
    """Q (C, C), float64 on the CPU: g^T Q g is the squared norm, over all weights of the encoder, of the gradient that
    g (C,) at its output is. Flat pixels (1, P). Raises as `weight_moments`.
    """
    return torch.stack(
        [(entering.square().sum() + 1) * back.mT @ back for back, entering in _layers(vae, pixels, coordinates)]
    ).sum(0)


def _layers(
    vae: VAE, pixels: Tensor, coordinates: Sequence[tuple[str, tuple[int, ...]]]
) -> list[tuple[Tensor, Tensor]]:
    """For each linear layer of the encoder, first to last: A (units, C) and its inputs a."""
    out, inputs, slopes = _forward(vae.encoder, pixels)
    back = _from_coordinates(vae, out, coordinates)
    layers = [layer for layer in vae.encoder if isinstance(layer, nn.Linear)]
    found = []
    for layer, entering, slope in zip(reversed(layers), reversed(inputs), reversed(slopes), strict=True):
        found.append((back, entering))
        back = slope[:, None] * (layer.weight.cpu().double().mT @ back)
    return found[::-1]


def _forward(encoder: nn.Sequential, pixels: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """The output (n_out,), the inputs of each linear layer, and the slopes of what makes them of pre-activations."""
    at, slope = pixels, torch.ones_like(pixels)
    inputs, slopes = [], []
    for layer in encoder:
        if isinstance(layer, nn.Linear):
            inputs.append(at[0].cpu().double())
            slopes.append(slope[0].cpu().double())
            at = layer(at)
        else:
            with differentiation():
                before = at.clone().requires_grad_()
                after = layer(before)
                (slope,) = torch.autograd.grad(after.sum(), before)
            at = after.detach()
    return at[0].cpu().double(), inputs, slopes


def _from_coordinates(vae: VAE, out: Tensor, coordinates: Sequence[tuple[str, tuple[int, ...]]]) -> Tensor:
    """The map from the gradient in the coordinates to that in the encoder's output, (n_out, C).

    Coordinates that the encoder does not give, those below a diagonal factor, do not enter.
    """
    D, rows = vae.n_latents, []
    limits = _slope_of_limit(vae, out)
    back = torch.zeros(len(out), len(coordinates), dtype=torch.float64)
    for place, (name, index) in enumerate(coordinates):
        row, factor = index[0], 1.0
        if name == "scale_tril":
            i, j = index
            row = D + i if i == j else 2 * D + i * (i - 1) // 2 + j
            # The diagonal is a softplus of the output, whose slope is the logistic function.
            factor = float(torch.sigmoid(out[row])) if i == j else 1.0
        if name == "logits":
            factor = float(limits[row])
        if row < len(out):
            rows.append(row)
            back[row, place] = factor
    if sorted(rows) != list(range(len(out))):
        raise ValueError(f"moments must cover the encoder's {len(out)} outputs once each, they cover {sorted(rows)}")
    return back


def _slope_of_limit(vae: VAE, out: Tensor) -> Tensor:
    """The slope of the logits of bits in the encoder's output, (n_out,): 1 where they have no limit."""
    with differentiation():
        leaf = out.clone().requires_grad_()
        return torch.autograd.grad(vae.limited(leaf).sum(), leaf)[0]
