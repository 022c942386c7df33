"""Where the prior's mass lies, in words: by radius, and under truncation."""

from __future__ import annotations

import math

from torch import Tensor

from explorer.core.numerics.radius import BAND, Radius
from explorer.text import word
from explorer.text.numbers import number, per_cent, placed
from explorer.vae.typical_set import Truncated, share_beyond, truncated_variance


def law(radius: Radius, encoded: tuple[Tensor, Tensor]) -> str:
    """The band of radii that holds the prior, and where the encoder puts images (Markdown)."""
    low, high = radius.band
    means, draws = (float(each.mean()) for each in encoded)
    ball = radius.mass_within(1.0)
    return word(
        "typical_set.verdict",
        n=radius.n_latents,
        band=per_cent(BAND),
        low=placed(low),
        high=placed(high),
        mean=placed(radius.mean),
        ball=per_cent(ball) if ball >= 0.01 else number(ball),
        images=len(encoded[0]),
        means=placed(means),
        draws=placed(draws),
    )


def truncation(radius: Radius, found: Truncated, threshold: float) -> str:
    """What truncation has done to the samples on the screen (Markdown)."""
    low, high = radius.band
    root = math.sqrt(radius.n_latents)
    after = root * math.sqrt(truncated_variance(threshold))
    lies = {"band": per_cent(BAND), "low": placed(low), "high": placed(high)}
    inside = low <= after <= high
    where = word("typical_set.after_inside", **lies) if inside else word("typical_set.after_outside", **lies)
    return word(
        "typical_set.truncated",
        threshold=number(threshold),
        redrawn=f"{found.redrawn:,}",
        entries=f"{found.z.numel():,}",
        expected=per_cent(share_beyond(threshold), 1),
        before=placed(root),
        after=placed(after),
        where=where,
    )


def spread(pixels: Tensor, free: Tensor) -> str:
    """How much pictures differ from each other with truncation and without: pixels (n, 1, side, side) each."""
    said, before = (placed(float(each.var(0).mean().sqrt()), 3) for each in (pixels, free))
    return word("typical_set.spread", spread=said, free=before)


def density_described(radius: Radius) -> str:
    """The density of |z| in words."""
    low, high = (placed(each) for each in radius.band)
    return word(
        "typical_set.density_alt",
        n=radius.n_latents,
        mean=placed(radius.mean),
        band=per_cent(BAND),
        low=low,
        high=high,
    )


def radii_described(radii: Tensor, seed: int) -> str:
    """The rows of pictures in words."""
    low, high = (number(float(radii[place])) for place in (0, -1))
    return word("typical_set.radii_alt", rows=len(radii), low=low, high=high, seed=seed)


def row_label(radius: float) -> str:
    """What stands before a row of pictures."""
    return word("typical_set.radius_row", radius=placed(radius, 1))


def within_described(n: int, threshold: float, seed: int) -> str:
    """Samples of the truncated prior in words."""
    return word("typical_set.within", n=n, threshold=number(threshold), seed=seed)
