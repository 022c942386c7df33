"""One image's bound in words: its terms, how the KL splits, and what the estimate of log p(x) is worth."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from explorer.text import word
from explorer.text.numbers import number, per_cent, placed
from explorer.vae.image_bound import ImageBound
from explorer.vae.importance import ImportanceWeights, Running
from explorer.verdicts.words import listed

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SHORT, INTEGRATED = 4.0, 0.02
"""Standard errors, and nats beside them (the integral's own error and more), by which an estimate is called short."""
NAMED = 3
"""So many of the largest bars are named to those who do not see them."""


def latent_letter(index: int) -> str:
    """What a latent dimension is called, counted from 1: z₁."""
    return f"z{index + 1}".translate(_LOWERED)


def terms(label: str, seed: int, bound: ImageBound) -> str:
    """The bound as the difference of its two terms (Markdown)."""

    def said(value: float) -> str:
        return placed(value) if bound.is_exact else f"{placed(value)} ± {placed(bound.reconstruction_error)}"

    return word(
        "image_bound.terms",
        label=label,
        seed=seed,
        reconstruction=said(bound.reconstruction),
        kl=placed(bound.kl.total),
        elbo=said(bound.elbo),
        how=word("image_bound.how_exact") if bound.is_exact else word("image_bound.how_estimated"),
    )


def split(bound: ImageBound, active: Sequence[bool], least: float, *, is_full: bool) -> str:
    """How the KL is made up of its dimensions (Markdown). active: (D,), by Burda's criterion."""
    by_dimension = bound.kl.by_dimension
    if is_full:
        return word(
            "image_bound.marginals",
            parts=placed(float(by_dimension.sum())),
            rest=placed(bound.kl.total_correlation),
        )
    if all(active):
        return word("image_bound.all_active", n=len(active), least=number(least))
    held = sum(float(value) for value, is_active in zip(by_dimension, active, strict=True) if is_active)
    return word(
        "image_bound.entries",
        held=placed(held),
        others=number(max(0.0, bound.kl.total - held)),
        active=sum(active),
        n=len(active),
        least=number(least),
    )


def likelihood(bound: ImageBound) -> str:
    """log p(x), and what the weights say of themselves (Markdown)."""
    weights = bound.weights
    said = {
        "n": f"{len(weights.log_weights):,}",
        "estimate": f"{placed(weights.log_mean)} ± {number(weights.log_mean_error, 1)}",
        "size": f"{weights.effective_size:,.0f}",
        "largest": per_cent(weights.largest_share, 2),
        "tail": _tail(weights),
    }
    if bound.log_likelihood is None:
        return word("image_bound.estimated", **said)
    gap = placed(max(0.0, bound.log_likelihood - bound.elbo))
    known = word("image_bound.known", likelihood=placed(bound.log_likelihood), gap=gap, **said)
    short = bound.log_likelihood - weights.log_mean
    if short <= SHORT * weights.log_mean_error + INTEGRATED:
        return known
    return f"{known} {word('image_bound.missed', short=placed(short))}"


def _tail(weights: ImportanceWeights) -> str:
    if weights.k_hat is None:
        return ""
    said = {"k": placed(weights.k_hat), "most": number(weights.k_most)}
    is_heavy = weights.k_hat > weights.k_most
    return word("image_bound.tail_heavy", **said) if is_heavy else word("image_bound.tail_light", **said)


def kl_described(labels: Sequence[str], values: Tensor, total: float) -> str:
    """The bars in words; the largest come first."""
    largest = [f"{label} {placed(float(value))}" for label, value in zip(labels[:NAMED], values, strict=False)]
    return word("image_bound.kl_alt", largest=listed(largest), total=placed(total))


def running_described(running: Running) -> str:
    """The curve against K in words."""
    first, last = (placed(float(running.mean[place])) for place in (0, -1))
    return word("image_bound.running_alt", first=first, last=last, most=f"{running.counts[-1]:,}")
