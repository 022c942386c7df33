"""The latent space: what to predict."""

from __future__ import annotations

from explorer.core.numerics.radius import BAND, Radius
from explorer.text import word
from explorer.text.numbers import per_cent, placed
from explorer.vae.gradients.answers import Example
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import manifest
from explorer.verdicts.predictions.contract import Revealed, Settings, prediction

PAGE = "latent_space"


def _widest() -> str | None:
    """The shipped model of the most Gaussian latents; None where none is shipped or the manifest cannot be read."""
    try:
        models = manifest().models
    except PretrainedError:
        return None
    shapes = {name: entry.recipe.architecture for name, entry in models.items()}
    gaussian = [name for name, shape in shapes.items() if shape.posterior != "bernoulli"]
    return max(gaussian, key=lambda name: shapes[name].n_latents, default=None)


def radius(settings: Settings) -> Revealed:
    """How far from 0 samples of the prior lie."""
    law = Radius(manifest().models[settings["model"]].recipe.architecture.n_latents)
    low, high = law.band
    # A shell is thin where its inner side is nearer to the mean than to 0.
    right = "near" if high < 1 else "shell" if low > law.mean / 2 else "spread"
    sentence = word(
        "prediction.latent_space.radius.shown",
        n=law.n_latents,
        band=per_cent(BAND),
        low=placed(low),
        high=placed(high),
        mean=placed(law.mean),
    )
    return Revealed(right, sentence)


def halfway(settings: Settings) -> Revealed:
    """How far from 0 the middle between two codes lies, beside both."""
    ends = []
    for key in ("image", "other"):
        example = Example.shipped(settings["model"], settings[key], settings["seed"])
        ends.append(example.vae.posterior(example.pixels).loc[0].double().cpu())
    start, end = (float(each.norm()) for each in ends)
    middle = float(((ends[0] + ends[1]) / 2).norm())
    right = "smaller" if middle < min(start, end) else "larger" if middle > max(start, end) else "between"
    said = {"start": placed(start), "end": placed(end), "middle": placed(middle)}
    return Revealed(right, word("prediction.latent_space.halfway.shown", **said))


if (_MODEL := _widest()) is not None:
    _AT = {"model": _MODEL, f"{_MODEL}.view": "prior", "arranged": "radius"}
    prediction(PAGE, "radius", ("near", "spread", "shell"), _AT)(radius)
    prediction(PAGE, "halfway", ("smaller", "between", "larger"), {"model": _MODEL, f"{_MODEL}.view": "between"})(
        halfway
    )
