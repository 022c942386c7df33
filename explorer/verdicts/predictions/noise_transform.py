"""Noise, then transform: what to predict."""

from __future__ import annotations

import torch

from explorer.core.device import generator_for
from explorer.core.experiments.noise_transform import transform_films
from explorer.core.experiments.star_path import StarPath, star_paths
from explorer.core.families import SCALAR
from explorer.core.families.family import draw_noise
from explorer.text import word
from explorer.text.numbers import number, per_cent, placed
from explorer.verdicts.predictions.contract import Revealed, Settings, prediction

PAGE = "noise_transform"
DOTS = 60
"""As many as the picture has."""


def _path(settings: Settings) -> tuple[StarPath, float]:
    """The star's path along the parameter that its arrow belongs to, and the star's noise."""
    family = SCALAR[settings["family"]]
    theta = {each.name: settings[f"{family.name}.{each.name}"] for each in family.parameters}
    eps = settings[f"star.{family.noise.name}"]
    found = star_paths(family, theta, eps)
    return next(each for each in found if each.parameter.name == settings[f"{family.name}.along"]), eps


@prediction(PAGE, "far_out", ("one", "noise", "density"), {"normal.along": "scale", "star.normal": "-2"})
def far_out(settings: Settings) -> Revealed:
    """How fast a dot far out slides as the scale grows."""
    path, eps = _path(settings)
    formula, density = path.speeds.formula, path.speeds.density
    assert formula is not None
    assert density is not None
    speed, q = float(formula[path.start]), float(density[path.start])
    offered = {"one": 1.0, "noise": eps, "density": q}
    right = min(offered, key=lambda name: abs(speed - offered[name]))
    sentence = word(
        "prediction.noise_transform.far_out.shown",
        symbol=path.parameter.letter,
        eps=placed(eps),
        speed=number(speed, 3),
        density=number(q, 2),
    )
    return Revealed(right, sentence)


@prediction(PAGE, "share", ("falls", "same", "grows"), {"family": "gamma", "gamma.along": "concentration"})
def share(settings: Settings) -> Revealed:
    """What becomes of the share of q below a dot as its parameter grows."""
    path, _ = _path(settings)
    shares, x = path.speeds.share, path.speeds.x
    assert shares is not None
    rise = float(shares[-1] - shares[0])
    right = "same" if abs(rise) < 1e-9 else "grows" if rise > 0 else "falls"
    low, high = path.parameter.slider
    sentence = word(
        "prediction.noise_transform.share.shown",
        symbol=path.parameter.letter,
        low=number(low),
        high=number(high),
        before=placed(float(x[0])),
        after=placed(float(x[-1])),
        first=per_cent(float(shares[0]), 1),
        last=per_cent(float(shares[-1]), 1),
    )
    return Revealed(right, sentence)


@prediction(PAGE, "staircase", ("nought", "half", "one"), {"family": "bernoulli"})
def staircase(settings: Settings) -> Revealed:
    """The average of the dots' derivatives where each dot's path is a staircase."""
    path, _ = _path(settings)
    family = SCALAR[settings["family"]]
    theta = {each.name: settings[f"{family.name}.{each.name}"] for each in family.parameters}
    eps = draw_noise(family, DOTS, generator_for(settings["seed"], torch.device("cpu")))
    column = {name: torch.tensor(value, dtype=torch.float64) for name, value in theta.items()}
    slopes = family.paths(eps.double(), column, path.parameter.name).expand(DOTS)
    average = float(slopes.mean())
    _, films = transform_films(family, theta, eps)
    film = next(each for each in films if each.parameter is path.parameter)
    exact = float(path.mean_slope[path.start]) if path.mean_slope is not None else average
    sentence = word(
        "prediction.noise_transform.staircase.shown",
        average=number(average),
        exact=number(exact),
        n=f"{DOTS}",
        jumping=f"{film.jumping}",
        symbol=path.parameter.letter,
    )
    offered = {"nought": 0.0, "half": 0.5, "one": 1.0}
    return Revealed(min(offered, key=lambda name: abs(average - offered[name])), sentence)
