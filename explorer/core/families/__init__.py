"""The families the explorer knows, by name."""

from __future__ import annotations

from dataclasses import replace

from explorer.core.families.discrete import DISCRETE
from explorer.core.families.family import Family
from explorer.core.families.implicit import IMPLICIT
from explorer.core.families.inverse_cdf import INVERSE_CDF
from explorer.core.families.location_scale import LOCATION_SCALE
from explorer.core.families.vectors import VECTORS as _VECTORS

FAMILIES: dict[str, Family] = {
    family.name: family for family in (*LOCATION_SCALE, *INVERSE_CDF, *IMPLICIT, *_VECTORS, *DISCRETE)
}

SCALAR: dict[str, Family] = {name: family for name, family in FAMILIES.items() if family.size == 1}
"""The families of one coordinate."""
VECTORS: dict[str, Family] = {family.name: family for family in _VECTORS}
"""The families of two noises."""
_LOC, _SCALE = FAMILIES["normal"].parameters
TOY: dict[str, Family] = SCALAR | {
    "normal": replace(FAMILIES["normal"], parameters=(replace(_LOC, default=2.0), _SCALE))
}
"""The same, the Normal at 2: where the toy problem of minimising E[x²] starts."""


def get_family(name: object) -> Family:
    """The entry of FAMILIES. Raises ValueError with the known names."""
    if not isinstance(name, str) or name not in FAMILIES:
        raise ValueError(f"family must be one of {', '.join(FAMILIES)}, got {name!r}")
    return FAMILIES[name]
