"""Relaxed bits in words: what torch refuses, the bias at this temperature, and who errs least from n samples."""

from __future__ import annotations

import math

from explorer.core.experiments.temperature import NEAR, RELAXED, Temperature, refused
from explorer.text import short, word
from explorer.text.numbers import number, per_cent
from explorer.verdicts.words import listed, lowered

GUMBEL = "gumbel_softmax"
SAMPLED = ("gumbel_softmax", "straight_through", "rebar", "score_function", "leave_one_out", "disarm")


def refusal(film: Temperature) -> str:
    """What torch says to a reparameterized sample (Markdown)."""
    probs = film.problem.theta["probs"]
    error = refused(probs).removesuffix("()")
    return word("temperature.refused", probs=number(probs), error=error)


def verdict(film: Temperature, n: int) -> str:
    """The bias of Gumbel-softmax at `now`, and the least error from n samples (Markdown)."""
    bias = float(film.biases[GUMBEL][film.now])
    parts = {"exact": number(film.gradient, 4), "tau": _tau(film, film.now)}
    if bias:
        said = [word("temperature.at", mean=number(film.gradient + bias, 4), bias=number(bias, 3), **parts)]
    else:
        said = [word("temperature.unbiased", **parts)]
    said.append(_best(film, n))
    if missed := [name for name in RELAXED if _misses(film, name)]:
        said.append(word("temperature.missed", estimators=listed([lowered(short(name)) for name in missed])))
    return " ".join([*said, word("temperature.enumerated")])


def _misses(film: Temperature, name: str) -> bool:
    """Whether every sample is 0 at every temperature though the gradient is not."""
    gone = (film.biases[name] + film.gradient).abs().max() < 1e-9 and not film.variances[name].any()
    return bool(gone) and film.gradient != 0


def least_error(film: Temperature, n: int) -> str:
    """The sampled estimator with the least squared error at `now`."""
    return min(SAMPLED, key=lambda name: float(film.squared_error(name, n)[film.now]))


def best_temperature(film: Temperature, n: int) -> int:
    """The frame at which Gumbel-softmax errs least from n samples."""
    return int(film.squared_error(GUMBEL, n).argmin())


def _best(film: Temperature, n: int) -> str:
    winner, best = least_error(film, n), best_temperature(film, n)
    errors = film.squared_error(GUMBEL, n).sqrt()
    parts = {
        "n": f"{n:,}",
        "estimator": short(winner),
        "error": number(math.sqrt(float(film.squared_error(winner, n)[film.now])), 3),
        "gumbel": number(float(errors[film.now]), 3),
    }
    if float(errors.max() - errors.min()) < 1e-9:
        return word("temperature.same", **parts)
    return word("temperature.best", best=_tau(film, best), least=number(float(errors[best]), 3), **parts)


def _tau(film: Temperature, frame: int) -> str:
    return number(float(film.values[frame]), 3)


def captions(film: Temperature) -> list[str]:
    """A sentence a frame."""
    return [_caption(film, frame) for frame in range(len(film.values))]


def _caption(film: Temperature, frame: int) -> str:
    parts = {}
    for name, key in zip(RELAXED, ("gumbel", "straight", "rebar"), strict=True):
        parts[key] = number(float(film.biases[name][frame]), 3)
        parts[f"{key}_deviation"] = number(float(film.variances[name][frame].sqrt()), 3)
    share = per_cent(float(film.near_a_bit[frame]))
    return word("temperature.caption", tau=_tau(film, frame), share=share, near=number(NEAR), **parts)


def described(film: Temperature, n: int) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("temperature.alt", n=f"{n:,}", caption=_caption(film, film.now))


def table(film: Temperature) -> dict[str, list[float]]:
    """The curves' numbers, a column a name."""
    columns = {"temperature": film.values.tolist()}
    for name, values in film.biases.items():
        columns |= {f"{name}_bias": values.tolist(), f"{name}_variance": film.variances[name].tolist()}
    return columns
