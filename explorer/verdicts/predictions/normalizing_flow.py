"""Noise, then transform, the view of a flow: what to predict."""

from __future__ import annotations

import torch

from explorer.core.experiments.normalizing_flow import PARAMETERS, forward, log_noise
from explorer.text import word
from explorer.text.numbers import number
from explorer.verdicts.predictions.contract import Revealed, Settings, prediction


@prediction("noise_transform", "flow", ("rises", "same", "falls"), {"view": "flow", "normalizing_flow.layers": "1"})
def density_at_the_centre(settings: Settings) -> Revealed:
    """What becomes of the density where the noise 0 goes."""
    theta = {each.name: torch.tensor(settings[f"normalizing_flow.{each.name}"]).double() for each in PARAMETERS}
    eps = torch.zeros(2, dtype=torch.float64)
    log_p, log_det = log_noise(eps), forward(eps, theta)[1].sum(-1)
    before, after = float(log_p.exp()), float((log_p - log_det).exp())
    right = "same" if abs(after - before) < 1e-9 else "falls" if after < before else "rises"
    said = {"before": number(before, 3), "after": number(after, 3), "factor": number(float(log_det.exp()), 3)}
    return Revealed(right, word("prediction.noise_transform.flow.shown", **said))
