"""Gradient estimators of E_q[f(x)] with respect to theta.

Contract of an estimator: one function `(draw, name) -> Tensor (n,)` under `@estimator`; it returns one gradient a
sample for the parameter `name`, always. Mean, variance and histogram follow from that, and one `Draw` feeds several
estimators, so that they are compared on the same noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from explorer.core.families import Family, Theta
from explorer.core.objectives import Objective


@dataclass(frozen=True)
class Draw:
    """A batch of noise and what every estimator makes of it; each part is computed once, when first asked for.

    eps, x, f and slope are (n,); theta maps names to tensors that broadcast against them.
    """

    family: Family
    objective: Objective
    theta: Theta
    eps: Tensor

    @cached_property
    def x(self) -> Tensor:
        """Step two: the transformed noise."""
        return self.family.transform(self.eps, self.theta)

    @cached_property
    def f(self) -> Tensor:
        return self.objective(self.x)

    @cached_property
    def slope(self) -> Tensor:
        """f'(x)."""
        return self.objective.slope(self.x)


@dataclass(frozen=True)
class Estimator:
    """A gradient estimator and the conditions under which it is unbiased."""

    name: str
    title: str
    latex: str
    source: str
    needs_pathwise: bool
    """Needs a transformation that is differentiable in theta."""
    needs_smooth: bool
    """Needs an objective that is continuous and differentiable almost everywhere."""
    needs_fixed_support: bool
    """Needs a support that does not depend on theta."""
    biased: bool
    """Biased even where its needs are met."""
    function: Callable[[Draw, str], Tensor]

    def __call__(self, draw: Draw, name: str) -> Tensor:
        """One gradient a sample with respect to the parameter `name`, (n,)."""
        gradient = self.function(draw, name)
        return gradient if gradient.shape == draw.eps.shape else gradient.expand_as(draw.eps)

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
        return f"{self.title} is biased by design." if self.biased else ""


ESTIMATORS: dict[str, Estimator] = {}


def estimator(
    name: str,
    title: str,
    *,
    latex: str,
    source: str,
    needs_pathwise: bool = False,
    needs_smooth: bool = False,
    needs_fixed_support: bool = False,
    biased: bool = False,
) -> Callable[[Callable[[Draw, str], Tensor]], Callable[[Draw, str], Tensor]]:
    """Registers a function `(draw, name) -> (n,)` in ESTIMATORS."""

    def register(function: Callable[[Draw, str], Tensor]) -> Callable[[Draw, str], Tensor]:
        ESTIMATORS[name] = Estimator(
            name, title, latex, source, needs_pathwise, needs_smooth, needs_fixed_support, biased, function
        )
        return function

    return register


@estimator(
    "score_function",
    "Score function (REINFORCE, likelihood ratio)",
    latex=r"f(x)\,\nabla_\theta \log q_\theta(x)",
    source="Williams 1992; Mohamed, Rosca, Figurnov & Mnih 2020, Section 4",
    needs_fixed_support=True,
)
def score_function(draw: Draw, name: str) -> Tensor:
    """f(x) d log q(x) / d theta: weights change, samples stay."""
    return draw.f * draw.family.scores(draw.x, draw.theta, name)


@estimator(
    "pathwise",
    "Pathwise (reparameterization)",
    latex=r"f'(g(\varepsilon; \theta))\,\nabla_\theta\, g(\varepsilon; \theta)",
    source="Kingma & Welling 2013, Section 2.4; Rezende, Mohamed & Wierstra 2014; Mohamed et al. 2020, Section 5",
    needs_pathwise=True,
    needs_smooth=True,
)
def pathwise(draw: Draw, name: str) -> Tensor:
    """f'(g(eps)) d g(eps) / d theta: samples move."""
    return draw.slope * draw.family.paths(draw.eps, draw.theta, name)


def get_estimator(name: object) -> Estimator:
    """The entry of ESTIMATORS. Raises ValueError with the known names."""
    if not isinstance(name, str) or name not in ESTIMATORS:
        raise ValueError(f"estimator must be one of {', '.join(ESTIMATORS)}, got {name!r}")
    return ESTIMATORS[name]
