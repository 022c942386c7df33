"""The works: every text cites works that are listed, every listed one is cited, and what was taken from it is said."""

from __future__ import annotations

import pytest

from explorer.core.estimators import ESTIMATORS
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.pages import PAGES
from explorer.text import catalogue, sections
from explorer.text.works import WORKS, citations, cited
from explorer.vae.gradients import BERNOULLI, NORMAL

REGISTRIES = {
    "families": FAMILIES,
    "objectives": OBJECTIVES,
    "estimators": ESTIMATORS,
    "normal": NORMAL,
    "bits": BERNOULLI,
}
TEXTS = {page: sections(page)["sources"] for page in PAGES} | {
    f"{kind}.{name}": entry.source for kind, registry in REGISTRIES.items() for name, entry in registry.items()
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_a_text_cites_is_listed(text: str) -> None:
    """Each year ends a citation of one work."""
    assert not [words for words, works in citations(text) if len(works) != 1]


def test_every_listed_work_is_cited_and_what_was_taken_is_said() -> None:
    assert {work.name for work in cited(*TEXTS.values())} == set(WORKS)
    assert {key.split(".")[1] for key in catalogue() if key.startswith("work.")} == set(WORKS)


def test_works_stand_in_the_order_of_their_years() -> None:
    years = [work.year or 0 for work in WORKS.values()]
    assert years == sorted(years)


def test_a_work_that_is_not_listed_is_found() -> None:
    assert citations("Nobody & Noone, *A Title*, 1999 (a claim).") == [("Nobody & Noone, *A Title*, 1999", [])]
    ((_, works),) = citations("Kingma & Welling 2013")
    assert [work.name for work in works] == ["kingma_welling"]
    # Of a longer list of authors the tail is another work.
    assert citations("Rezende & Mohamed 2020")[0][1] == []
