"""Gradient estimators of E_q[f(x)] with respect to theta.

Contract of an estimator: one function `(draw, name) -> Tensor` under `@estimator`; it returns one gradient a sample for
the parameter `name`, always, of the shape S of the draw. Mean, variance and histogram follow from that, and one `Draw`
feeds several estimators, so that they are compared on the same noise. What else the registry holds says where the
estimator is defined and unbiased, and over which variables its exact moments are integrals:
- `covers(family)` names the parameters it is defined for, none where it makes no sense;
- `settings` are the numbers that its samples depend on beside theta, such as a temperature: the function takes each as
  a keyword. An entry stands at their defaults; `at(temperature=0.1)` gives the estimator at other values, and whoever
  takes an estimator's name takes that value too;
- `integration` holds all that integrals over its samples must know beyond the function;
- `remainder` says what becomes of a part R of f that does not depend on theta and is independent of x: it drops out, is
  weighted by the score, or is so after a baseline has taken E R away.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, TypeVar

from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.expectations.space import Rows, Space
from explorer.core.families.family import Family
from explorer.core.objectives.objective import Objective
from explorer.core.parameters import Parameter, check_values

GradientFunction = Callable[[Draw, str], Tensor]
Function = TypeVar("Function", bound=Callable[..., Tensor])
NO_MEAN = "its mean does not exist: the tails are too heavy"
"""Why a row has no moments."""


@dataclass(frozen=True)
class Moments:
    """Of one sample of an estimator, for R rows, (R,) each. NaN where `faults` gives a reason; variance may be inf.

    `spread` is n times the variance of the mean of n samples: the variance, but for samples that are coupled.
    """

    mean: Tensor
    variance: Tensor
    spread: Tensor
    faults: list[str]


@dataclass(frozen=True)
class Coupling:
    """`group` samples in a row depend on each other: the standard error of a mean comes from the groups' means.

    One sample's function then says nothing of another's share in it, so that such an estimator brings exact `moments`
    of its own: from the space of the noise and a parameter's name to `Moments`. Raises ValueError without them.
    """

    group: int
    moments: Callable[[Space, str], Moments]

    def __post_init__(self) -> None:
        if self.group < 2 or not callable(self.moments):
            raise ValueError("coupled samples come in groups of two or more, with exact moments of their own")


def nothing_beside(family: Family) -> tuple[str, ...]:
    """For an estimator whose samples follow from the noise alone."""
    return ()


@dataclass(frozen=True)
class Integration:
    """What integrals over an estimator's samples must know beyond its function: see the fields of `Space`."""

    extras: Callable[[Family], tuple[str, ...]] = nothing_beside
    """What a sample draws beside its noise."""
    other_thetas: Callable[[Family, Rows, str], Sequence[Rows]] | None = None
    """The other thetas at which it looks at g."""
    mirrored: bool = False
    """It looks at the mirror image of the noise too."""
    f_points: Callable[[Draw, str], Sequence[Tensor]] | None = None
    """The points at which it evaluates f, where they depend on the extras."""
    halves: tuple[GradientFunction, GradientFunction] | None = None
    """For a sum of two independent parts, functions of one draw each: means and variances add up."""
    coupling: Coupling | None = None
    """For samples that depend on each other."""


def all_parameters(family: Family) -> tuple[str, ...]:
    """The names of every parameter."""
    return tuple(parameter.name for parameter in family.parameters)


@dataclass(frozen=True, eq=False)
class Estimator:
    """A gradient estimator and the conditions under which it is unbiased. See the module's contract.

    Two are equal, and share a hash, when their `identity` is.
    """

    name: str
    pattern: str
    """The title, with each setting in braces: "REBAR, temperature {temperature}"."""
    latex: str
    source: str
    function: Callable[..., Tensor]
    """(draw, name, one keyword a setting) -> one gradient a sample."""
    needs_pathwise: bool = False
    """Needs a transformation that is differentiable in theta."""
    needs_smooth: bool = False
    """Needs an objective that is continuous and differentiable almost everywhere."""
    needs_fixed_support: bool = False
    """Needs a support that does not depend on theta."""
    needs_known_jumps: bool = False
    """Needs the places of f's jumps."""
    biased: bool = False
    """Biased even where its needs are met."""
    evaluations: int | Callable[[Family], int] = 1
    """How often a sample asks for f or its slope; where that depends on the family, a function of it."""
    covers: Callable[[Family], tuple[str, ...]] = all_parameters
    integration: Integration = Integration()
    remainder: Literal["drops out", "weighted", "centred", "not simple"] = "not simple"
    settings: tuple[Parameter, ...] = ()
    integration_at: Callable[..., Integration] | None = None
    """The integration at the settings' values, one keyword each, where it depends on them."""
    values: Mapping[str, float] = field(default_factory=dict)
    """The settings' values."""

    def __post_init__(self) -> None:
        if not self.values:
            object.__setattr__(self, "values", {setting.name: setting.default for setting in self.settings})
        if self.integration_at is not None:
            object.__setattr__(self, "integration", self.integration_at(**self.values))

    def at(self, **values: object) -> Estimator:
        """The same estimator at other values of its settings. Raises ValueError naming the setting and its range."""
        return replace(self, values=check_values(self.name, self.settings, values))

    @property
    def identity(self) -> Hashable:
        """What tells this estimator from any other, its settings included."""
        return self.name, tuple(self.values.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Estimator) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)

    def __str__(self) -> str:
        return self.title

    @property
    def said(self) -> dict[str, str]:
        """The settings' values as a title says them."""
        return {name: f"{value:g}" for name, value in self.values.items()}

    @property
    def title(self) -> str:
        """The whole title, at the settings' values."""
        return self.pattern.format(**self.said)

    def evaluations_for(self, family: Family) -> int:
        """How often a sample asks for f or its slope under this family."""
        return self.evaluations(family) if callable(self.evaluations) else self.evaluations

    @property
    def group(self) -> int:
        """How many samples in a row depend on each other: 1 where all are independent."""
        return 1 if self.integration.coupling is None else self.integration.coupling.group

    @property
    def parts(self) -> tuple[GradientFunction, ...]:
        """The independent functions of one draw each that a sample is the sum of."""
        return self.integration.halves or (partial(self.function, **self.values),)

    def __call__(self, draw: Draw, name: str) -> Tensor:
        """One gradient a sample with respect to the parameter `name`, of the draw's shape S."""
        gradient = self.function(draw, name, **self.values)
        return gradient if gradient.shape == draw.shape else gradient.expand(draw.shape)

    def warning(self, family: Family, objective: Objective) -> str:
        """Why this estimator is not unbiased for the pair, in a sentence; empty when it is.

        Such a pair stays computable: its bias is the lesson.
        """
        if self.needs_pathwise and family.route == "none":
            return f"{self.title} does not apply to {family.title}: its samples jump as θ changes."
        if self.needs_smooth and not objective.smooth:
            return f"{self.title} is biased where f jumps: the slope of f misses the jump."
        if self.needs_fixed_support and family.support.moves:
            return f"{self.title} is biased for {family.title}: its support moves with θ, unseen by the score."
        if self.needs_smooth and objective.may_jump:
            return f"{self.title} is biased where f jumps, as this formula may: the slope of f misses the jump."
        if self.needs_known_jumps and objective.may_jump:
            return f"{self.title} is biased where f jumps at a place that is not known, as this formula may."
        return f"{self.title} is biased by design." if self.biased else ""

    def check_covers(self, family: Family) -> tuple[str, ...]:
        """The parameters it is defined for. Raises ValueError when there are none."""
        covered = self.covers(family)
        if not covered:
            raise ValueError(f"{self.name} is not defined for {family.name}")
        return covered


ESTIMATORS: dict[str, Estimator] = {}


def estimator(
    name: str, pattern: str, *, latex: str, source: str, **properties: object
) -> Callable[[Function], Function]:
    """Registers a function `(draw, name) -> Tensor` in ESTIMATORS; `properties` are the fields of `Estimator`."""

    def register(function: Function) -> Function:
        ESTIMATORS[name] = Estimator(name, pattern, latex, source, function, **properties)  # type: ignore[arg-type]
        return function

    return register


def get_estimator(name: object) -> Estimator:
    """The entry of ESTIMATORS for a name; an Estimator is returned as it is. Raises ValueError with the known names."""
    if isinstance(name, Estimator):
        return name
    if not isinstance(name, str) or name not in ESTIMATORS:
        raise ValueError(f"estimator must be an Estimator or one of {', '.join(ESTIMATORS)}, got {name!r}")
    return ESTIMATORS[name]
