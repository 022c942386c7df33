"""What can be known of the gradients of one image's ELBO: exactly where it can be, else from many samples.

Shapes: C coordinates (`coordinates`). Everything is float64 on the CPU.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from explorer.core.device import generator_for
from explorer.core.numerics.isolation import isolated, isolation
from explorer.core.randomness import Streams
from explorer.vae.datasets import binarize
from explorer.vae.gradients.contract import ElboEstimator, registry_of
from explorer.vae.gradients.coordinates import Coordinate, coordinates_of
from explorer.vae.gradients.draw import KL
from explorer.vae.gradients.exact import exact_moments_of_all
from explorer.vae.gradients.moments import ElboMoments, Estimate
from explorer.vae.gradients.reference import ElboReference, reference
from explorer.vae.gradients.samples import ElboDraw, fresh_draw
from explorer.vae.gradients.weights import weight_metric, weight_moments
from explorer.vae.model import VAE
from explorer.vae.pretrained import load_sample, load_vae

NEGLIGIBLE = 1e-8
"""Of an estimator's largest variance."""
TRUE = {"bernoulli": "enumeration", "full": "pathwise", "diagonal": "pathwise"}
"""The estimator, by the kind of posterior, whose mean is the gradient itself and is known best."""


@dataclass(frozen=True)
class Example:
    """A test image binarized with a seed, pixels (1, P), under a shipped model: equal where their names are."""

    model: str
    image: int
    seed: int
    vae: VAE = field(compare=False)
    pixels: Tensor = field(compare=False)

    @classmethod
    @isolated
    def shipped(cls, model: str, image: int, seed: int) -> Example:
        """One on the CPU, from the files. Raises as `load_vae` and `load_sample`, IndexError for another image."""
        vae = load_vae(model, "cpu")
        images, _ = load_sample(vae.dataset.name)
        binary = binarize(images[image][None], generator_for(seed, images.device))
        return cls(model, image, seed, vae, vae.pixels_of(binary))

    @cached_property
    def coordinates(self) -> list[Coordinate]:
        """What each of the C coordinates is."""
        return coordinates_of(self.vae.architecture)

    @property
    def least_certain(self) -> int:
        """The number of the bit whose probability is nearest 1/2; 0 for Gaussian latents."""
        with isolation():
            return int(self.vae.bit_logits(self.pixels)[0].abs().argmin()) if self.vae.has_bits else 0

    @property
    def registry(self) -> Mapping[str, ElboEstimator]:
        """The estimators for its latents."""
        return registry_of(self.vae)

    def check(self, estimators: Sequence[ElboEstimator]) -> None:
        """Raises ValueError on no estimator, one that is there twice, or one that is not for this model's latents."""
        names = [each.name for each in estimators]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"each of at least one estimator may be chosen once, got {', '.join(names) or 'none'}")
        for name in names:
            if name not in self.registry:
                raise ValueError(f"estimator must be one of {', '.join(self.registry)}, got {name!r}")

    def draw(self, n: int, kl: KL, streams: Streams) -> ElboDraw:
        """A draw of n samples out of `streams.main`."""
        return fresh_draw(self.vae, self.pixels, n, streams, kl, full=False)


@dataclass(frozen=True, eq=False)
class Known:
    """Mean and variance of one sample of an estimator, each (C,), with their standard errors: 0 where exact."""

    mean: Tensor
    mean_error: Tensor
    variance: Tensor
    variance_error: Tensor
    is_exact: bool
    moments: ElboMoments
    """Where they are from: all that is known, the covariance included."""

    @classmethod
    def by(cls, moments: ElboMoments, coordinates: Sequence[Coordinate]) -> Known:
        """What moments, exact ones or a reference, say of these coordinates."""
        at = [moments.coordinates.index(each) for each in coordinates]
        if isinstance(moments, ElboReference):
            errors = moments.mean_error[at], moments.variance_error[at]
        else:
            errors = torch.zeros(len(at), dtype=torch.float64), torch.zeros(len(at), dtype=torch.float64)
        is_exact = not isinstance(moments, ElboReference)
        return cls(moments.mean[at], errors[0], moments.variance[at], errors[1], is_exact, moments)


@dataclass(frozen=True)
class Marks:
    """What a histogram has drawn in: one coordinate's gradient, each estimator's mean and standard deviation."""

    gradient: float
    expectations: Mapping[str, float]
    deviations: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class ElboAnswers:
    """The gradient of an image's ELBO (`truth`), and the moments of each estimator by its name."""

    truth: Known
    of: Mapping[str, Known]

    @classmethod
    @isolated
    def of_example(cls, example: Example, estimators: Sequence[ElboEstimator], kl: KL) -> ElboAnswers:
        """Computes them: exactly where that can be done, else by a reference of many samples."""
        example.check(estimators)
        true = example.registry[TRUE[example.vae.architecture.posterior]]
        wanted = [*estimators, *([true] if true.name not in {each.name for each in estimators} else [])]
        found = _exactly(example, wanted, kl)
        missing = [each for each in wanted if each.name not in found]
        if missing:
            found |= _named(example, missing, reference(example.vae, example.pixels, missing, kl))
        return cls(found[true.name], {each.name: found[each.name] for each in estimators})

    @property
    def is_exact(self) -> bool:
        """Whether all of it is exact."""
        return self.truth.is_exact and all(each.is_exact for each in self.of.values())

    def marks(self, coordinate: int) -> Marks:
        """What is drawn into the histograms of a coordinate."""
        return Marks(
            float(self.truth.mean[coordinate]),
            {name: float(each.mean[coordinate]) for name, each in self.of.items()},
            {name: float(each.variance[coordinate]) ** 0.5 for name, each in self.of.items()},
        )

    def gradient(self, coordinate: int) -> Estimate:
        """The gradient in a coordinate."""
        return Estimate(float(self.truth.mean[coordinate]), float(self.truth.mean_error[coordinate]))

    def ratios(self, first: str, second: str) -> tuple[Tensor, Tensor]:
        """How many samples of `first` match one of `second` in each coordinate, and the standard errors: (C,) each.

        NaN where next to nothing varies (`variance_ratio`).
        """
        one, other = self.of[first], self.of[second]
        ratio = variance_ratio(one.variance, other.variance)
        relative = (one.variance_error / one.variance).square() + (other.variance_error / other.variance).square()
        return ratio, ratio * relative.sqrt()

    def ratio(self, first: str, second: str, coordinate: int) -> Estimate:
        """The same in one coordinate."""
        if self.ratios(first, second)[0][coordinate].isnan():
            return Estimate(math.nan)
        at = torch.nn.functional.one_hot(torch.tensor(coordinate), len(self.truth.mean)).double()
        return _ratio(*(_total(self.of[name], at) for name in (first, second)))

    def overall_ratio(self, first: str, second: str) -> Estimate:
        """The same of the squared lengths of the errors: the variances summed over all coordinates."""
        return _ratio(*(_total(self.of[name], torch.ones_like(self.truth.mean)) for name in (first, second)))

    def weight_ratio(self, example: Example, first: str, second: str) -> Estimate:
        """The same of the variances summed over all weights of the encoder."""
        metric = weight_metric(example.vae, example.pixels, example.coordinates).diagonal()
        one, other = (
            sum(layer.total_variance for layer in weight_moments(example.vae, example.pixels, self.of[name].moments))
            for name in (first, second)
        )
        errors = (_total(self.of[name], metric).error for name in (first, second))
        return _ratio(*(Estimate(value, error) for value, error in zip((one, other), errors, strict=True)))

    def relative_bias(self, name: str) -> float:
        """How far an estimator's mean is from the gradient, in lengths of the gradient."""
        return float((self.of[name].mean - self.truth.mean).norm() / self.truth.mean.norm())

    def signal_to_noise(self, name: str, coordinate: int | None = None) -> float:
        """|gradient| / standard deviation of one sample, in a coordinate, or of the lengths over all coordinates."""
        known, at = self.of[name], slice(None) if coordinate is None else slice(coordinate, coordinate + 1)
        noise = float(known.variance[at].sum()) ** 0.5
        signal = float(self.truth.mean[at].square().sum()) ** 0.5
        return signal / noise if noise > 0 else float("inf")


def variance_ratio(one: Tensor, other: Tensor) -> Tensor:
    """The ratio of two estimators' variances in each coordinate, (C,).

    NaN where a variance is below NEGLIGIBLE times the estimator's largest: there it is rounding, or of samples that are
    too rare to be seen, as where a bit is as good as certain. An estimator without any variance makes it infinite or 0.
    """
    held = [(each > NEGLIGIBLE * each.max()) | (each.max() == 0) for each in (one, other)]
    return torch.where(held[0] & held[1], one / other, math.nan)


def _total(known: Known, weights: Tensor) -> Estimate:
    """The weighted variances (C,) summed, with the most that the standard error of their sum can be."""
    return Estimate(float(known.variance @ weights), float(known.variance_error @ weights))


def _ratio(one: Estimate, other: Estimate) -> Estimate:
    """Infinite where the second is 0."""
    if not (one.value and other.value):
        return Estimate(math.inf if one.value else 0.0)
    ratio = one.value / other.value
    return Estimate(ratio, ratio * math.hypot(one.error / one.value, other.error / other.value))


def _named(example: Example, estimators: Sequence[ElboEstimator], moments: Sequence[ElboMoments]) -> dict[str, Known]:
    return {each.name: Known.by(one, example.coordinates) for each, one in zip(estimators, moments, strict=True)}


def _exactly(example: Example, estimators: Sequence[ElboEstimator], kl: KL) -> dict[str, Known]:
    """Those of the estimators whose moments can be had exactly."""
    try:
        return _named(example, estimators, exact_moments_of_all(example.vae, example.pixels, estimators, kl))
    except (ValueError, FloatingPointError):
        if len(estimators) == 1:
            return {}
    return {name: known for each in estimators for name, known in _exactly(example, [each], kl).items()}
