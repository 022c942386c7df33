"""The glossary: one symbol a meaning, every word on a page of its own, and every entry of the registries."""

from __future__ import annotations

import pytest

from explorer.core.estimators import ESTIMATORS
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.pages import PAGES
from explorer.text import catalogue, word
from explorer.text.symbols import SYMBOLS
from explorer.vae.gradients import BERNOULLI, NORMAL
from explorer.verdicts.glossary import KINDS, TERMS, of_words

SIZES = {
    "words": len(TERMS),
    "families": len(FAMILIES),
    "objectives": len(OBJECTIVES),
    "estimators": len(ESTIMATORS),
    "elbo_estimators": len(NORMAL) + len(BERNOULLI),
}


def test_words_and_catalogue_have_the_same_entries() -> None:
    keys = {key.split(".")[1] for key in catalogue() if key.startswith("glossary.")}
    assert keys - {"entry", "kind"} == set(TERMS)


def test_words_are_seen_on_pages_in_the_order_of_the_story() -> None:
    order = list(PAGES)
    places = [order.index(page) for page in TERMS.values()]
    assert places == sorted(places)
    for entry, page in zip(of_words(), TERMS.values(), strict=True):
        assert entry.endswith(f"*Seen on* {word(f'page.{page}.title')}.")


def test_no_symbol_has_two_meanings() -> None:
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
    assert set(SYMBOLS) <= set(TERMS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_is_listed(kind: str) -> None:
    entries = KINDS[kind]()
    assert len(entries) == SIZES[kind]
    assert len(set(entries)) == len(entries) or kind == "elbo_estimators"
