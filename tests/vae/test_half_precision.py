"""A decoder in half precision: its layers are the model's, and the rounding is measured, not assumed."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from explorer.vae.half_precision import half_layers, rounding_error


def test_layers_are_the_decoder_rounded(make_vae):
    vae, z = make_vae(3), torch.tensor([[0.5, -1.0, 2.0], [0.0, 0.0, 0.0]])
    units = z
    layers = half_layers(vae)
    for k, (weight, bias) in enumerate(layers):
        assert weight.dtype == bias.dtype == torch.float16
        units = F.linear(units, weight.float(), bias.float())
        units = units if k == len(layers) - 1 else F.silu(units)
    off = (torch.sigmoid(units).view(2, 1, 28, 28) - vae.decode(z)).abs().max()
    assert float(off) == pytest.approx(rounding_error(vae, z), abs=1e-6)
    assert 0 < off < 0.01


def test_rounding_error_leaves_the_model_as_it_was(make_vae):
    vae = make_vae()
    before = {name: value.clone() for name, value in vae.state_dict().items()}
    rounding_error(vae, torch.zeros(1, 2))
    for name, value in vae.state_dict().items():
        assert torch.equal(value, before[name])
