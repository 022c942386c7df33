"""A thin slice of the product of families and objectives: each family and each objective at least once.

For tests of what stands on the engine; the engine's own go through the whole product.
"""

import pytest

from explorer.core.families import FAMILIES, Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective

BOTH = ("score_function", "pathwise")


def _thin() -> list[tuple[Family, Objective]]:
    normal = FAMILIES["normal"]
    first = [(normal, objective) for objective in OBJECTIVES.values()]
    # Under a Cauchy law E[x²] does not exist.
    rest = [
        (family, OBJECTIVES["squared_exponential" if family.name == "cauchy" else "square"])
        for family in FAMILIES.values()
        if family is not normal
    ]
    return [*first, *rest, (FAMILIES["uniform"], OBJECTIVES["step"]), (FAMILIES["poisson"], OBJECTIVES["step"])]


THIN = [pytest.param(family, objective, id=f"{family.name}-{objective.name}") for family, objective in _thin()]
