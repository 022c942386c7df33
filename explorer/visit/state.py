"""What a page's state may be: a field a key, with its type, default and range. A page's line in PAGES lists its fields.

The key is the same in the link, in the visit's memory and in the tests. The fields that pages share are made here from
the registries, so that a new family, objective or estimator is in every link; `fields` has their types.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.chain_catalogue import CHAINS
from explorer.core.experiments.normalizing_flow import PARAMETERS as FLOW
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.star_path import star_of
from explorer.core.experiments.variance_curves import Setting
from explorer.core.families.family import Family
from explorer.core.families.noises import Noise
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import MAX_CHARACTERS
from explorer.core.parameters import Parameter
from explorer.visit.fields import Field, Menu, Number, Several, State, Switch, Text, Whole

PAIR = ("score_function", "pathwise")
"""The two estimators that every comparison starts from."""
FIRST_FORMULA = "exp(-x**2) * sin(3*x)"
SEED = Whole("seed", 2**31 - 1, "seed")
PLAY = Switch("play", True, "play")
FORMULA = "formula"
"""The choice on the menu of objectives that is the visitor's own."""


def table(fields: Iterable[Field]) -> State:
    """The fields by their keys; one field a key."""
    return {field.key: field for field in fields}


def family(families: Mapping[str, Family], key: str = "family", default: str = "normal") -> list[Field]:
    """The menu of families, and a number for each parameter of each."""
    menu = Menu(key, tuple(families), default, "family", "family", ".title")
    return [menu, *(Number(f"{each.name}.{p.name}", p) for each in families.values() for p in each.parameters)]


def chains() -> list[Field]:
    """The menu of the chains of steps, and a number for each parameter of each: "composition_chain.chain.name"."""
    stem = "composition_chain"
    menu = Menu("chain", tuple(CHAINS), "log_normal", "chain", stem, ".title")
    return [menu, *(Number(f"{stem}.{each.name}.{p.name}", p) for each in CHAINS.values() for p in each.parameters)]


def flow() -> list[Field]:
    """How many layers of the flow the noise has passed, and how strong they are: "normalizing_flow.name"."""
    return [Number(f"normalizing_flow.{each.name}", each) for each in FLOW]


def objective(default: str = "square", names: Sequence[str] = (*OBJECTIVES, FORMULA)) -> list[Field]:
    """The menu of objectives, a number for each of their parameters, and the visitor's own formula if it is there."""
    own = [Text("f", FIRST_FORMULA, MAX_CHARACTERS)] if FORMULA in names else []
    numbers = [Number(f"{name}.{p.name}", p) for name in names if name != FORMULA for p in OBJECTIVES[name].parameters]
    return [Menu("objective", tuple(names), default, "objective", "objective", ".title"), *own, *numbers]


def parameter(families: Mapping[str, Family], label: str, what: str = "gradient") -> list[Field]:
    """A menu of each family's parameters, "family.what", under its label."""
    names = {each.name: tuple(p.name for p in each.parameters) for each in families.values()}
    return [Menu(f"{name}.{what}", of, of[0], label) for name, of in names.items()]


def estimators() -> list[Field]:
    """The choice of estimators, and a number for each setting of each."""
    menu = Menu("estimators", tuple(ESTIMATORS), PAIR[0], "estimators", "estimator", ".short")
    settings = [
        Number(f"{each.name}.{setting.name}", setting, f"estimator.{each.name}.short")
        for each in ESTIMATORS.values()
        for setting in each.settings
    ]
    return [Several("estimators", menu, PAIR, 4), *settings]


def stars(families: Mapping[str, Family]) -> list[Field]:
    """Where the star of *Noise, then transform* stands: for each noise "star.noise", which its families share."""
    noises = {each.noise.name: each.noise for each in families.values()}
    return [Number(star_key(noise), star_of(noise)) for noise in noises.values()]


def star_key(noise: Noise) -> str:
    """The key of the star's place on a noise."""
    return f"star.{noise.name}"


def moved(families: Mapping[str, Family]) -> list[Field]:
    """For each parameter of each family where it is moved to, "family.name.to"; it starts a little way off its default.

    There the two uses of the same samples part.
    """
    return [Number(f"{each.name}.{p.name}.to", _away(p)) for each in families.values() for p in each.parameters]


_STEPS_AWAY = 12


def _away(parameter: Parameter) -> Parameter:
    up, down = (round(parameter.default + sign * _STEPS_AWAY * parameter.step, 9) for sign in (1, -1))
    return dataclasses.replace(parameter, default=up if up <= parameter.slider[1] else down)


def against(families: Mapping[str, Family], others: Sequence[Parameter]) -> list[Field]:
    """What a variance is drawn against: for each pair, "family.objective.against"; and the `others`, "axis.name"."""
    own = dataclasses.replace(OBJECTIVES["square"], name=FORMULA)
    found: list[Field] = [Number(f"axis.{each.name}", each) for each in others]
    for each in families.values():
        theta = {p.name: p.default for p in each.parameters}
        for f in (*OBJECTIVES.values(), own):
            axes = tuple(Setting(Problem(each, f, theta, next(iter(theta)))).axes)
            first = next(iter((*f.values, *theta)))
            found.append(Menu(f"{each.name}.{f.name}.against", axes, first, "against"))
    return found
