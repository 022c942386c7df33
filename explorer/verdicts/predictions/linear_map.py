"""Noise, then transform, the view of a vector: what to predict."""

from __future__ import annotations

import torch

from explorer.core.experiments.linear_map import covariance
from explorer.core.families import VECTORS
from explorer.text import word
from explorer.text.numbers import number
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction

NORMAL = VECTORS["multivariate_normal"]


def _variance(settings: Settings, entry: float | None = None) -> float:
    """The variance of the first coordinate, at the page's L or at another L_11."""
    theta = {each.name: settings[f"{NORMAL.name}.{each.name}"] for each in NORMAL.parameters}
    theta["scale_tril_11"] = theta["scale_tril_11"] if entry is None else entry
    return float(covariance(NORMAL.tensors(theta, torch.zeros(1, dtype=torch.float64)))[0, 0])


@prediction(
    "noise_transform",
    "covariance",
    ("two", "four", "root"),
    {"view": "plane", "multivariate_normal.scale_tril_11": "2"},
)
def covariance_of_the_first(settings: Settings) -> Revealed:
    """How the variance grows with the entry of L."""
    now, before = _variance(settings), _variance(settings, 1.0)
    sentence = word(
        "prediction.noise_transform.covariance.shown",
        entry=number(settings["multivariate_normal.scale_tril_11"]),
        variance=number(now, 3),
        before=number(before, 3),
    )
    return Revealed(nearest(now / before, {"two": 2, "four": 4, "root": 2**0.5}), sentence)
