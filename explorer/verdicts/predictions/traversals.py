"""Traversals: what to predict."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.text import word
from explorer.text.numbers import number
from explorer.vae.datasets import binarize
from explorer.vae.manifest import PretrainedError
from explorer.vae.model import VAE
from explorer.vae.pretrained import load_sample, load_vae, manifest
from explorer.vae.traversals import REACH, Use, centre_of, changes, columns_of, traversals, use_of_latents
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction
from explorer.verdicts.traversals import subscript

PAGE = "traversals"


def _widest() -> dict[str, str | list[str]]:
    """The state with the model of most Gaussian latents; the page's own where nothing can be read."""
    try:
        models = manifest().models
    except PretrainedError:
        return {}
    latents = {
        name: entry.recipe.architecture.n_latents
        for name, entry in models.items()
        if entry.recipe.architecture.posterior != "bernoulli"
    }
    return {"model": max(latents, key=lambda name: latents[name])} if latents else {}


def _seen(settings: Settings) -> tuple[VAE, Use, Tensor]:
    """The model of these settings, what its latents are used for, and the image."""
    vae = load_vae(settings["model"])
    images, _ = load_sample(vae.dataset.name)
    number_of = min(settings["image"], len(images) - 1)
    made = [
        binarize(part, generator_for(settings["seed"], part.device)).to(vae.device)
        for part in (images, images[number_of : number_of + 1])
    ]
    return vae, use_of_latents(vae, made[0]), made[1]


@prediction(PAGE, "width", ("same", "third", "tenth"), _widest())
def width(settings: Settings) -> Revealed:
    """How wide the posterior is in the latent that carries most."""
    vae, use, image = _seen(settings)
    first = use.ranking[0]
    sd = float(centre_of(vae, image).scale[first])
    shown = word(
        "prediction.traversals.width.shown",
        latent=subscript(first),
        sd=number(sd),
        kl=number(float(use.kl[first]), 3),
        images=use.n_images,
    )
    return Revealed(nearest(sd, {"same": 1.0, "third": 1 / 3, "tenth": 0.1}), shown)


@prediction(PAGE, "last", ("black", "some", "nothing"), _widest())
def last(settings: Settings) -> Revealed:
    """What the latent of the smallest KL does to the picture."""
    vae, use, image = _seen(settings)
    centre = centre_of(vae, image)
    change = changes(traversals(vae, centre.loc, columns_of(centre, "prior")))
    least = use.ranking[-1]
    shown = word(
        "prediction.traversals.last.shown",
        latent=subscript(least),
        reach=number(REACH),
        change=number(float(change[least])),
        kl=number(float(use.kl[least])),
        active=int(use.active.sum()),
        n=len(use.kl),
        largest=number(float(torch.max(change))),
    )
    return Revealed(nearest(float(change[least]), {"black": 1.0, "some": 0.2, "nothing": 0.01}), shown)
