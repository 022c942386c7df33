"""The story's claims: each leads to a state that its page can show."""

from __future__ import annotations

import pytest

from explorer.pages import PAGES
from explorer.text import catalogue
from explorer.verdicts.claims import CLAIMS, Claim


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_claim_names_a_state_of_its_page(claim: Claim) -> None:
    state = PAGES[claim.page].state
    for key, texts in claim.at.items():
        value = state[key].read([texts] if isinstance(texts, str) else texts)
        assert value is not None
        assert state[key].write(value) == texts  # type: ignore[arg-type]


def test_every_claim_is_told() -> None:
    told = [key.split(".")[1] for key in catalogue() if key.startswith("claim.") and key.endswith(".said")]
    assert told == [claim.name for claim in CLAIMS]
