"""Compare: what to predict."""

from __future__ import annotations

import torch

from explorer.text import word
from explorer.text.numbers import placed
from explorer.vae.compare import bound_of
from explorer.vae.datasets import binarize
from explorer.vae.pretrained import load_sample, load_vae
from explorer.verdicts.compare import TOLD_APART
from explorer.verdicts.predictions.contract import Revealed, Settings, prediction


@prediction("compare", "surprise", ("first", "second", "same"), {"pair": "images"})
def surprise(settings: Settings) -> Revealed:
    """Which of two images has the higher bound under one model."""
    vae, seed = load_vae(settings["model"]), settings["seed"]
    images, _ = load_sample(vae.dataset.name)
    numbers = [min(settings[key], len(images) - 1) for key in ("image", "second_image")]
    one, other = (
        bound_of(vae, binarize(images[number][None], torch.Generator().manual_seed(seed)), seed=seed)
        for number in numbers
    )
    above = one.elbo_above(other)
    told = above.errors_from_nought >= TOLD_APART
    sentence = word("prediction.compare.surprise.shown", first=placed(one.elbo.value), second=placed(other.elbo.value))
    return Revealed(("first" if above.value > 0 else "second") if told else "same", sentence)
