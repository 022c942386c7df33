"""Random formulas with kinks, ramps, jumps and steep parts, each with the same function in numpy and where it breaks.

The independent answer: composite Gauss-Legendre sums by numpy between the breaks, which are known from how the formula
was made, and on a mesh that shrinks towards each steep part.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Function = Callable[[Any], Any]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
STEEP = (1.0, 10.0, 100.0, 1000.0, 100000.0)


@dataclass(frozen=True)
class Typed:
    """A formula's text, its meaning, its breaks, and the places and widths of its steep parts."""

    text: str
    meaning: Function
    breaks: tuple[float, ...] = ()
    steep: tuple[tuple[float, float], ...] = ()


def _number(value: float) -> str:
    text = f"{abs(value):.4f}"
    return f"(-{text})" if value < 0 else text


def _kink(rng: random.Random) -> Typed:
    c, a = round(rng.uniform(-2, 3), 4), rng.choice((1.0, 2.0, 0.5))
    text, name = f"{_number(a)}*(x-{_number(c)})", rng.choice(("abs", "relu"))
    act: Function = np.abs if name == "abs" else (lambda u: np.maximum(u, 0))
    return Typed(f"{name}({text})", lambda x: act(a * (x - c)), (c,))


def _ramp(rng: random.Random) -> Typed:
    c, k = round(rng.uniform(-1, 3), 4), rng.choice(STEEP)
    return Typed(f"min(1, max(0, {k:.0f}*(x-{_number(c)})))", lambda x: np.clip(k * (x - c), 0, 1), (c, c + 1 / k))


def _steep(rng: random.Random) -> Typed:
    c, k = round(rng.uniform(-1, 3), 4), rng.choice(STEEP)
    name = rng.choice(("sigmoid", "tanh", "erf", "atan", "bump", "rational"))
    functions: dict[str, Function] = {
        "sigmoid": special.expit, "tanh": np.tanh, "erf": special.erf, "atan": np.arctan,
        "bump": lambda u: np.exp(-u * u), "rational": lambda u: 1 / (1 + u * u),
    }  # fmt: skip
    inner = f"{k:.0f}*(x-{_number(c)})"
    text = {"bump": f"exp(-({inner})^2)", "rational": f"1/(1+({inner})^2)"}.get(name, f"{name}({inner})")
    act = functions[name]
    return Typed(text, lambda x: act(k * (x - c)), (), ((c, 1 / k),))


def _jump(rng: random.Random) -> Typed:
    c = round(rng.uniform(-1, 3), 4)
    u = f"(x-{_number(c)})"
    text, act = rng.choice((
        (f"step{u}", lambda x: (x > c) * 1.0),
        (f"sign{u}", lambda x: np.sign(x - c)),
        (f"|{u}|/{u}", lambda x: np.sign(x - c)),
        (f"(x > {_number(c)})*x", lambda x: (x > c) * x),
        (f"where(x < {_number(c)}, x^2, 1-x)", lambda x: np.where(x < c, x * x, 1 - x)),
    ))  # fmt: skip
    return Typed(text, act, (c,))


def _nested(rng: random.Random) -> Typed:
    a, b = round(rng.uniform(-1, 2), 4), round(rng.uniform(0.1, 2), 4)
    text = f"|x-{_number(a)}|-{_number(b)}"
    name = rng.choice(("abs", "relu", "max"))
    points = (a, a - b, a + b)
    if name == "max":
        return Typed(f"max({text}, 0)", lambda x: np.maximum(np.abs(x - a) - b, 0), points)
    act: Function = np.abs if name == "abs" else (lambda u: np.maximum(u, 0))
    return Typed(f"{name}({text})", lambda x: act(np.abs(x - a) - b), points)


def _parabolas(rng: random.Random) -> Typed:
    a, b = round(rng.uniform(-2, 2), 4), round(rng.uniform(-1, 2), 4)
    name = rng.choice(("max", "min"))
    act = np.maximum if name == "max" else np.minimum
    roots = np.roots([1.0, -a, -b])
    points = tuple(float(root.real) for root in roots if abs(root.imag) == 0)
    text = f"{name}(x^2, {_number(a)}*x+{_number(b)})"
    return Typed(text, lambda x: act(x * x, a * x + b), points)


def _waves(rng: random.Random) -> Typed:
    k = float(rng.choice((1, 2, 4)))
    shift = round(rng.uniform(-1, 1), 4)
    zeros = np.arange(-120, 121) * np.pi / k - shift / k
    return Typed(f"|sin({k:.0f}*x+{_number(shift)})|", lambda x: np.abs(np.sin(k * x + shift)), tuple(zeros))


def _curved(rng: random.Random) -> Typed:
    c = round(rng.uniform(0.2, 0.9), 4)
    width = float(np.sqrt(-np.log(c)))
    return Typed(f"|exp(-x^2)-{_number(c)}|", lambda x: np.abs(np.exp(-x * x) - c), (-width, width))


_TERMS = (_kink, _ramp, _ramp, _steep, _steep, _jump, _nested, _parabolas, _waves, _curved)


def typed(rng: random.Random) -> Typed:
    """One term, the sum or the product of two, or one with a smooth factor."""
    first = rng.choice(_TERMS)(rng)
    shape = rng.random()
    if shape < 0.3:
        return first
    if shape < 0.5:
        a = round(rng.uniform(0.3, 2), 4)
        return Typed(
            f"cos({_number(a)}*x)*({first.text})", lambda x: np.cos(a * x) * first.meaning(x), first.breaks, first.steep
        )
    second = rng.choice(_TERMS)(rng)
    breaks, steep = first.breaks + second.breaks, first.steep + second.steep
    if shape < 0.75:
        return Typed(f"{first.text}+{second.text}", lambda x: first.meaning(x) + second.meaning(x), breaks, steep)
    return Typed(f"({first.text})*({second.text})", lambda x: first.meaning(x) * second.meaning(x), breaks, steep)


def integral(function: Function, formula: Typed, low: float, high: float, also: tuple[float, ...] = ()) -> float:
    """The integral of function(x) from low to high; `also` are breaks of its own."""
    points = [*np.linspace(low, high, 65), *formula.breaks, *also]
    for centre, width in formula.steep:
        reach = width * 2.0 ** np.arange(-2, 40)
        points += [centre, *(centre - reach), *(centre + reach)]
    edges = np.unique(np.clip(points, low, high))
    half, middle = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    x = middle[:, None] + half[:, None] * NODES
    return float((function(x) * WEIGHTS * half[:, None]).sum())
