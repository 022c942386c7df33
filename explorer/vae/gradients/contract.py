"""Estimators of the gradient of the ELBO with respect to the parameters of q(z | x).

Contract of an estimator: one function `(draw, **settings) -> Tensor` under `@normal` or `@bernoulli`, by the kind of
latents it is for. It returns one gradient a sample, image and coordinate, (n, B, C), always: of the expectation
E_q[inner(z)] alone, where `draw.inner` is log p(x | z), or log p(x, z) - log q(z | x) with the KL term sampled. Calling
the entry adds what is known exactly of the rest (`draw.known`), so that its result estimates the whole ELBO's gradient.
Noise is the draw's, so that several estimators are compared on the same noise.

The C coordinates are the draw's (`draw.coordinates`): for Gaussian latents loc, then the free entries of scale_tril
row by row; for bits the logits.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from torch import Tensor

from explorer.core.parameters import Parameter, check_values
from explorer.vae.gradients.moments import Sums, weighted
from explorer.vae.model import VAE

Function = TypeVar("Function", bound=Callable[..., Tensor])


def alone(**settings: float) -> int:
    """The group of samples that are independent of each other."""
    return 1


@dataclass(frozen=True, eq=False)
class ElboEstimator:
    """An estimator of the ELBO's gradient and what holds of it. See the module's contract.

    Two of the same kind of latents are equal, and share a hash, when their `identity` is.
    """

    name: str
    pattern: str
    """The title, with each setting in braces."""
    latex: str
    source: str
    function: Callable[..., Tensor]
    """(draw, one keyword a setting) -> (n, B, C)."""
    biased: bool = False
    samples_kl: bool = False
    """It takes the KL term by samples whatever the draw says: it is a sum of parts that cancel."""
    knows_kl: bool = False
    """It takes the KL term exactly whatever the draw says."""
    settings: tuple[Parameter, ...] = ()
    group_at: Callable[..., int] = alone
    """How many samples in a row depend on each other at the settings' values: 1 where all are independent."""
    moments: Callable[..., Sums] | None = None
    """Where the values at all noise there is do not tell: (draw, weights (n,), one keyword a setting) -> moments of one
    sample, for a draw of one image. Where none is given they are weighted sums of those values."""
    values: Mapping[str, float] = field(default_factory=dict)
    """The settings' values."""

    def __post_init__(self) -> None:
        if not self.values:
            object.__setattr__(self, "values", {setting.name: setting.default for setting in self.settings})

    def at(self, **values: object) -> ElboEstimator:
        """The same estimator at other values of its settings. Raises ValueError naming the setting and its range."""
        return replace(self, values=check_values(self.name, self.settings, values))

    @property
    def identity(self) -> Hashable:
        """What tells this estimator from any other, its settings included."""
        return self.name, tuple(self.values.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ElboEstimator) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)

    @property
    def title(self) -> str:
        """The whole title, at the settings' values."""
        return self.pattern.format(**{name: f"{value:g}" for name, value in self.values.items()})

    @property
    def group(self) -> int:
        """How many samples in a row depend on each other."""
        return self.group_at(**self.values)

    def __call__(self, draw: Any) -> Tensor:
        """One gradient of the ELBO a sample, image and coordinate, (n, B, C)."""
        draw = self._seen(draw)
        return self.function(draw, **self.values) + draw.known

    def moments_over(self, draw: Any, weights: Tensor) -> Sums:
        """Moments of one sample of it, for a draw of one image that holds all noise there is with its weights (n,).

        Raises ValueError where these samples do not give them.
        """
        if self.moments is None:
            return weighted(self(draw)[:, 0], weights)
        draw = self._seen(draw)
        found = self.moments(draw, weights, **self.values)
        return replace(found, mean=found.mean + draw.known[0])

    def _seen(self, draw: Any) -> Any:
        """The draw with the KL term as this estimator must have it."""
        if self.samples_kl:
            return draw.with_kl("sampled")
        return draw.with_kl("analytic") if self.knows_kl else draw


NORMAL: dict[str, ElboEstimator] = {}
"""For latents with a Gaussian posterior."""
BERNOULLI: dict[str, ElboEstimator] = {}
"""For bits."""


def _registers(registry: dict[str, ElboEstimator]) -> Callable[..., Callable[[Function], Function]]:
    def entry(name: str, pattern: str, **properties: Any) -> Callable[[Function], Function]:
        def register(function: Function) -> Function:
            registry[name] = ElboEstimator(name, pattern, function=function, **properties)
            return function

        return register

    return entry


normal = _registers(NORMAL)
bernoulli = _registers(BERNOULLI)


def registry_of(vae: VAE) -> Mapping[str, ElboEstimator]:
    """The estimators for the model's kind of latents."""
    return BERNOULLI if vae.architecture.posterior == "bernoulli" else NORMAL


def estimator_for(vae: VAE, estimator: object) -> ElboEstimator:
    """The entry for a name; an entry itself is returned as it is.

    Raises ValueError, with the known names, where it is neither, or for another kind of latents.
    """
    registry = registry_of(vae)
    if isinstance(estimator, ElboEstimator):
        known = registry.get(estimator.name)
        if known is not None and known.function is estimator.function:
            return estimator
    if not isinstance(estimator, str) or estimator not in registry:
        raise ValueError(f"estimator must be one of {', '.join(registry)}, got {estimator!r}")
    return registry[estimator]
