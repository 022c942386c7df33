"""A batch of noise and what every estimator makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from explorer.core.families.family import Family, Theta, draw_noise
from explorer.core.families.noises import EXPONENTIAL
from explorer.core.objectives.objective import Objective
from explorer.core.randomness import Streams


def _there(x: Tensor) -> Tensor:
    return x


@dataclass(frozen=True, eq=False)
class Draw:
    """Noise and everything that follows from it; each part is computed once, when first asked for.

    eps has shape S, or S + (size,) for a vector; f is of shape S, x and slope of eps's shape or, where the vector x has
    other coordinates than its noise, S + (coordinates,). theta maps names to tensors that broadcast against S.
    `streams` is where what an estimator needs beside eps is drawn from; quadrature gives it in `given` instead.
    """

    family: Family
    objective: Objective
    theta: Theta
    eps: Tensor
    streams: Streams | None = None
    given: dict[str, Any] = field(default_factory=dict)
    ask: Callable[[Tensor], Tensor] = _there
    """Where f is asked for in the place of x: a periodic f gives its mean over a period that way (`waves`)."""

    @cached_property
    def x(self) -> Tensor:
        """Step two: the transformed noise."""
        return self.family.transform(self.eps, self.theta)

    @cached_property
    def f(self) -> Tensor:
        return self.value_at(self.x)

    @cached_property
    def slope(self) -> Tensor:
        """The gradient of f at x."""
        return self.objective.slope(self.ask(self.x), self.family.size)

    def value_at(self, x: Tensor) -> Tensor:
        """f at other points."""
        return self.objective.total(self.ask(x), self.family.size)

    def score(self, name: str) -> Tensor:
        """d log q(x) / d theta_name, of shape S."""
        return self._kept(f"score {name}", lambda: self.family.scores(self.x, self.theta, name))

    def along(self, name: str) -> Tensor:
        """The slope of f along the path d g / d theta_name, of shape S."""
        if name == self.family.shift:
            return self.slope
        product = self.slope * self.family.paths(self.eps, self.theta, name)
        return product.sum(-1) if self.family.size > 1 else product

    def at(self, theta: Theta) -> Draw:
        """The same noise at another theta."""
        return replace(self, theta=theta, given={})

    def mirrored(self) -> Draw:
        """The mirror image of the same noise."""
        return self._kept("mirror", lambda: replace(self, eps=self.family.noise.reflect(self.eps), given={}))

    @property
    def shape(self) -> torch.Size:
        """S: one entry a sample."""
        return self.eps.shape[:-1] if self.family.size > 1 else self.eps.shape

    @property
    def exponential(self) -> Tensor:
        """A standard exponential variable beside each eps, of shape S."""
        return self._kept("exponential", lambda: self._exponentials("exponential"))

    def uniforms(self, columns: int) -> Tensor:
        """Independent uniforms beside each eps, S + (columns,)."""
        return self._kept("uniforms", lambda: self._uniforms(columns))

    @property
    def second(self) -> Draw:
        """An independent draw of the same size."""
        return self._kept("second", self._second)

    def _second(self) -> Draw:
        eps = draw_noise(self.family, self.shape.numel(), self._source("second")).view(self.eps.shape)
        return replace(self, eps=eps, given={"exponential": self._exponentials("second exponential")})

    def _exponentials(self, stream: str) -> Tensor:
        return EXPONENTIAL.sample(self.shape.numel(), self._source(stream)).view(self.shape)

    def _uniforms(self, columns: int) -> Tensor:
        source = self._source("uniforms")
        u = torch.rand(*self.shape, columns, generator=source, device=source.device)
        # Half a step off either end, so that logarithms of u and of 1 - u are finite.
        return u.clamp_(2**-25, 1 - 2**-24)

    def _source(self, name: str) -> torch.Generator:
        if self.streams is None:
            raise ValueError(f"this draw has no random numbers beside its noise, and {name} is asked for")
        return self.streams.named(name)

    def _kept(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.given:
            self.given[name] = make()
        return self.given[name]
