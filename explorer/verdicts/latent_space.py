"""The latent space in words: bounds with their errors, and what each picture shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor

from explorer.text import word
from explorer.text.numbers import number, per_cent, placed
from explorer.vae.true_posterior import TruePosterior
from explorer.verdicts.words import listed

MISSED = 0.5
"""The share of the true posterior in the lens below which q is said to have missed it."""


def estimated(values: Tensor) -> str:
    """The mean of independent estimates with its standard error, to the error's second digit."""
    values = values.double()
    error = float(values.std()) / len(values) ** 0.5
    digits = max(0, 1 - math.floor(math.log10(error)) if error > 0 else 2)
    return f"{placed(float(values.mean()), digits)} ± {placed(error, digits)}"


def bounds(label: str, seed: int, elbo: Tensor, likelihood: Tensor, importance: int) -> str:
    """The ELBO and log p(x) of the image on the screen (Markdown).

    From independent estimates of each, or the one exact number of each that a model of bits has.
    """
    if len(elbo) == 1:
        said = word("latent_space.enumerated", likelihood=placed(float(likelihood)))
        return word("latent_space.bounds", label=label, seed=seed, elbo=placed(float(elbo)), likelihood=said)
    said = word("latent_space.weighted", importance=importance, likelihood=estimated(likelihood))
    return word("latent_space.bounds", label=label, seed=seed, elbo=estimated(elbo), likelihood=said)


def exact_bounds(label: str, seed: int, truth: TruePosterior, share: float) -> str:
    """The same where both are integrated: the gap between them, the true posterior's modes, and what q sees of it.

    `share`: of the true posterior, in the square about q that the lens shows.
    """
    bound = word(
        "latent_space.gap",
        label=label,
        seed=seed,
        elbo=placed(truth.elbo, 2),
        likelihood=placed(truth.log_likelihood, 2),
        gap=placed(truth.gap, 2),
    )
    heavy = truth.modes.masses[: truth.modes.heavy].tolist()
    if len(heavy) < 2:
        shape = word("latent_space.one_mode", share=per_cent(share))
    else:
        parts = listed([per_cent(mass) for mass in heavy])
        shape = word("latent_space.modes", n=len(heavy), parts=parts, share=per_cent(share))
    return f"{bound} {shape}"


def mode_marks(truth: TruePosterior | None, share: float | None) -> list[tuple[float, float, str]]:
    """Where the true posterior has its modes, with their shares, if there are several or q has missed it."""
    if truth is None or share is None or (truth.modes.heavy < 2 and share > MISSED):
        return []
    places, masses = (part[: truth.modes.heavy].tolist() for part in (truth.modes.places, truth.modes.masses))
    return [(x, y, per_cent(mass)) for (x, y), mass in zip(places, masses, strict=True)]


def lens_described(hand: str, half: float) -> str:
    """The lens in words, when "z" or "eps" is under the hand."""
    return word("latent_space.lens_alt_eps" if hand == "eps" else "latent_space.lens_alt", width=number(2 * half))


def picker_described(first: int, n: int, chosen: int, label: str) -> str:
    """The strip of images in words."""
    return word("latent_space.picker_alt", first=first, last=first + n - 1, chosen=chosen, label=label)


def plane_described(hand: str, extent: float, loc: Tensor) -> str:
    """The plane in words, when "z" or "eps" is under the hand."""
    x, y = (placed(float(part)) for part in loc)
    key = "latent_space.plane_alt_eps" if hand == "eps" else "latent_space.plane_alt"
    return word(key, low=number(-extent), high=number(extent), x=x, y=y)


def plane_caption(background: str, side: int, error: float, n: int) -> str:
    """What is behind the plane, "dots" or the "atlas", and how true the picture beside it is."""
    dots, atlas = word("latent_space.plane_dots", n=n), word("latent_space.plane_atlas", side=side)
    behind = atlas if background == "atlas" else dots
    return f"{behind} {word('latent_space.plane_caption', error=number(error), n=n)}"


def noise(eps: tuple[float, float], seed: int) -> str:
    """Where the noise under the hand is among all noise, and its seed where it was drawn (0: it was not) (Markdown).

    Under N(0, I) of two dimensions, |eps| is larger than r with probability exp(-r^2 / 2).
    """
    radius = math.hypot(*eps)
    share = f"{number(100 * math.exp(-(radius**2) / 2))} %"
    drawn = word("latent_space.noise_drawn", seed=seed) if seed else word("latent_space.noise_placed")
    return word("latent_space.noise", drawn=drawn, radius=placed(radius), share=share)


def close_up_titles(n_places: int, *, has_bits: bool = False) -> list[str]:
    """What stands over the close-ups: the image, its posterior mean or likeliest code and, of two places, the point."""
    centre = "latent_space.at_code" if has_bits else "latent_space.at_mean"
    keys = ("latent_space.encoded", centre, "latent_space.at_point")
    return [word(key) for key in keys[: 1 + n_places]]


def close_ups_described(titles: Sequence[str]) -> str:
    """The close-ups in words."""
    return word("latent_space.close_ups_alt", places=listed(titles[1:]))


def prior_described(n: int, seed: int, *, has_bits: bool = False) -> str:
    """The samples of the prior in words."""
    return word("latent_space.prior_bits_alt" if has_bits else "latent_space.prior_alt", n=n, seed=seed)
