"""What stands below the gradients of the ELBO in words: over weights, in pixels, over models."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from explorer.text import short, word
from explorer.text.numbers import number, times
from explorer.vae.gradients.moments import Estimate
from explorer.vae.gradients.pixels import MANY, SINGLE, Steps
from explorer.vae.gradients.weights import LayerMoments
from explorer.verdicts.elbo_gradient import samples_needed
from explorer.verdicts.words import listed, lowered, said


def layer_labels(layers: Sequence[LayerMoments]) -> list[str]:
    """What the encoder's layers are called: by the units they lead to."""
    return [
        word("elbo_panels.layer", number=i + 1, units=f"{len(layer.unit_variance):,}") for i, layer in enumerate(layers)
    ]


LEAST_VARIANCE = 1e-12
"""Units of less than this part of their layer's largest variance are left out: there is nothing but rounding."""


def unit_ratios(one: Sequence[LayerMoments], other: Sequence[LayerMoments]) -> list[Tensor]:
    """The ratio of two estimators' variances in the weights into each unit, a tensor a layer."""
    found = []
    for a, b in zip(one, other, strict=True):
        held = [each.unit_variance > LEAST_VARIANCE * each.unit_variance.max() for each in (a, b)]
        both = held[0] & held[1]
        found.append(a.unit_variance[both] / b.unit_variance[both])
    return found


def weights(first: str, second: str, total: Estimate, layers: Sequence[LayerMoments], ratios: Sequence[Tensor]) -> str:
    """Over all weights of the encoder: the ratio of total variances, and the ratios' ends over the units (Markdown)."""
    n = sum(len(layer.unit_variance) * (len(layer.input_squared) + 1) for layer in layers)
    needed = samples_needed(first, second, total, word("elbo_panels.over_weights", n=f"{n:,}"))
    every = torch.cat(list(ratios))
    if not len(every):
        return needed
    low, high = (times(float(end)) for end in every.aminmax())
    return f"{needed} {word('elbo_panels.units', first=lowered(short(first)), low=low, high=high)}"


def weights_table(truth: Sequence[LayerMoments], layers: Mapping[str, Sequence[LayerMoments]]) -> str:
    """Signal / noise of one sample in each layer's weights, as a Markdown table; the signal is that of the `truth`."""
    lines = [word("elbo_panels.weights_table"), "|---|" + "--:|" * len(truth)]
    for name, each in layers.items():
        cells = [_signal_to_noise(of.mean_norm, layer.total_variance) for of, layer in zip(truth, each, strict=True)]
        lines.append(f"| {short(name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _signal_to_noise(signal: float, variance: float) -> str:
    return said(signal / variance**0.5 if variance else math.inf, 3)


def weights_described(labels: Sequence[str]) -> str:
    """The curves over units in words."""
    return word("elbo_panels.weights_alt", layers=listed(labels))


def pixels(steps: Mapping[str, Steps]) -> str:
    """How far off the gradient samples and averages point (Markdown)."""
    parts = [
        word("elbo_panels.angle", estimator=short(name), one=_degrees(each.one), many=_degrees(each.many), n=MANY)
        for name, each in steps.items()
    ]
    return " ".join([*parts, word("elbo_panels.right_angle")])


def _degrees(angle: float) -> str:
    return number(angle, 2) if angle < 10 else f"{angle:.0f}"


def pixel_columns() -> list[str]:
    """What stands over the changes: the gradient's own, single samples, an average."""
    singles = [word("elbo_panels.sample", number=i + 1) for i in range(SINGLE)]
    return [word("elbo_panels.gradient"), *singles, word("elbo_panels.average", n=MANY)]


def pixels_described(steps: Mapping[str, Steps]) -> str:
    """The changes in words."""
    return word("elbo_panels.pixels_alt", estimators=listed([lowered(short(name)) for name in steps]))


def models(found: Mapping[str, tuple[str, str, Estimate]]) -> str:
    """The ratio over all coordinates of each model, by its name (Markdown)."""
    overall = word("elbo_gradient.overall")
    return "\n".join(
        f"- {name}: {samples_needed(first, second, ratio, overall)}" for name, (first, second, ratio) in found.items()
    )


def models_described(found: Mapping[str, tuple[str, str, Estimate]]) -> str:
    """The bars in words."""
    parts = listed([f"{name} {said(ratio.value, 3)}" for name, (_, _, ratio) in found.items()])
    return word("elbo_panels.models_alt", models=parts)
