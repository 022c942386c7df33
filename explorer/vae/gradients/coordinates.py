"""The coordinates of a posterior: what each is, its name in links and its letter on the screen.

For Gaussian latents loc, then the model's own entries of scale_tril, the lower triangle row by row or the diagonal; for
bits the logits. A coordinate is a parameter's name and its index counted from 0: ("scale_tril", (1, 0)), L₂₁ to a
reader.
"""

from __future__ import annotations

from typing import TypeAlias

from explorer.vae.model import Architecture

Coordinate: TypeAlias = tuple[str, tuple[int, ...]]

_LETTERS = {"loc": "μ", "scale_tril": "L", "logits": "ℓ"}
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def coordinates_of(architecture: Architecture) -> list[Coordinate]:
    """Every coordinate, in the order in which draws and moments have them."""
    D, posterior = architecture.n_latents, str(architecture.posterior)
    if posterior == "bernoulli":
        return [("logits", (i,)) for i in range(D)]
    is_full = posterior == "full"
    entries = [(i, j) for i in range(D) for j in range(D) if j == i or (is_full and j < i)]
    return [*(("loc", (i,)) for i in range(D)), *(("scale_tril", each) for each in entries)]


def key_of(coordinate: Coordinate) -> str:
    """Its name in a link, counted from 1: "loc_1", "scale_tril_2_1"."""
    name, index = coordinate
    return "_".join([name, *(str(each + 1) for each in index)])


def letter_of(key: str) -> str:
    """The letter of the coordinate of a link's name: "μ₁", "L₂₁", and "L₁₂,₇" where a figure alone would not tell."""
    name = next(each for each in _LETTERS if key.startswith(each))
    index = key.removeprefix(f"{name}_").split("_")
    lowered = ("," if max(map(len, index)) > 1 else "").join(each.translate(_LOWERED) for each in index)
    return f"{_LETTERS[name]}{lowered}"
