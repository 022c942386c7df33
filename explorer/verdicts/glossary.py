"""The glossary: words and symbols of the app, and every entry of the registries with its formula and its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.core.estimators import ESTIMATORS
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.text import word
from explorer.text.symbols import SYMBOLS
from explorer.vae.gradients import BERNOULLI, NORMAL
from explorer.verdicts.definitions import of_elbo_estimator, of_estimator, of_family, of_objective

TERMS: Mapping[str, str] = {
    "parameter": "start",
    "objective": "start",
    "average": "start",
    "gradient": "start",
    "random_node": "autograd_graph",
    "surrogate": "autograd_graph",
    "density": "dependence",
    "noise": "noise_transform",
    "transformation": "noise_transform",
    "sample": "noise_transform",
    "distribution_function": "noise_transform",
    "path": "noise_transform",
    "route": "noise_transform",
    "weight": "reweighting",
    "effective": "rare_events",
    "coverage": "rare_events",
    "typical_set": "rare_events",
    "truncation": "rare_events",
    "support": "failures",
    "temperature": "failures",
    "straight_through": "failures",
    "estimate": "gradient_stream",
    "samples": "gradient_stream",
    "standard_error": "gradient_stream",
    "bias": "gradient_stream",
    "baseline": "gradient_stream",
    "control_variate": "gradient_stream",
    "variance": "variance_curves",
    "step_size": "descent",
    "score": "score_size",
    "latent": "latent_space",
    "encoder": "latent_space",
    "posterior": "latent_space",
    "decoder": "latent_space",
    "prior": "latent_space",
    "active": "traversals",
    "gap": "traversals",
    "elbo": "elbo_gradient",
    "kl": "elbo_gradient",
    "likelihood": "compare",
    "tail_shape": "compare",
}
"""The words in the order of the story, and the page on which each is seen at work."""


def of_words() -> list[str]:
    """A sentence a word, in the order of the story (Markdown)."""
    return [_term(name, page) for name, page in TERMS.items()]


def _term(name: str, page: str) -> str:
    symbol = f" ${SYMBOLS[name]}$" if name in SYMBOLS else ""
    return word(
        "glossary.entry",
        term=word(f"glossary.{name}.term"),
        symbol=symbol,
        meaning=word(f"glossary.{name}.meaning"),
        page=word(f"page.{page}.title"),
    )


def _families() -> list[str]:
    return [of_family(each, each.latex) for each in FAMILIES.values()]


def _objectives() -> list[str]:
    return [of_objective(each) for each in OBJECTIVES.values()]


def _estimators() -> list[str]:
    # Where it says in general where it is defined, the family is not asked for.
    return [of_estimator(each, FAMILIES["normal"]) for each in ESTIMATORS.values()]


def _elbo_estimators() -> list[str]:
    return [of_elbo_estimator(each) for registry in (NORMAL, BERNOULLI) for each in registry.values()]


KINDS: Mapping[str, Callable[[], list[str]]] = {
    "words": of_words,
    "families": _families,
    "objectives": _objectives,
    "estimators": _estimators,
    "elbo_estimators": _elbo_estimators,
}
"""What the glossary can list, each entry as Markdown. All but the words come from the registries."""
