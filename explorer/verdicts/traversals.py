"""Traversals in words: what the latents are used for, and how far each standard deviation carries a picture."""

from __future__ import annotations

from torch import Tensor

from explorer.text import word
from explorer.text.numbers import number, placed
from explorer.vae.traversals import COLUMNS, REACH, Unit, Use

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def subscript(latent: int) -> str:
    """The number of a latent, counted from 0, as it stands beside its letter: ₇ for 6."""
    return f"{latent + 1}".translate(_LOWERED)


def ticks(unit: Unit) -> list[str]:
    """What stands over the columns: whole standard deviations, nothing between."""
    values = [-REACH + k * 2 * REACH / (COLUMNS - 1) for k in range(COLUMNS)]
    texts = [placed(value, 0) if value == round(value) else "" for value in values]
    return texts if unit == "prior" else [_deviations(text) for text in texts]


def described(n_rows: int, unit: Unit) -> str:
    """The rows in words."""
    about = word("traversals.about_prior" if unit == "prior" else "traversals.about_posterior")
    return word("traversals.alt", rows=n_rows, low=number(-REACH), high=number(REACH), about=about)


def used(use: Use, change: Tensor, *, is_full: bool) -> str:
    """How many latents are used, how much of the KL is theirs, and what the others change (Markdown).

    change: the most that a pixel changes along each row (D,).
    """
    n, active = len(use.kl), int(use.active.sum())
    total = float(use.kl.sum())
    half = int((use.kl.sort(descending=True).values.cumsum(0) < total / 2).sum()) + 1
    parts = {"n": n, "images": use.n_images, "kl": placed(total, 1), "half": half}
    if active == n:
        said = word("traversals.used_by_all", **parts)
    else:
        unused = word(
            "traversals.unused",
            rest=n - active,
            kl=number(float(use.kl[~use.active].sum())),
            change=_pixel(float(change[~use.active].max())),
        )
        said = f"{word('traversals.used', active=active, **parts)} {unused}"
    return f"{said} {word('traversals.full')}" if is_full else said


def wide(latent: int, label: str, sd: float, prior: float, posterior: float) -> str:
    """How far a row of each unit carries a picture: the most a pixel changes, in [0, 1] (Markdown)."""
    return word(
        "traversals.wide",
        latent=subscript(latent),
        label=label,
        reach=number(REACH),
        sd=number(sd),
        prior=_pixel(prior),
        posterior=_pixel(posterior),
    )


def _deviations(text: str) -> str:
    """Over a column of the posterior's unit: +2σ, μ, −2σ."""
    if not text:
        return ""
    if text == "0":
        return "μ"
    return word("traversals.column", value=text if text.startswith("−") else f"+{text}")


def _pixel(change: float) -> str:
    return placed(change) if change >= 0.1 else number(change)
