"""What a choice on a menu is: its formula, its conditions, where it fails and where it comes from (Markdown).

Conditions are computed from the registries; where an estimator fails is a sentence or two of its own in the catalogue.
"""

from __future__ import annotations

from explorer.core.estimators import Estimator
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.objective import Objective
from explorer.text import counted, word
from explorer.vae.gradients import ElboEstimator


def of_family(family: Family, formula: str) -> str:
    """A family: how it is sampled, its support, its route, and what that rules out. `formula` is the page's LaTeX."""
    conditions = [
        word("definition.support", support=family.support.latex),
        word(f"definition.route.{family.route.lower().replace(' ', '_')}"),
        word("definition.support_moves") if family.support.moves else "",
        word("definition.heavy_tails") if _has_heavy_tails(family) else "",
    ]
    return _entry(word(f"family.{family.name}.title"), formula, conditions, family.source)


def _has_heavy_tails(family: Family) -> bool:
    return family.tail({each.name: each.default for each in family.parameters}) < float("inf")


def of_objective(objective: Objective) -> str:
    """An objective: f, whether it jumps or has kinks, and what that rules out."""
    conditions = [
        word("definition.jumps") if objective.jumps else "",
        word("definition.may_jump") if objective.may_jump and not objective.jumps else "",
        word("definition.kinks") if objective.kinks else "",
        word("definition.joint") if objective.joint else "",
    ]
    if not any(conditions):
        conditions = [word("definition.smooth")]
    title, formula = word(f"objective.{objective.name}.title"), f"f(x) = {objective.latex}"
    return _entry(title, formula, conditions, objective.source)


def of_estimator(method: Estimator, family: Family) -> str:
    """An estimator at its settings, under a family: its conditions, where it fails and its source."""
    title = word(f"estimator.{method.name}.title", **method.said)
    fails = word("definition.fails", fails=word(f"estimator.{method.name}.fails"))
    return _entry(title, method.latex, [*conditions_of(method, family), f"  \n{fails}"], method.source)


WITH_SLOPE = {"pathwise", "sticking_the_landing", "gumbel_softmax", "straight_through", "rebar"}
"""The estimators of the ELBO's gradient that differentiate the decoder in z."""


def of_elbo_estimator(method: ElboEstimator) -> str:
    """An estimator of the ELBO's gradient at its settings: what it needs, where it fails and its source."""
    title = word(f"estimator.{method.name}.title", **{name: f"{value:g}" for name, value in method.values.items()})
    conditions = [
        word("definition.needs_slope" if method.name in WITH_SLOPE else "definition.needs_values"),
        word("definition.biased") if method.biased else word("definition.unbiased"),
        word("definition.samples_kl") if method.samples_kl else "",
        word("definition.knows_kl") if method.knows_kl else "",
        word("definition.coupled", group=method.group) if method.group > 1 else "",
        f"  \n{word('definition.fails', fails=word(f'estimator.{method.name}.fails'))}",
    ]
    return _entry(title, method.latex, conditions, method.source)


def conditions_of(method: Estimator, family: Family) -> list[str]:
    """What an estimator needs, a sentence each, and how often it asks for f under this family."""
    flagged = (
        (method.needs_pathwise, word("definition.needs_pathwise")),
        (method.needs_smooth, word("definition.needs_smooth")),
        (method.needs_known_jumps, word("definition.needs_known_jumps")),
        (method.needs_fixed_support, word("definition.needs_fixed_support")),
        (method.biased, word("definition.biased")),
    )
    needs = [sentence for holds, sentence in flagged if holds] or [word("definition.needs_nothing")]
    coupled = word("definition.coupled", group=method.group) if method.group > 1 else ""
    asks = counted("definition.asks", method.evaluations_for(family))
    return [_where_defined(method), *needs, *filter(None, [coupled]), asks]


def _where_defined(method: Estimator) -> str:
    """For which families, and where not for all of their parameters, for which."""
    names = []
    for family in FAMILIES.values():
        covered = method.covers(family)
        if covered:
            some = len(covered) < len(family.parameters)
            names.append(word(f"family.{family.name}.title") + (f" ({', '.join(covered)})" if some else ""))
    everywhere = len(names) == len(FAMILIES) and not any("(" in name for name in names)
    return word("definition.everywhere") if everywhere else word("definition.defined_for", families=", ".join(names))


def _entry(title: str, latex: str, parts: list[str], source: str) -> str:
    source = f"{source[:1].upper()}{source[1:]}"
    return word("definition.entry", title=title, latex=latex, parts=" ".join(filter(None, parts)), source=source)
