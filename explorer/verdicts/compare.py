"""Two bounds side by side in words: which is higher and by how many standard errors, and the table of both."""

from __future__ import annotations

import math
from dataclasses import dataclass

from explorer.text import word
from explorer.text.numbers import number, placed
from explorer.vae.compare import Bound, Estimate
from explorer.vae.manifest import ModelEntry
from explorer.verdicts.words import listed

TOLD_APART = 2.0
"""Standard errors from which on a difference is said to be one."""
SAME = 0.005
"""Nats: an exact difference below is written as 0.00."""


@dataclass(frozen=True)
class Side:
    """One side of the comparison: what it is called, its bound, and its model as the manifest has it."""

    name: str
    bound: Bound
    entry: ModelEntry


def said(estimate: Estimate) -> str:
    """A number with its standard error to that error's second digit; an exact one to two places."""
    if not estimate.error:
        return placed(estimate.value)
    digits = max(0, 1 - math.floor(math.log10(estimate.error)))
    return f"{placed(estimate.value, digits)} ± {placed(estimate.error, digits)}"


def verdict(one: Side, other: Side, *, same_image: bool) -> str:
    """Which bound is higher, and what that says (Markdown)."""
    above = one.bound.elbo_above(other.bound)
    first, second = (one, other) if above.value > 0 else (other, one)
    size = Estimate(abs(above.value), above.error)
    if above.is_exact:
        told = "same" if size.value < SAME else "exact"
    elif above.value == 0:
        told = "same"
    else:
        told = "apart" if above.errors_from_nought >= TOLD_APART else "close"
    sentence = word(
        f"compare.verdict.{told}",
        first=first.name,
        second=second.name,
        size=said(size),
        errors=number(above.errors_from_nought) if told in ("apart", "close") else "",
    )
    parts = [sentence]
    if told in ("apart", "exact"):
        parts.append(_terms(first, second))
    if not same_image:
        parts.append(word("compare.images"))
    if told in ("apart", "exact"):
        parts.append(_by_likelihood(first, second))
    return " ".join(parts)


def _by_likelihood(first: Side, second: Side) -> str:
    """Whether log p(x), as far as it is known, says the same as the bounds do: `first` is ahead."""
    above = first.bound.log_likelihood_above(second.bound)
    if above.errors_from_nought < TOLD_APART:
        return word("compare.undecided", size=said(above))
    ahead = first if above.value > 0 else second
    size = said(Estimate(abs(above.value), above.error))
    return word("compare.agrees" if ahead is first else "compare.disagrees", first=ahead.name, size=size)


def _terms(first: Side, second: Side) -> str:
    """Which of the two terms makes the lead."""
    reconstruction = first.bound.reconstruction_above(second.bound)
    by_kl = Estimate(second.bound.kl - first.bound.kl)
    return word("compare.terms", reconstruction=_signed(reconstruction), kl=_signed(by_kl))


def cautions(one: Side, other: Side) -> str:
    """What is not known of log p(x) on either side; empty where all is."""
    sides = (one, other)
    drawn = [side.name for side in sides if not side.bound.is_exact]
    heavy = [side.name for side in sides if side.bound.is_heavy]
    found = {"compare.estimated": drawn, "compare.heavy": heavy}
    return " ".join(word(key, names=listed(list(dict.fromkeys(names)))) for key, names in found.items() if names)


def _signed(estimate: Estimate) -> str:
    text = said(estimate)
    return text if text.startswith(("−", "0.00")) else f"+{text}"


def table(one: Side, other: Side, *, comparable: bool) -> str:
    """The bounds' numbers side by side, and their differences where they mean something (Markdown)."""
    rows = [
        ("elbo", one.bound.elbo, other.bound.elbo, one.bound.elbo_above(other.bound)),
        (
            "reconstruction",
            one.bound.reconstruction,
            other.bound.reconstruction,
            one.bound.reconstruction_above(other.bound),
        ),
        ("kl", Estimate(one.bound.kl), Estimate(other.bound.kl), Estimate(one.bound.kl - other.bound.kl)),
        (
            "likelihood",
            one.bound.log_likelihood,
            other.bound.log_likelihood,
            one.bound.log_likelihood_above(other.bound),
        ),
    ]
    lines = [
        f"| {word(f'compare.row.{key}')} | {_told(left)} | {_told(right)} | {_signed(above) if comparable else '–'} |"
        for key, left, right, above in rows
    ]
    return "\n".join([word("compare.head", first=one.name, second=other.name), "|---|---|---|---|", *lines])


def _told(estimate: Estimate) -> str:
    """Said with whether it is exact."""
    return word("compare.exactly", value=said(estimate)) if estimate.is_exact else said(estimate)


def models_table(one: Side, other: Side) -> str:
    """The two models as the manifest has them (Markdown)."""
    scores = [_scores(side.entry) for side in (one, other)]
    lines = [
        f"| {word(f'compare.row.{key}')} | {scores[0][key]} | {scores[1][key]} |"
        for key in scores[0]
        if any(each[key] != "–" for each in scores)
    ]
    return "\n".join([word("compare.models_head", first=one.name, second=other.name), "|---|---|---|", *lines])


def _scores(entry: ModelEntry) -> dict[str, str]:
    shape, scores = entry.recipe.architecture, entry.scores
    kind = "compare.bits" if shape.posterior == "bernoulli" else "compare.gaussian"
    found = {"latents": word(kind, n=shape.n_latents)}
    keys = ("active", "test_elbo", "test_likelihood", "squared_error", "gap")
    found |= dict.fromkeys(keys, "–")
    if scores is not None:
        found["active"] = f"{scores.active_units}"
        found["test_elbo"] = said(Estimate(scores.elbo, scores.elbo_standard_error))
        likelihood = Estimate(-scores.negative_log_likelihood, scores.negative_log_likelihood_standard_error)
        found["test_likelihood"] = said(likelihood)
        if scores.squared_error is not None:
            found["squared_error"] = said(Estimate(scores.squared_error, scores.squared_error_standard_error))
        if scores.mutual_information_gap is not None:
            found["gap"] = placed(scores.mutual_information_gap, 3)
    found["file"] = word("compare.megabytes", size=placed(entry.bytes / 1e6, 1))
    return found


def columns(n_draws: int, *, has_bits: bool) -> list[str]:
    """What stands over the pictures of a side."""
    centre = "latent_space.at_code" if has_bits else "latent_space.at_mean"
    draws = [word("compare.draw", n=k + 1) for k in range(n_draws)]
    return [word("latent_space.encoded"), word(centre), *draws]


def described(name: str, n_draws: int) -> str:
    """A side's pictures in words."""
    return word("compare.alt", name=name, n=n_draws)
