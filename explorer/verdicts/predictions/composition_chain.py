"""Noise, then transform, the view of a chain: what to predict."""

from __future__ import annotations

import torch

from explorer.core.experiments.chain_catalogue import CHAINS
from explorer.core.experiments.composition_chain import links
from explorer.text import word
from explorer.text.numbers import number
from explorer.verdicts.predictions.contract import Revealed, Settings, prediction

CHAIN = CHAINS["log_normal"]
EPS = 0.7
"""The noise that is asked about, where the three answers differ."""


@prediction("noise_transform", "chain", ("one", "sample", "noise"), {"view": "chain"})
def speed_in_loc(settings: Settings) -> Revealed:
    """How fast a Log-Normal sample moves with loc."""
    theta = {each.name: settings[f"composition_chain.{CHAIN.name}.{each.name}"] for each in CHAIN.parameters}
    last = links(CHAIN, theta, torch.tensor([EPS]), "loc")[-1]
    speed, x = float(last.speed), float(last.values)
    offered = {"one": 1.0, "sample": x, "noise": EPS}
    right = min(offered, key=lambda name: abs(offered[name] - speed))
    return Revealed(right, word("prediction.noise_transform.chain.shown", speed=number(speed, 3), x=number(x, 3)))
