"""Noise, then transform in words: the route of a family, what the star does at each frame, whether two ways agree."""

from __future__ import annotations

from explorer.core.experiments.noise_transform import Scene, TransformFilm
from explorer.core.experiments.star_path import Speeds, StarPath
from explorer.core.families.family import Family
from explorer.text import word
from explorer.text.numbers import number, per_cent, placed

AGREED = 1e-6
"""Two ways that differ by no more than this, relative to 1 + |dx/dtheta|, are said to agree."""
_JUMPS_NAMED = 4


def route(family: Family) -> str:
    """How the family's transformation was found, or that there is none (Markdown)."""
    name = route_title(family.route)
    return word("noise_transform.no_route" if family.route == "none" else "noise_transform.route", route=name)


def route_title(name: str) -> str:
    """A route as the screen has it."""
    return word(f"route.{name.replace(' ', '_').lower()}")


def captions(scene: Scene, i: int) -> list[str]:
    """A sentence a frame of parameter i: where the star is, how fast by either way, how many dots are out of sight."""
    film, path = scene.films[i], scene.paths[i]
    sentences = []
    for frame, value in enumerate(path.values.tolist()):
        letter, x = path.parameter.letter, placed(float(path.speeds.x[frame]))
        slid = word("noise_transform.slid", parameter=letter, value=placed(value), eps=placed(scene.star), x=x)
        sentences.append(_joined(slid, _speeds(path, path.speeds, frame, frame), _outside(film, frame, scene.axis)))
    return sentences


def sweep_captions(scene: Scene) -> list[str]:
    """The same for each place of the star along the noise."""
    film, path, speeds = scene.films[scene.place], scene.paths[scene.place], scene.sweep.speeds
    value = placed(float(path.values[path.start]))
    sentences = []
    for frame, eps in enumerate(scene.sweep.eps.tolist()):
        letter, x = path.parameter.letter, placed(float(speeds.x[frame]))
        carried = word("noise_transform.carried", parameter=letter, value=value, eps=placed(eps), x=x)
        sentences.append(
            _joined(carried, _speeds(path, speeds, frame, path.start), _outside(film, film.start, scene.axis))
        )
    return sentences


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _speeds(path: StarPath, speeds: Speeds, frame: int, place: int) -> str:
    """How fast the star moves, by whichever ways there are; `place` is theta's on the path."""
    letter, formula = path.parameter.letter, speeds.formula
    if formula is None or speeds.lean is None or speeds.density is None or speeds.share is None:
        if path.mean is None or path.mean_slope is None:
            return word("noise_transform.jumps_here", parameter=letter)
        mean, slope = placed(float(path.mean[place])), number(float(path.mean_slope[place]), 3)
        return word("noise_transform.jumps", parameter=letter, mean=mean, mean_slope=slope)
    parts = {
        "parameter": letter,
        "lean": number(float(speeds.lean[frame]), 3),
        "density": number(float(speeds.density[frame]), 3),
        "formula": number(float(formula[frame]), 4),
    }
    share = word("noise_transform.share", share=per_cent(float(speeds.share[frame]), 2))
    if speeds.slope is None:
        return _joined(word("noise_transform.one_way", **parts), share)
    of_g, gap = float(speeds.slope[frame]), float((speeds.slope[frame] - formula[frame]).abs())
    return _joined(word("noise_transform.two_ways", slope=number(of_g, 4), gap=number(gap), **parts), share)


def _outside(film: TransformFilm, frame: int, axis: tuple[float, float]) -> str:
    samples = film.samples[frame]
    outside = int(((samples < axis[0]) | (samples > axis[1])).sum())
    return word("noise_transform.outside", n=outside, total=len(samples)) if outside else ""


def verdict(scene: Scene) -> str:
    """Whether the two ways agree wherever the sliders go; of a family without a route, what breaks (Markdown)."""
    speeds = scene.sweep.speeds
    if scene.family.route == "none":
        return _still(scene)
    everywhere = [speeds, *(path.speeds for path in scene.paths)]
    taken = [each for each in everywhere if each.gap is not None]
    gap = max(each.gap for each in taken if each.gap is not None)
    places = sum(len(each.x) for each in taken)
    parts = {"places": f"{places}", "gap": number(gap)}
    assert speeds.share is not None
    share = float(speeds.share[scene.sweep.start])
    if gap > AGREED:
        return word("noise_transform.part", **parts)
    if speeds.is_quotient:
        letter = scene.sweep.along.letter
        return word("noise_transform.agree_solved", parameter=letter, share=per_cent(share, 2), **parts)
    held = [each.share for each in everywhere[1:] if each.share is not None]
    drift = max(float((each - share).abs().max()) for each in held)
    return word("noise_transform.agree", share=per_cent(share, 2), drift=number(drift), **parts)


def _still(scene: Scene) -> str:
    path, film = scene.paths[scene.place], scene.films[scene.place]
    assert path.mean_slope is not None
    letter = path.parameter.letter
    named, n_more = ", ".join(map(placed, path.jumps[:_JUMPS_NAMED].tolist())), len(path.jumps) - _JUMPS_NAMED
    if n_more > 0:
        star = word("noise_transform.star_jumps_more", parameter=letter, places=named, n=f"{n_more}")
    elif named:
        star = word("noise_transform.star_jumps", parameter=letter, places=named)
    else:
        star = word("noise_transform.star_stays")
    return word(
        "noise_transform.still",
        parameter=letter,
        n=f"{len(scene.eps)}",
        mean_slope=placed(float(path.mean_slope[path.start]), 3),
        jumping=f"{film.jumping}",
        star=star,
    )


def described(family: Family, n: int, caption: str) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("noise_transform.alt", n=n, family=word(f"family.{family.name}.title"), caption=caption)
