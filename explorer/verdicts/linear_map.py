"""The plane in words: what the star does at each frame, covariance and area in numbers, and every derivative."""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import Tensor

from explorer.core.experiments.linear_map import (
    WITHIN,
    MapFilm,
    area_ratios,
    covariance,
    entry_paths,
    lower_triangle,
    outside,
    within_circle,
)
from explorer.core.families.family import Family
from explorer.text import word
from explorer.text.numbers import number, per_cent, placed


def captions(film: MapFilm, eps: Tensor, marked: int) -> list[str]:
    """A sentence a frame: where the starred noise lands, how fast it moves there, the covariance, dots out of sight."""
    is_normal = film.samples.shape[-1] == 2
    away = outside(film.samples).tolist()
    squares = covariance(film.theta) if is_normal else None
    sentences = []
    for frame, value in enumerate(film.values.tolist()):
        parts = [
            word(
                "linear_map.star",
                parameter=film.parameter.letter,
                value=placed(value),
                eps=_entries(eps[marked]),
                x=_entries(film.samples[frame, marked]),
                path=_entries(film.path[frame, marked]),
            )
        ]
        if squares is not None:
            (one, both), (_, other) = squares[frame].tolist()
            area = float(film.theta["scale_tril_11"][frame] * film.theta["scale_tril_22"][frame])
            rows = {"one": placed(one), "both": placed(both), "other": placed(other)}
            parts.append(word("linear_map.covariance", **rows, area=placed(area)))
        if away[frame]:
            parts.append(word("linear_map.outside", n=away[frame], total=film.samples.shape[1]))
        sentences.append(" ".join(parts))
    return sentences


def verdict(family: Family, theta: Mapping[str, float], eps: Tensor, marked: int) -> str:
    """What the map does to the cloud (Markdown); all of it is exact but the count of dots."""
    star = eps[[marked]]
    area = float(area_ratios(family, theta, star))
    at = family.tensors(theta, eps.double())
    if "scale_tril_11" not in at:
        total = sum(theta.values())
        means = ", ".join(placed(value / total) for value in theta.values())
        return word("linear_map.verdict_shares", means=means, area=number(area))
    square = covariance(at)
    spreads = square.diagonal().sqrt()
    return word(
        "linear_map.verdict",
        triangle=_matrix(lower_triangle(at)),
        square=_matrix(square),
        first=placed(float(spreads[0])),
        second=placed(float(spreads[1])),
        correlation=placed(float(square[0, 1] / spreads.prod())),
        area=placed(area),
        circle=placed(math.pi),
        ellipse=placed(math.pi * area),
        inside=within_circle(eps),
        n=len(eps),
        share=per_cent(WITHIN, 1),
    )


def derivatives(family: Family, theta: Mapping[str, float], eps: Tensor) -> str:
    """A table of dx/dtheta at one noise eps (2,): a row a parameter, a column an entry of x."""
    paths = entry_paths(family, theta, eps)
    size = len(next(iter(paths.values())))
    heads = [word("linear_map.at_star", eps=_entries(eps)), *(word("linear_map.entry", i=i + 1) for i in range(size))]
    lines = [heads, ["---", *["---:"] * size]]
    for parameter in family.parameters:
        rows = [placed(value, 3) for value in paths[parameter.name].tolist()]
        lines.append([word("linear_map.slope", symbol=parameter.symbol), *rows])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def described(family: Family, n: int, caption: str) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("linear_map.alt", n=n, family=word(f"family.{family.name}.title"), caption=caption)


def _entries(vector: Tensor) -> str:
    return ", ".join(placed(value) for value in vector.tolist())


def _matrix(values: Tensor) -> str:
    (a, b), (c, d) = ([placed(value).replace("−", "-") for value in row] for row in values.tolist())
    return word("linear_map.matrix", a=a, b=b, c=c, d=d)
