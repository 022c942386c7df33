"""Reconstruct it: what to predict."""

from __future__ import annotations

import torch

from explorer.text import word
from explorer.text.numbers import placed
from explorer.vae.datasets import binarize
from explorer.vae.pretrained import load_sample, load_vae
from explorer.vae.reconstruct import make_task, ranking
from explorer.vae.reconstruct_search import best_found
from explorer.verdicts.predictions.contract import Revealed, Settings, prediction
from explorer.verdicts.reconstruct import NEAR


@prediction("reconstruct", "exact", ("mean", "other", "none"), {"target": "image"})
def exact(settings: Settings) -> Revealed:
    """Which place of the sliders matches the image itself."""
    vae, seed = load_vae(settings["model"]), settings["seed"]
    images, _ = load_sample(vae.dataset.name)
    image = binarize(images[settings["image"]][None], torch.Generator().manual_seed(seed))
    task = make_task(vae, image, ranking(vae, images), seed=seed, decoded=settings["target"] == "decode")
    own, best = task.distances([task.own, best_found(task, seed=seed)]).nats.tolist()
    sentence = word("prediction.reconstruct.exact.shown", own=placed(own), best=placed(best))
    return Revealed("mean" if own < NEAR else "other" if best < NEAR else "none", sentence)
