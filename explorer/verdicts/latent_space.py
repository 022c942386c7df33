"""The latent space in words: bounds with their errors, and what each picture shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor

from explorer.text import word
from explorer.text.numbers import number, placed
from explorer.verdicts.words import listed


def estimated(values: Tensor) -> str:
    """The mean of independent estimates with its standard error, to the error's second digit."""
    values = values.double()
    error = float(values.std()) / len(values) ** 0.5
    digits = max(0, 1 - math.floor(math.log10(error)) if error > 0 else 2)
    return f"{placed(float(values.mean()), digits)} ± {placed(error, digits)}"


def bounds(label: str, seed: int, elbo: Tensor, likelihood: Tensor, importance: int) -> str:
    """The ELBO and log p(x) of the image on the screen (Markdown).

    `elbo` holds independent estimates, or the one exact number of a model of bits. `likelihood` holds independent
    importance-weighted estimates of log p(x), or the one number that was integrated or added up.
    """
    if len(elbo) == 1:
        said = word("latent_space.enumerated", likelihood=placed(float(likelihood)))
    elif len(likelihood) == 1:
        said = word("latent_space.integrated", likelihood=placed(float(likelihood)))
    else:
        said = word("latent_space.weighted", importance=importance, likelihood=estimated(likelihood))
    of_elbo = placed(float(elbo)) if len(elbo) == 1 else estimated(elbo)
    return word("latent_space.bounds", label=label, seed=seed, elbo=of_elbo, likelihood=said)


def picker_described(first: int, n: int, chosen: int, label: str) -> str:
    """The strip of images in words."""
    return word("latent_space.picker_alt", first=first, last=first + n - 1, chosen=chosen, label=label)


def plane_described(extent: float, loc: Tensor) -> str:
    """The plane in words."""
    x, y = (placed(float(part)) for part in loc)
    return word("latent_space.plane_alt", low=number(-extent), high=number(extent), x=x, y=y)


def plane_caption(side: int, error: float, n: int) -> str:
    """How true the plane is between its decoded points, and what the dots are."""
    return word("latent_space.plane_caption", side=side, error=f"{error:.2f}", n=n)


def close_up_titles(n_places: int, *, has_bits: bool = False) -> list[str]:
    """What stands over the close-ups: the image, its posterior mean or likeliest code and, of two places, the point."""
    centre = "latent_space.at_code" if has_bits else "latent_space.at_mean"
    keys = ("latent_space.encoded", centre, "latent_space.at_point")
    return [word(key) for key in keys[: 1 + n_places]]


def close_ups_described(titles: Sequence[str]) -> str:
    """The close-ups in words."""
    return word("latent_space.close_ups_alt", places=listed(titles[1:]))


def tick(value: float) -> str:
    """A latent's value over a column of the traversals."""
    return number(round(value, 1) + 0.0)


def traversal_described(n_rows: int, n_latents: int, reach: float) -> str:
    """The traversals in words."""
    return word("latent_space.traversal_alt", rows=n_rows, n=n_latents, low=number(-reach), high=number(reach))


def activity(active: int, n_latents: int, least: float) -> str:
    """How many latent dimensions are used at all (Markdown)."""
    return word("latent_space.activity", active=active, n=n_latents, least=number(least))


def prior_described(n: int, seed: int, *, has_bits: bool = False) -> str:
    """The samples of the prior in words."""
    return word("latent_space.prior_bits_alt" if has_bits else "latent_space.prior_alt", n=n, seed=seed)
