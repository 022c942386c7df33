"""Recovered factors in words: how much one latent tells of each, and how far the next is behind."""

from __future__ import annotations

from explorer.text import word
from explorer.text.numbers import placed
from explorer.vae.recovered_factors import Recovery
from explorer.vae.sprites import FACTORS, SHAPES
from explorer.verdicts.traversals import subscript


def name_of(factor: int) -> str:
    """What a factor is called, by its place in FACTORS."""
    return word(f"factor.{FACTORS[factor].name}")


def axes(found: Recovery) -> list[tuple[str, str, list[str]]]:
    """Of each factor's panel the title below, the one beside, and the names of the values where they are no numbers."""
    return [
        (
            word(f"factor_axis.{factor.name}"),
            f"μ{subscript(each.latent)}",
            [word(f"sprite.{shape}") for shape in SHAPES] if factor.name == "shape" else [],
        )
        for factor, each in zip(FACTORS, found.factors, strict=True)
    ]


def table(found: Recovery) -> list[dict[str, str]]:
    """A row a factor: the latent that tells most of it, how many nats of how many, the next, and the gap."""
    best = found.information.nats.topk(2, dim=1)
    columns = ("factor", "best", "told", "entropy", "next", "gap")
    rows = []
    for k in range(len(FACTORS)):
        (first, second), (one, other) = best.values[k].tolist(), best.indices[k].tolist()
        cells = (
            name_of(k),
            f"z{subscript(one)}",
            placed(first),
            placed(float(found.information.entropies[k])),
            f"z{subscript(other)}: {placed(second)}",
            placed(float(found.information.gaps[k])),
        )
        rows.append({word(f"recovered_factors.column.{key}"): cell for key, cell in zip(columns, cells, strict=True)})
    return rows


def said(found: Recovery, shipped: float | None) -> str:
    """The mutual information gap, and which factors stand in one latent best and worst (Markdown).

    shipped: the manifest's gap, None where it has none.
    """
    gaps = found.information.gaps
    best, worst = int(gaps.argmax()), int(gaps.argmin())
    sentence = word(
        "recovered_factors.said",
        gap=placed(found.information.gap, 3),
        best=name_of(best),
        best_gap=placed(float(gaps[best])),
        worst=name_of(worst),
        worst_gap=placed(float(gaps[worst])),
    )
    if shipped is None:
        return sentence
    return f"{sentence} {word('recovered_factors.manifest', gap=placed(shipped, 3))}"


def described(found: Recovery) -> str:
    """The panels in words."""
    parts = [
        word("recovered_factors.panel", factor=name_of(k), latent=each.latent + 1)
        for k, each in enumerate(found.factors)
    ]
    return word("recovered_factors.alt", panels="; ".join(parts))


def row_titles() -> list[str]:
    """What stands before the true renderings and before the decoded pictures."""
    return [word("recovered_factors.true"), word("recovered_factors.decoded")]


def row_described(factor: int, latent: int, n: int) -> str:
    """The two rows in words."""
    return word("recovered_factors.rows_alt", factor=name_of(factor), latent=latent + 1, n=n)
