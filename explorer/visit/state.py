"""What a page's state may be: a field a key, with its type, default and range. A page's line in PAGES lists its fields.

The key is the same in the link, in the visit's memory and in the tests. The fields that pages share are made here from
the registries, so that a new family, objective or estimator is in every link; `fields` has their types.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from explorer.core.estimators import ESTIMATORS
from explorer.core.experiments.composition_chain import CHAINS
from explorer.core.experiments.normalizing_flow import PARAMETERS as FLOW
from explorer.core.experiments.problem import Problem
from explorer.core.experiments.star_path import star_of
from explorer.core.experiments.variance_curves import Setting
from explorer.core.families.family import Family
from explorer.core.families.noises import Noise
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import MAX_CHARACTERS
from explorer.core.parameters import Parameter
from explorer.vae.gradients import BERNOULLI, NORMAL, ElboEstimator
from explorer.vae.gradients.coordinates import coordinates_of, key_of
from explorer.vae.manifest import ModelEntry
from explorer.vae.race import MOST_LANES
from explorer.vae.race_latents import LATENTS
from explorer.vae.race_presets import PRESETS
from explorer.visit.fields import Field, Lettered, Menu, Number, Point, Several, State, Switch, Text, Whole

PAIR = ("score_function", "pathwise")
"""The two estimators that every comparison starts from."""
FIRST_FORMULA = "exp(-x**2) * sin(3*x)"
FIRST_OF = {"normal": PAIR, "bernoulli": ("score_function", "leave_one_out")}
"""The two that a comparison on a model starts from, by its kind of latents."""
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


LEAST_CERTAIN = "least_certain"
"""The choice of a bit that depends on the image."""
KINDS: Mapping[str, Mapping[str, ElboEstimator]] = {"normal": NORMAL, "bernoulli": BERNOULLI}
"""The estimators for each kind of latents."""


def kind_of(posterior: str) -> str:
    """The kind of latents of an architecture's posterior."""
    return "bernoulli" if posterior == "bernoulli" else "normal"


def elbo_estimators(models: Mapping[str, ModelEntry]) -> list[Field]:
    """For each kind of latents that is shipped "kind.estimators", and a number for each setting of each."""
    found: dict[str, Field] = {}
    for kind in dict.fromkeys(kind_of(each.recipe.architecture.posterior) for each in models.values()):
        registry = KINDS[kind]
        menu = Menu(f"{kind}.estimators", tuple(registry), PAIR[0], "estimators", "estimator", ".short")
        found[menu.key] = Several(menu.key, menu, tuple(name for name in FIRST_OF[kind] if name in registry), 4)
        for each in registry.values():
            for setting in each.settings:
                key = f"{each.name}.{setting.name}"
                found[key] = Number(key, setting, f"estimator.{each.name}.short")
    return list(found.values())


def elbo_coordinates(models: Mapping[str, ModelEntry]) -> list[Field]:
    """For each model "model.coordinate", a menu of what its encoder gives.

    Most bits of an image are as good as certain, and their gradients 0: there it starts from whichever is least so.
    """
    found: list[Field] = []
    for name, entry in models.items():
        keys = tuple(key_of(each) for each in coordinates_of(entry.recipe.architecture))
        if kind_of(entry.recipe.architecture.posterior) == "bernoulli":
            keys = (LEAST_CERTAIN, *keys)
        found.append(Lettered(f"{name}.coordinate", keys, keys[0], "coordinate"))
    return found


def with_gaussian_latents(models: Mapping[str, ModelEntry]) -> dict[str, ModelEntry]:
    """The models whose latents can be moved smoothly."""
    return {name: each for name, each in models.items() if kind_of(each.recipe.architecture.posterior) == "normal"}


def simplest(models: Mapping[str, ModelEntry]) -> str:
    """The model that a visitor meets first: of fewest Gaussian latents, in which all is exact and can be drawn."""
    return min(
        with_gaussian_latents(models) or models, key=lambda name: models[name].recipe.architecture.n_latents, default=""
    )


def model(models: Mapping[str, ModelEntry]) -> Menu:
    """The menu of the shipped models."""
    return Menu("model", tuple(models), simplest(models), "model")


def pair_of_models(models: Mapping[str, ModelEntry]) -> list[Menu]:
    """Two menus of the models, "model" and "second_model": they start at two of the data set that most are of."""
    of: dict[str, list[str]] = {}
    for name, each in models.items():
        of.setdefault(each.recipe.dataset, []).append(name)
    most = {name: models[name] for name in max(of.values(), key=len, default=[])}
    first = simplest(most)
    second = next((name for name in most if name != first), first)
    return [
        dataclasses.replace(model(models), default=first),
        Menu("second_model", tuple(models), second, "second_model"),
    ]


def model_of_many(models: Mapping[str, ModelEntry]) -> Menu:
    """The menu of models with Gaussian latents; it starts from the fewest that make no plane, if any do not."""
    latents = {name: entry.recipe.architecture.n_latents for name, entry in models.items()}
    return Menu("model", tuple(models), min(latents, key=lambda name: (latents[name] <= 2, latents[name])), "model")


def gaussian_model(models: Mapping[str, ModelEntry]) -> Menu:
    """The menu of those with Gaussian latents."""
    return model(with_gaussian_latents(models))


def views(models: Mapping[str, ModelEntry]) -> list[Field]:
    """The menu of the shipped models and, for each, "model.view".

    Only two latents make a plane, only bits codes, and between two codes of bits there is nothing.
    """
    found: list[Field] = [model(models)]
    for name, entry in models.items():
        shape = entry.recipe.architecture
        bits = shape.posterior == "bernoulli"
        first = ("codes",) if bits else ("plane",) if shape.n_latents == 2 else ()
        offered = (*first, "terms", "prior") if bits else (*first, "terms", "between", "prior")
        found.append(Menu(f"{name}.view", offered, offered[0], "view", "view"))
    return found


def plane(extent: float) -> list[Field]:
    """The plane of two latents: what is behind it and under the hand, where z or its noise ε is, and ε's own seed.

    Where the link has no ε it is drawn with that seed; seed 0 is no draw, but ε = 0.
    """
    return [
        Menu("background", ("dots", "atlas"), "dots", "background", "background"),
        Menu("hand", ("z", "eps"), "z", "hand", "hand"),
        Point("z", extent),
        Point("eps", extent),
        Whole("eps_seed", SEED.most, "eps_seed"),
    ]


def within_views() -> list[Field]:
    """What some views of the latent space are set by: a place between two images, what of the prior is drawn."""
    return [
        Number("t", Parameter("t", "t", 0.5, (0.0, 1.0))),
        *prior_views(),
    ]


def prior_views() -> list[Field]:
    """What of the prior is drawn: samples, whole or truncated, or directions at growing radius."""
    return [
        Menu("arranged", ("samples", "radius"), "samples", "arranged", "arranged"),
        Menu("threshold", ("none", "2", "1", "0.5", "0.1"), "none", "threshold", "threshold"),
    ]


def race() -> list[Field]:
    """How a training race is set: the kind of latents, each kind's estimators, their settings, and the terms.

    It starts as the first preset.
    """
    first = next(iter(PRESETS.values()))
    found: dict[str, Field] = {"latents": Menu("latents", tuple(LATENTS), first.latents, "latents", "latents")}
    for kind, latents in LATENTS.items():
        menu = Menu(f"{kind}.estimators", latents.racers, latents.racers[0], "estimators", "estimator", ".short")
        default = next(each.estimators for each in PRESETS.values() if each.latents == kind)
        found[menu.key] = Several(menu.key, menu, default, MOST_LANES)
        for name in latents.racers:
            for setting in latents.registry[name].settings:
                if setting.name != "group":
                    key = f"{name}.{setting.name}"
                    found[key] = Number(key, setting, f"estimator.{name}.short")
    terms = first.terms
    menus = {
        "learning_rate": (("0.0003", "0.001", "0.003", "0.01"), terms.rate),
        "draws": (("1", "2", "4", "8", "16"), terms.n_samples),
        "minibatch": (("10", "20", "50"), terms.batch),
        "length": (("200", "400", "1000", "2000"), terms.n_steps),
    }
    return [*found.values(), *(Menu(key, names, f"{now:g}", key) for key, (names, now) in menus.items())]
