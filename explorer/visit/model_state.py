"""The fields of the pages of the models, made from what is shipped. Those that other pages share stand in `state`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from explorer.core.parameters import Parameter
from explorer.vae.gradients import BERNOULLI, NORMAL, ElboEstimator
from explorer.vae.gradients.coordinates import coordinates_of, key_of
from explorer.vae.manifest import ModelEntry
from explorer.vae.race import MOST_LANES
from explorer.vae.race_latents import LATENTS
from explorer.vae.race_presets import PRESETS
from explorer.visit.fields import Field, Lettered, Menu, Number, Point, Several, Whole
from explorer.visit.state import PAIR, SEED

FIRST_OF = {"normal": PAIR, "bernoulli": ("score_function", "leave_one_out")}
"""The two that a comparison on a model starts from, by its kind of latents."""
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
