"""What the autograd graph refuses before anything is drawn."""

from __future__ import annotations

import pytest

from explorer.components.autograd_graph import autograd_graph, last_step
from explorer.core.experiments.autograd_graph import autograd_films
from explorer.core.objectives.catalogue import OBJECTIVES


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(ValueError, match="a film"):
        autograd_graph(key="graph", films={}, step=0)
    film = autograd_films(OBJECTIVES["square"], {"loc": 1.0, "scale": 1.0}, 0)[0]
    assert last_step(film.graphs) == 14, "eight rows up, and down again"
    for step in (-1, 15):
        with pytest.raises(ValueError, match="step must be in"):
            autograd_graph(key="graph", films={"loc": film}, step=step)
