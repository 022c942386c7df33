"""Sources and words by AppTest: each view, a page's works alone, and links that lead to the state they name."""

from __future__ import annotations

import pytest

from explorer.pages import PAGES
from explorer.text.works import WORKS
from explorer.verdicts.glossary import KINDS
from explorer.verdicts.slips import SLIPS
from tests.pages.apps import charts, healthy, said, visit


def test_works_of_one_page() -> None:
    whole, one = (said(healthy(visit("sources", **query))) for query in ({}, {"under": "descent"}))
    assert all(f"**{work.title}**" in whole for work in WORKS.values())
    assert [work.name for work in WORKS.values() if f"**{work.title}**" in one] == ["robbins_monro", "mohamed"]


def test_every_page_has_a_row() -> None:
    (chart,) = charts(visit("sources")).values()
    assert len(chart["figure"]["layout"]["yaxis"]["ticktext"]) == len(PAGES) - 1


def test_slips_stand_beside_what_is_true() -> None:
    app = visit("sources", view="slips")
    assert not app.exception
    assert [element.proto.page.rsplit("/", 1)[-1] for element in app.get("page_link")] == [
        PAGES[slip.page].address for slip in SLIPS.values()
    ]
    assert all(slip.truth() in said(app) for slip in SLIPS.values())


@pytest.mark.parametrize("kind", KINDS)
def test_the_glossary(kind: str) -> None:
    app = visit("sources", view="glossary", listed=kind)
    assert not app.exception
    assert all(entry in said(app) for entry in KINDS[kind]())
