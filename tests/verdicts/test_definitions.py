"""Each entry of the registries is defined: formula, conditions, where it fails, source. Conditions are the flags'."""

import pytest

from explorer.core.estimators import ESTIMATORS, Estimator
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula
from explorer.core.objectives.objective import Objective
from explorer.text import word
from explorer.verdicts.definitions import conditions_of, of_estimator, of_family, of_objective


def source_in(source: str, text: str) -> bool:
    return f"*Source:* {source[:1].upper()}{source[1:]}." in text


@pytest.mark.parametrize("method", ESTIMATORS.values(), ids=ESTIMATORS)
def test_every_estimator_is_defined(method: Estimator) -> None:
    family = next(family for family in FAMILIES.values() if method.covers(family))
    text = of_estimator(method, family)
    assert f"**{method.title}**" in text
    assert f"${method.latex}$" in text
    assert source_in(method.source, text)
    fails = word(f"estimator.{method.name}.fails")
    assert f"\n*Where it fails:* {fails}" in text
    assert fails.endswith(".")
    assert len(fails) > 40
    assert "{" not in text.replace(method.latex, "")
    assert ("A sample asks for f or its slope once." in text) == (method.evaluations_for(family) == 1)


@pytest.mark.parametrize("method", ESTIMATORS.values(), ids=ESTIMATORS)
def test_conditions_follow_the_flags(method: Estimator) -> None:
    family = next(family for family in FAMILIES.values() if method.covers(family))
    said = " ".join(conditions_of(method, family))
    for flag in ("needs_pathwise", "needs_smooth", "needs_known_jumps", "needs_fixed_support", "biased"):
        assert (word(f"definition.{flag}") in said) == getattr(method, flag), flag
    assert ("samples in a row depend on each other" in said) == (method.group > 1)
    for each in FAMILIES.values():
        named = word(f"family.{each.name}.title") in said
        assert named == bool(method.covers(each)) or "every distribution" in said


def test_what_they_say() -> None:
    bernoulli, poisson = FAMILIES["bernoulli"], FAMILIES["poisson"]
    assert "Defined for every distribution here." in of_estimator(ESTIMATORS["score_function"], bernoulli)
    assert "Defined for: Bernoulli." in of_estimator(ESTIMATORS["disarm"], bernoulli)
    assert "Normal, " in of_estimator(ESTIMATORS["measure_valued"], FAMILIES["normal"])
    assert "Gamma (rate)" in of_estimator(ESTIMATORS["measure_valued"], FAMILIES["normal"])
    assert "asks for f or its slope 64 times" in of_estimator(ESTIMATORS["enumeration"], poisson)
    assert "2 samples in a row" in of_estimator(ESTIMATORS["leave_one_out"].at(group=2), bernoulli)
    hot = of_estimator(ESTIMATORS["rebar"].at(temperature=2.0), bernoulli)
    assert "**REBAR, temperature 2**" in hot
    assert "RELAX" in hot


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_family_is_defined(family: Family) -> None:
    text = of_family(family, family.latex)
    assert f"**{family.title}**" in text
    assert f"${family.latex}$" in text
    assert f"${family.support.latex}$" in text
    assert source_in(family.source, text)
    assert ("the pathwise estimator applies" in text) == (family.route != "none")
    assert ("The support moves" in text) == family.support.moves
    assert ("tails are heavy" in text) == (family.name in ("cauchy", "student_t", "pareto"))


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
def test_every_objective_is_defined(objective: Objective) -> None:
    text = of_objective(objective)
    assert f"**{objective.title}**" in text
    assert f"$f(x) = {objective.latex}$" in text
    assert source_in(objective.source, text)
    assert ("It jumps" in text) == bool(objective.jumps)
    assert ("with a kink" in text) == bool(objective.kinks)


def test_a_formula_is_defined() -> None:
    text = of_objective(formula("x^2 + 1"))
    assert "$f(x) = " in text
    assert "It is smooth" in text
