"""A batch of noise and what every estimator makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from torch import Tensor

from explorer.core.families.family import Family, Theta, draw_noise
from explorer.core.families.noises import EXPONENTIAL
from explorer.core.objectives.objective import Objective
from explorer.core.randomness import Streams


@dataclass(frozen=True, eq=False)
class Extras:
    """What a draw has beside its noise, where the caller gives it: integrals do. What is None is drawn when asked for.

    Shapes as for the properties of `Draw` of the same names.
    """

    exponential: Tensor | None = None
    uniforms: Tensor | None = None
    second: Draw | None = None


def itself(x: Tensor) -> Tensor:
    return x


@dataclass(frozen=True, eq=False)
class Draw:
    """Noise and everything that follows from it; each part is computed once, when first asked for.

    eps has shape S, or S + (size,) for a vector; f is of shape S, x and slope of eps's shape or, where the vector x has
    other coordinates than its noise, S + (coordinates,). theta maps names to tensors that broadcast against S.
    `streams` is where what an estimator needs beside eps is drawn from, unless it is given in `extras`.
    """

    family: Family
    objective: Objective
    theta: Theta
    eps: Tensor
    streams: Streams | None = None
    extras: Extras = Extras()
    known_x: Tensor | None = None
    """x, where it is known without g: an atom of a discrete family, in a sum over the atoms."""
    row: Tensor | int = 0
    """For each sample the row of the batch of thetas that it belongs to; broadcasts against S."""
    argument: Callable[[Tensor], Tensor] = itself
    """From x to the point at which f is evaluated: x itself, unless a periodic f is shifted (`periodic`)."""
    _scores: dict[str, Tensor] = field(default_factory=dict, init=False)

    @cached_property
    def x(self) -> Tensor:
        """Step two: the transformed noise."""
        return self.family.transform(self.eps, self.theta) if self.known_x is None else self.known_x

    @cached_property
    def f(self) -> Tensor:
        return self.value_at(self.x)

    @cached_property
    def slope(self) -> Tensor:
        """The gradient of f at x."""
        return self.objective.slope(self.argument(self.x), self.family.size)

    def value_at(self, x: Tensor) -> Tensor:
        """f at other points."""
        return self.objective.total(self.argument(x), self.family.size)

    def score(self, name: str) -> Tensor:
        """d log q(x) / d theta_name, of shape S."""
        if name not in self._scores:
            self._scores[name] = self.family.scores(self.x, self.theta, name)
        return self._scores[name]

    def slope_along_path(self, name: str) -> Tensor:
        """The slope of f along the path d g / d theta_name, of shape S."""
        if name == self.family.shift:
            return self.slope
        product = self.slope * self.family.paths(self.eps, self.theta, name)
        return product.sum(-1) if self.family.size > 1 else product

    def of_row(self, values: Tensor) -> Tensor:
        """Each sample's own of some numbers (R,), one for each row of the batch of thetas; broadcasts against S."""
        return values[self.row]

    def at(self, theta: Theta) -> Draw:
        """The same noise at another theta."""
        return replace(self, theta=theta, known_x=None)

    @cached_property
    def mirrored(self) -> Draw:
        """The mirror image of the same noise."""
        return replace(self, eps=self.family.noise.reflect(self.eps), known_x=None)

    @property
    def shape(self) -> torch.Size:
        """S: one entry a sample."""
        return self.eps.shape[:-1] if self.family.size > 1 else self.eps.shape

    @cached_property
    def exponential(self) -> Tensor:
        """A standard exponential variable beside each eps, of shape S."""
        given = self.extras.exponential
        return self._exponentials("exponential") if given is None else given

    @cached_property
    def uniforms(self) -> Tensor:
        """Independent uniforms beside each eps, one fewer than the family has atoms: S + (atoms - 1,)."""
        if self.extras.uniforms is not None:
            return self.extras.uniforms
        source = self._source("uniforms")
        columns = len(self.family.support.points) - 1
        u = torch.rand(*self.shape, columns, generator=source, device=source.device)
        # Half a step off either end, so that logarithms of u and of 1 - u are finite.
        return u.clamp_(2**-25, 1 - 2**-24)

    @cached_property
    def second(self) -> Draw:
        """An independent draw of the same size."""
        if self.extras.second is not None:
            return self.extras.second
        eps = draw_noise(self.family, self.shape.numel(), self._source("second")).view(self.eps.shape)
        extras = Extras(exponential=self._exponentials("second exponential"))
        return replace(self, eps=eps, known_x=None, extras=extras)

    def _exponentials(self, stream: str) -> Tensor:
        return EXPONENTIAL.sample(self.shape.numel(), self._source(stream)).view(self.shape)

    def _source(self, name: str) -> torch.Generator:
        if self.streams is None:
            raise ValueError(f"this draw has no random numbers beside its noise, and {name} is asked for")
        return self.streams.named(name)
