"""Noise, then transform in words: the route of a family, and what the starred dot does at each frame."""

from __future__ import annotations

from explorer.core.experiments.noise_transform import TransformFilm
from explorer.core.families.family import Family
from explorer.text import word
from explorer.text.numbers import placed


def route(family: Family) -> str:
    """How the family's transformation was found, or that there is none (Markdown)."""
    name = word(f"route.{family.route.replace(' ', '_').lower()}")
    return word("noise_transform.no_route" if family.route == "none" else "noise_transform.route", route=name)


def captions(film: TransformFilm, axis: tuple[float, float], eps: float, marked: int) -> list[str]:
    """A sentence a frame: what the starred dot does, and how many dots have left the picture."""
    sentences = []
    for frame, value in enumerate(film.values.tolist()):
        samples = film.samples[frame]
        outside = int(((samples < axis[0]) | (samples > axis[1])).sum())
        star = word(
            "noise_transform.star",
            parameter=film.parameter.letter,
            value=placed(value),
            eps=placed(eps),
            x=placed(float(samples[marked])),
            path=placed(float(film.path[frame, marked])),
        )
        away = word("noise_transform.outside", n=outside, total=len(samples)) if outside else ""
        sentences.append(f"{star} {away}".strip())
    return sentences


def described(family: Family, n: int, caption: str) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("noise_transform.alt", n=n, family=word(f"family.{family.name}.title"), caption=caption)
