"""Gradient estimators of E_q[f(x)] with respect to theta.

Contract of an estimator: one function `(draw, name) -> Tensor` under `@estimator`; it returns one gradient a sample for
the parameter `name`, always, of the shape S of the draw. Mean, variance and histogram follow from that, and one `Draw`
feeds several estimators, so that they are compared on the same noise. What else the registry holds says where the
estimator is defined and unbiased, and over which variables its exact moments are integrals:
- `covers(family)` names the parameters it is defined for, none where it makes no sense;
- an estimator that is a sum of two independent halves gives them as `halves`, functions of one draw each;
- `group` samples in a row are coupled: the standard error of a mean then comes from the groups' means;
- `remainder` says what becomes of a part R of f that does not depend on theta and is independent of x: it drops out, is
  weighted by the score, or is so after a baseline has taken E R away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.expectations.quadrature import Rows
from explorer.core.families.family import Family
from explorer.core.objectives.objective import Objective

GradientFunction = Callable[[Draw, str], Tensor]


def all_parameters(family: Family) -> tuple[str, ...]:
    """The names of every parameter."""
    return tuple(parameter.name for parameter in family.parameters)


@dataclass(frozen=True, eq=False)
class Estimator:
    """A gradient estimator and the conditions under which it is unbiased. See the module's contract."""

    name: str
    title: str
    latex: str
    source: str
    function: GradientFunction
    needs_pathwise: bool = False
    """Needs a transformation that is differentiable in theta."""
    needs_smooth: bool = False
    """Needs an objective that is continuous and differentiable almost everywhere."""
    needs_fixed_support: bool = False
    """Needs a support that does not depend on theta."""
    biased: bool = False
    """Biased even where its needs are met."""
    evaluations: int = 1
    """How often a sample asks for f or its slope."""
    covers: Callable[[Family], tuple[str, ...]] = all_parameters
    halves: tuple[GradientFunction, GradientFunction] | None = None
    group: int = 1
    extras: Callable[[Family], tuple[str, ...]] = lambda family: ()
    """What a sample draws beside its noise; see `Space.extras`."""
    others: Callable[[Family, Rows, str], Sequence[Rows]] | None = None
    """The other thetas at which it looks at g."""
    mirrored: bool = False
    looks: Callable[[Draw, str], Sequence[Tensor]] | None = None
    """The points at which it asks for f, where they depend on the extras."""
    remainder: Literal["drops out", "weighted", "centred", "not simple"] = "not simple"

    def __call__(self, draw: Draw, name: str) -> Tensor:
        """One gradient a sample with respect to the parameter `name`, of the draw's shape S."""
        gradient = self.function(draw, name)
        return gradient if gradient.shape == draw.shape else gradient.expand(draw.shape)

    def warning(self, family: Family, objective: Objective) -> str:
        """Why this estimator is not unbiased for the pair, in a sentence; empty when it is.

        Such a pair stays computable: its bias is the lesson.
        """
        if self.needs_pathwise and family.route == "none":
            return f"{self.title} does not apply to {family.title}: its samples jump as θ changes."
        if self.needs_smooth and not objective.smooth:
            return f"{self.title} is biased for a {objective.title}: the slope of f misses the jump."
        if self.needs_fixed_support and family.support.moves:
            return f"{self.title} is biased for {family.title}: its support moves with θ, unseen by the score."
        if self.needs_smooth and objective.may_jump:
            return f"{self.title} is biased where f jumps, as this formula may: the slope of f misses the jump."
        return f"{self.title} is biased by design." if self.biased else ""

    def check_covers(self, family: Family) -> tuple[str, ...]:
        """The parameters it is defined for. Raises ValueError when there are none."""
        covered = self.covers(family)
        if not covered:
            raise ValueError(f"{self.name} is not defined for {family.name}")
        return covered


ESTIMATORS: dict[str, Estimator] = {}


def estimator(
    name: str, title: str, *, latex: str, source: str, **properties: object
) -> Callable[[GradientFunction], GradientFunction]:
    """Registers a function `(draw, name) -> Tensor` in ESTIMATORS; `properties` are the fields of `Estimator`."""

    def register(function: GradientFunction) -> GradientFunction:
        ESTIMATORS[name] = Estimator(name, title, latex, source, function, **properties)  # type: ignore[arg-type]
        return function

    return register


def get_estimator(name: object) -> Estimator:
    """The entry of ESTIMATORS. Raises ValueError with the known names."""
    if not isinstance(name, str) or name not in ESTIMATORS:
        raise ValueError(f"estimator must be one of {', '.join(ESTIMATORS)}, got {name!r}")
    return ESTIMATORS[name]
