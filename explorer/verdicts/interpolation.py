"""Two ways between two images' codes in words: how near to the origin each passes, and where the prior is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from torch import Tensor

from explorer.core.numerics.radius import BAND, Radius
from explorer.text import word
from explorer.text.numbers import number, per_cent, placed
from explorer.vae.interpolation import Path

Ways = Mapping[str, Path]
"""The straight way, and the spherical one where there is one: "straight", "spherical"."""


def readouts(path: Path) -> list[str]:
    """What stands under the picture at each place."""
    pairs = zip(path.norms.tolist(), path.log_prior.tolist(), strict=True)
    return [word("interpolation.readout", norm=placed(norm), prior=placed(prior)) for norm, prior in pairs]


def share_outside(norms: Tensor, band: tuple[float, float]) -> float:
    """The share of the places, at equal steps from 0 to 1, whose |z| is not in the band."""
    low, high = band
    return float(((norms < low) | (norms > high)).double().mean())


def verdict(ways: Ways, first: str, second: str, angle: float | None) -> str:
    """Half-way |z| beside where the prior lies (Markdown); `angle` between the codes in radians."""
    n_latents = ways["straight"].places.shape[1]
    band = Radius(n_latents).band
    said = {
        "first": first,
        "second": second,
        "straight": placed(_halfway(ways["straight"])),
        "band": per_cent(BAND),
        "n": n_latents,
        "low": placed(band[0]),
        "high": placed(band[1]),
    }
    if "spherical" not in ways or angle is None:
        return word("interpolation.verdict_straight", **said)
    outside = {name: share_outside(path.norms, band) for name, path in ways.items()}
    if not any(outside.values()):
        where = word("interpolation.both_inside")
    else:
        where = word("interpolation.outside_somewhere", **{name: per_cent(share) for name, share in outside.items()})
        ends = ways["straight"].norms[[0, -1]]
        if bool((ends < band[0]).all()):
            where = f"{where} {word('interpolation.means_within')}"
    spherical, degrees = placed(_halfway(ways["spherical"])), number(math.degrees(angle), 3)
    return word("interpolation.verdict", spherical=spherical, angle=degrees, where=where, **said)


def _halfway(path: Path) -> float:
    return float(path.norms[len(path.norms) // 2])


def curves_described(ways: Ways) -> str:
    """The curves in words."""
    halfway = {name: f"|z| = {placed(_halfway(path))}" for name, path in ways.items()}
    key = "interpolation.halfway_both" if "spherical" in halfway else "interpolation.halfway_one"
    return word("interpolation.curves_alt", halfway=word(key, **halfway))


def pictures_described(ways: Ways, labels: Sequence[str]) -> str:
    """The rows of pictures in words."""
    other = word("interpolation.pictures_other") if "spherical" in ways else ""
    return word("interpolation.pictures_alt", first=labels[0], second=labels[1], other=other)


def slider_described(labels: Sequence[str]) -> str:
    """What the slider is."""
    return word("interpolation.slider_alt", first=labels[0], second=labels[1])
