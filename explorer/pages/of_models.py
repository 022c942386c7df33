"""What the links of the pages of the models may say, made from the manifest: nothing, where it cannot be read."""

from __future__ import annotations

from explorer.vae.datasets import DATASETS
from explorer.vae.manifest import Manifest, PretrainedError
from explorer.vae.pretrained import manifest
from explorer.vae.reconstruct import MOST_SLIDERS
from explorer.vae.sprites import FACTORS
from explorer.vae.traversals import UNITS
from explorer.visit import model_state
from explorer.visit.fields import Bytes, Field, Menu, Switch, Whole
from explorer.visit.places import Along, Places

CLOSER = ("signal", "weights", "pixels", "latents", "bound")
"""What *Gradients of the ELBO* has below its picture, one at a time."""
DRAWN = DATASETS["mnist"].n_pixels // 2
"""Bytes of a packed picture of a digit."""
OTHER = 1
"""The image to which one goes on *Latent space* from the first."""
FARTHEST = 20.0
"""No latent is moved farther from 0."""
EXTENT = 3.5
"""The plane of two latents is shown from -EXTENT to EXTENT."""


def shipped() -> Manifest | None:
    """What is shipped; nothing when the manifest cannot be read, which the pages of the models then say."""
    try:
        return manifest()
    except PretrainedError:
        return None


def image_of(shipped: Manifest, key: str = "image", default: int = 0) -> Field:
    """The number of a test image: of the largest sample, since the model may change."""
    last = max((sample.n_images for sample in shipped.samples.values()), default=1) - 1
    return Whole(key, last, key, min(default, last))


def latents() -> list[Field]:
    found = shipped()
    if found is None:
        return []
    source = Menu("source", ("sample", "own"), "sample", "source", "source")
    drawn = Bytes("drawn", DRAWN)
    return [
        *(*model_state.views(found.models), source, image_of(found), *model_state.plane(EXTENT), drawn),
        *(image_of(found, "other", OTHER), *model_state.within_views()),
    ]


def elbo_gradients() -> list[Field]:
    found = shipped()
    if found is None:
        return []
    return [
        model_state.model(found.models),
        image_of(found),
        *model_state.elbo_coordinates(found.models),
        *model_state.elbo_estimators(found.models),
        Menu("kl", ("analytic", "sampled"), "analytic", "kl", "kl"),
        Switch("own_axes", False, "own_axes"),
        Menu("closer", CLOSER, CLOSER[0], "closer", "closer"),
    ]


def traversals() -> list[Field]:
    found = shipped()
    if found is None or not (gaussian := model_state.with_gaussian_latents(found.models)):
        return []
    most = max(entry.recipe.architecture.n_latents for entry in gaussian.values()) - 1
    units = Menu("unit", UNITS, UNITS[0], "unit", "unit")
    names = tuple(factor.name for factor in FACTORS)
    factor = Menu("factor", names, names[0], "factor", "factor")
    return [model_state.model_of_many(gaussian), units, image_of(found), Along("moved", most, FARTHEST), factor]


def reconstruct() -> list[Field]:
    found = shipped()
    if found is None:
        return []
    target = Menu("target", ("decode", "image"), "decode", "target", "target")
    return [model_state.gaussian_model(found.models), target, image_of(found), Places("places", MOST_SLIDERS, FARTHEST)]


def compare() -> list[Field]:
    found = shipped()
    if found is None:
        return []
    pair = Menu("pair", ("models", "images"), "models", "pair", "pair")
    images = [image_of(found), image_of(found, "second_image", 1)]
    return [pair, *model_state.pair_of_models(found.models), *images]
