"""The way through the story: from Start to the picture of each claim, and from each page to the next."""

from __future__ import annotations

import pytest

from explorer.pages import PAGES
from explorer.text import word
from explorer.verdicts.claims import CLAIMS
from tests.pages.apps import healthy, link, visit

ORDER = list(PAGES)


def test_start_leads_to_every_claim_in_order_and_to_every_other_page() -> None:
    links = [each.proto for each in visit("start", play="false").get("page_link")]
    labels = [each.label for each in links]
    claims = [word("claim.link", number=i, said=word(f"claim.{each.name}.said")) for i, each in enumerate(CLAIMS, 1)]
    first = labels.index(claims[0])
    assert labels[first : first + len(claims)] == claims
    led = {each.page.rsplit("/", 1)[-1] for each in links}
    assert {entry.address for entry in PAGES.values() if entry.address} <= led


@pytest.mark.parametrize("claim", [each for each in CLAIMS if each.at], ids=lambda claim: claim.name)
def test_a_claims_link_shows_its_state_and_no_other(claim: object) -> None:
    at = claim.at  # type: ignore[attr-defined]
    app = healthy(visit(claim.page, **at))  # type: ignore[attr-defined]
    assert not app.warning
    said = {key: texts if isinstance(texts, str) else texts[-1] for key, texts in at.items()}
    assert link(app) == said


def test_a_link_takes_back_what_the_visit_has_set_elsewhere() -> None:
    """Laplace goes along from page to page, but not into the state of a claim."""
    app = visit("gradient_stream", family="laplace", play="false")
    app.switch_page(PAGES["start"].script).run()
    (there,) = (each.proto for each in app.get("page_link") if word("claim.moved.said") in each.proto.label)
    assert "family=normal" in there.query_string


@pytest.mark.parametrize("page", ["start", ORDER[-2], ORDER[-1]])
def test_each_page_leads_to_the_next(page: str) -> None:
    following = ORDER[ORDER.index(page) + 1 : ORDER.index(page) + 2]
    wanted = [word("page.next", question=word(f"page.{stem}.question")) for stem in following]
    said = word("page.next", question="")
    assert [each.proto.label for each in visit(page).get("page_link") if each.proto.label.startswith(said)] == wanted
