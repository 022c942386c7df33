"""What *Where the trick fails* is set by: the case, and within a case what it is shown on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from explorer.core.experiments.discontinuity import ENDING, JUMPING, PAIR
from explorer.core.experiments.fast_objective import FAST
from explorer.core.experiments.heavy_tail import DF, HEAVY
from explorer.core.experiments.temperature import ON_A_BIT, TEMPERATURE
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.parameters import Parameter
from explorer.visit.fields import Field, Menu, Number, State

CASES = ("jump", "support", "fast", "discrete", "infinite")
TAU = "tau"
"""The key of the temperature of all relaxed estimators."""
DEGREES = "degrees"
"""The key of a Student-t's degrees of freedom."""
BIT = "bit"
"""The key of the bit that is shown, counted from the least certain."""
STEM = "failures"
HEIGHT = 420


class Laboratory(Protocol):
    """A page that a link of this one opens."""

    @property
    def script(self) -> str: ...

    @property
    def state(self) -> State: ...


class Ran(NamedTuple):
    """A script that prints the case's numbers, and the engine's parts that ran."""

    snippet: str
    parts: Sequence[object]


def fields() -> list[Field]:
    """The fields of the page."""
    return [
        Menu("case", CASES, CASES[0], "case", "case"),
        Menu("jumping", tuple(JUMPING), "step", "objective", "jumping"),
        Menu("ending", tuple(ENDING), "identity", "objective", "objective", ".title"),
        Menu("drawn_n", ("10", "100", "1000", "10000"), "100", "drawn_n", "drawn_n"),
        Menu("fast", FAST, FAST[0], "objective", "objective", ".title"),
        Menu("fast_in", ("loc", "scale"), "loc", "gradient"),
        *(Number(f"{name}.k", OBJECTIVES[name].parameters[0]) for name in FAST),
        Menu("on_a_bit", tuple(ON_A_BIT), "shifted_square", "objective", "on_a_bit"),
        Number("bernoulli.probs", FAMILIES["bernoulli"].parameter("probs")),
        Number(TAU, TEMPERATURE),
        Menu("bits", ("one", "vae"), "one", "bits", "bits"),
        Number(BIT, Parameter("bit", "bit", 1.0, (1.0, 10.0))),
        Menu("heavy", tuple(HEAVY), "square", "objective", "heavy"),
        Menu("heavy_by", PAIR, "pathwise", "estimator", "estimator", ".short"),
        Number(DEGREES, DF),
        Number("normal.loc", FAMILIES["normal"].parameter("loc")),
        Number("uniform.high", FAMILIES["uniform"].parameter("high")),
    ]
