"""Apps that are a few controls on the state of a page that exists nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from explorer.visit.links import enter, settle
from explorer.visit.state import Field, table


@contextmanager
def on_a_page(*groups: Sequence[Field]) -> Iterator[list[str]]:
    """A page with these fields, entered and settled; gives the keys that its link had wrong."""
    yield enter("test", table(each for group in groups for each in group))
    settle()
