"""A chain of steps in words: its strips' names, what the star does at each frame, the chain rule with its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import Tensor

from explorer.core.experiments.composition_chain import Chain, ChainFilm, Link, links
from explorer.text import word
from explorer.text.numbers import number, placed


def labels(chain: Chain) -> list[str]:
    """What stands over each strip, the noise first."""
    return [word(f"composition_chain.{chain.name}.stage_{i}") for i in range(len(chain.steps) + 1)]


def title(chain: str) -> str:
    """A chain's name on the screen."""
    return word(f"composition_chain.{chain}.title")


def captions(chain: Chain, film: ChainFilm, marked: int) -> list[str]:
    """A sentence a frame: the star's numbers from strip to strip, and the dots out of sight in the last."""
    low, high = chain.windows[-1]
    away = ((film.stages[-1] < low) | (film.stages[-1] > high)).any(-1).sum(1).tolist()
    sentences = []
    for frame, value in enumerate(film.values.tolist()):
        way = " → ".join(_entries(stage[frame, marked]) for stage in film.stages)
        said = word("composition_chain.star", parameter=film.parameter.letter, value=placed(value), way=way)
        if away[frame]:
            said += " " + word("noise_transform.outside", n=away[frame], total=film.stages[-1].shape[1])
        sentences.append(said)
    return sentences


def verdict(chain: Chain, theta: Mapping[str, float], eps: Tensor) -> str:
    """What the chain passes on at the star, and whether a parameter is left out (Markdown)."""
    smooth = [each for each in chain.parameters if not each.choices]
    parts = []
    if smooth:
        found = {each.letter: links(chain, theta, eps, each.name)[-1] for each in smooth}
        slopes = "; ".join(f"∂x/∂{letter} = **{_entries(link.speed, 3)}**" for letter, link in found.items())
        values = _entries(next(iter(found.values())).values, 3)
        parts.append(word("composition_chain.verdict", values=values, slopes=slopes))
    if chain.count:
        parts.append(word("composition_chain.counted", letter=chain.count.letter))
    return " ".join(parts)


def table(chain: Chain, theta: Mapping[str, float], eps: Tensor) -> str:
    """The chain rule step by step: a row a step, a column a parameter that has a derivative. Empty without any."""
    smooth = [each for each in chain.parameters if not each.choices]
    if not smooth:
        return ""
    along = [links(chain, theta, eps, each.name) for each in smooth]
    heads = [word("composition_chain.step"), word("composition_chain.at_star"), *(f"∂/∂{p.letter}" for p in smooth)]
    lines = [heads, ["---"] * len(heads)]
    for i, label in enumerate(labels(chain)[1:]):
        cells = [_passed(found[i], found[i - 1].speed if i else None) for found in along]
        values = along[0][i].values
        if chain.count and len(values) == chain.n_noises:
            values, cells = values[: int(theta[chain.count.name])], [word("composition_chain.unmoved")] * len(along)
        lines.append([label, _entries(values, 3), *cells])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _passed(link: Link, before: Tensor | None) -> str:
    """own + slope × speed before = speed, coordinate by coordinate; what is 0 is left out."""
    lines = []
    for row, speed in enumerate(link.speed.tolist()):
        terms = [number(float(link.own[row]), 3)] if float(link.own[row]) else []
        for slope, moved in zip(link.slopes[row].tolist(), [] if before is None else before.tolist(), strict=False):
            if slope and moved:
                terms.append(f"{_signed(slope)} · {_signed(moved)}")
        told = f" = {number(speed, 3)}" if len(terms) > 1 or "·" in "".join(terms) else ""
        lines.append((" + ".join(terms) or "0") + told)
    return "; ".join(lines)


def _signed(value: float) -> str:
    """A factor; a negative one in parentheses."""
    return f"({number(value, 3)})" if value < 0 else number(value, 3)


def _entries(values: Tensor, digits: int = 0) -> str:
    """One number, or some in parentheses; those that are not used are left out."""
    kept = [value for value in values.tolist() if not math.isnan(value)]
    said = [number(value, digits) if digits else placed(value) for value in kept]
    return said[0] if len(values) == 1 else f"({', '.join(said)})"


def described(chain: Chain, n: int, caption: str) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("composition_chain.alt", n=n, chain=title(chain.name), steps=len(chain.steps), caption=caption)
