"""Where each statement comes from: the works, what was taken from them, and the pages that rest on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from explorer.core.estimators import ESTIMATORS
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.text import counted, sections, word
from explorer.text.works import WORKS, Work, cited
from explorer.vae.gradients import BERNOULLI, NORMAL
from explorer.verdicts.words import listed

_REGISTRIES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "noise_transform": (FAMILIES,),
    "gradient_stream": (OBJECTIVES, ESTIMATORS),
    "elbo_gradient": (NORMAL, BERNOULLI),
}
"""The pages on which the entries of a registry are defined, a click away: their sources are those of the page too."""


def uses(pages: Iterable[str]) -> dict[str, list[Work]]:
    """For each page the works that its text cites, or the entries of the registries on its menus."""
    found = {}
    for page in pages:
        entries = [entry.source for registry in _REGISTRIES.get(page, ()) for entry in registry.values()]
        found[page] = cited(sections(page).get("sources", ""), *entries)
    return found


def verdict(used: Mapping[str, list[Work]]) -> str:
    """How many works there are, and on which most pages rest."""
    pages = Counter(work.name for works in used.values() for work in works)
    most = max(pages.values())
    first = [_called(WORKS[name]) for name, n in pages.items() if n == most]
    return word(
        "sources.verdict",
        works=counted("sources.works", len(pages)),
        pages=len(used),
        first=listed(first),
        n=most,
    )


def _called(work: Work) -> str:
    return f"{work.cite} {work.year or ''}".strip()


def entry(work: Work, pages: Iterable[str]) -> str:
    """A work, what was taken from it and where it is used (Markdown)."""
    return word(
        "sources.entry",
        authors=work.authors,
        year=f" ({work.year})" if work.year else "",
        title=work.title,
        where=work.where,
        taken=word(f"work.{work.name}.taken"),
        pages=", ".join(word(f"page.{page}.title") for page in pages),
    )


def described(used: Mapping[str, list[Work]]) -> str:
    """The picture in words."""
    years = [work.year for works in used.values() for work in works if work.year]
    return word("sources.alt", pages=len(used), first=min(years), last=max(years))
