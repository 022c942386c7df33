"""How much of an average in many dimensions so many draws ever reach: sentences that are computed."""

from __future__ import annotations

import math

from explorer.core.experiments.reach import (
    DIMENSIONS,
    SAMPLED,
    TILTS,
    Frames,
    Medians,
    log_draws_for_half,
)
from explorer.core.numerics.radius import BAND, Radius
from explorer.text import word
from explorer.text.numbers import number, per_cent, placed, times

_LITTLE, _NOTHING = 0.001, 1e-300
_LONGEST = 9.0
_ENDLESS = 0.5
"""E f² at t is E f at 2 t, which is infinite from 1 on."""


def verdict(film: Frames, found: Medians | None, frame: int) -> str:
    """Where draws lie, where E f comes from, and how much of it n draws reach (Markdown)."""
    dimension, tilt, (low, high) = _at(film, frame)
    parts = [
        word(
            "reach.lies",
            dimension=dimension,
            band=per_cent(BAND),
            low=placed(low),
            high=placed(high),
            ball=_small(Radius(dimension).mass_within(1.0)),
        ),
        word(
            "reach.comes",
            tilt=number(tilt),
            radius=placed(math.sqrt(dimension / (1 - tilt))),
            n=f"{film.n:,}",
            reach=placed(float(film.reach[frame])),
            value=_small(_share(film, "value", frame)),
            slope=_small(_share(film, "pathwise", frame)),
        ),
        word("reach.half", draws=_draws(log_draws_for_half(dimension, tilt))),
    ]
    if found is not None:
        parts.append(_averages(found, dimension, tilt))
    if tilt >= _ENDLESS:
        parts.append(word("reach.endless"))
    return " ".join(parts)


def _averages(found: Medians, dimension: int, tilt: float) -> str:
    """The medians at the nearest of the dimensions at which averages are drawn."""
    place = min(range(len(SAMPLED)), key=lambda i: abs(math.log(SAMPLED[i] / dimension)))
    column = min(range(len(TILTS)), key=lambda i: abs(TILTS[i] - tilt))
    value, slope = (_small(float(found.median[name][place, column])) for name in ("value", "pathwise"))
    repetitions = f"{found.repetitions:,}"
    return word("reach.medians", dimension=SAMPLED[place], repetitions=repetitions, value=value, slope=slope)


def _at(film: Frames, frame: int) -> tuple[int, float, tuple[float, float]]:
    low, high = film.band[frame].tolist()
    return int(film.dimensions[frame]), round(float(film.tilts[frame]), 9), (low, high)


def _share(film: Frames, name: str, frame: int) -> float:
    return float(film.shares[name][frame, DIMENSIONS.index(int(film.dimensions[frame]))])


def _small(share: float) -> str:
    """A share in per cent, written out however small it is."""
    if abs(share) < _NOTHING:
        return word("reach.least")
    if share < _LITTLE:
        return word("reach.per_cent", share=number(100 * share))
    return per_cent(share, 1)


def _draws(decades: float) -> str:
    if decades <= 0:
        return "1"
    return times(10**decades) if decades < _LONGEST else word("reach.decades", power=_raised(round(decades)))


def _raised(power: int) -> str:
    return f"10{str(power).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def captions(film: Frames) -> list[str]:
    """A sentence a frame."""
    found = []
    for frame in range(len(film.dimensions)):
        dimension, tilt, (low, high) = _at(film, frame)
        found.append(
            word(
                "reach.caption",
                dimension=dimension,
                tilt=number(tilt),
                low=placed(low),
                high=placed(high),
                band=per_cent(BAND),
                n=f"{film.n:,}",
                reach=placed(float(film.reach[frame])),
                value=_small(_share(film, "value", frame)),
                slope=_small(_share(film, "pathwise", frame)),
            )
        )
    return found


def described(film: Frames, frame: int) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("reach.alt", n=f"{film.n:,}", caption=captions(film)[frame])


def table(film: Frames, frame: int) -> dict[str, list[float]]:
    """The panels against D at a frame's t, a column a name."""
    return {
        "dimension": [float(each) for each in DIMENSIONS],
        "band_of_f_low": film.bands[frame, :, 0].tolist(),
        "band_of_f_high": film.bands[frame, :, 1].tolist(),
        "share_reached": film.shares["value"][frame].tolist(),
        "share_of_the_gradient_reached": film.shares["pathwise"][frame].tolist(),
    }
