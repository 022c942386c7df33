"""What stands below the gradients of the ELBO in words: over weights, in pixels, over models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.text import short, word
from explorer.text.numbers import number, times
from explorer.vae.gradients.answers import Estimate
from explorer.vae.gradients.pixels import MANY, SINGLE, Steps
from explorer.vae.gradients.weights import LayerMoments
from explorer.verdicts.elbo_gradient import samples_needed
from explorer.verdicts.words import listed, lowered, said


def layer_labels(layers: Sequence[LayerMoments]) -> list[str]:
    """What the encoder's layers are called: by the units they lead to."""
    return [
        word("elbo_panels.layer", number=i + 1, units=f"{len(layer.unit_variance):,}") for i, layer in enumerate(layers)
    ]


def weights(first: str, second: str, one: Sequence[LayerMoments], other: Sequence[LayerMoments], exact: bool) -> str:
    """Over all weights of the encoder: the ratio of total variances, and the ratios' ends over the units (Markdown)."""
    totals = [sum(layer.total_variance for layer in layers) for layers in (one, other)]
    ratios = [a.unit_variance / b.unit_variance for a, b in zip(one, other, strict=True)]
    n = sum(len(layer.unit_variance) * (len(layer.input_squared) + 1) for layer in one)
    return word(
        "elbo_panels.weights",
        n=f"{n:,}",
        first=lowered(short(first)),
        second=lowered(short(second)),
        ratio=times(totals[0] / totals[1]),
        low=times(min(float(each.min()) for each in ratios)),
        high=times(max(float(each.max()) for each in ratios)),
        how=word("elbo_gradient.is_exact" if exact else "elbo_gradient.is_estimated"),
    )


def weights_table(layers: Mapping[str, Sequence[LayerMoments]]) -> str:
    """Signal / noise of one sample in each layer's weights, as a Markdown table."""
    lines = [word("elbo_panels.weights_table"), "|---|" + "--:|" * len(next(iter(layers.values())))]
    for name, each in layers.items():
        lines.append(f"| {short(name)} | {' | '.join(said(layer.signal_to_noise, 3) for layer in each)} |")
    return "\n".join(lines)


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
    return "\n".join(
        f"- {name}: {samples_needed(first, second, ratio)}" for name, (first, second, ratio) in found.items()
    )


def models_described(found: Mapping[str, tuple[str, str, Estimate]]) -> str:
    """The bars in words."""
    parts = listed([f"{name} {said(ratio.value, 3)}" for name, (_, _, ratio) in found.items()])
    return word("elbo_panels.models_alt", models=parts)
