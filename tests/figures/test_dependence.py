"""Which of the two depends: what moves is what the film moves, and what should stay does."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.families import SCALAR
from explorer.figures.dependence import ON_F, ON_MOVED, PANELS, SAMPLES, dependence, updates
from tests.figures.cases import depending, noise, problem_of

NAMES = ["normal", "uniform", "bernoulli"]


@pytest.mark.parametrize("name", NAMES)
def test_the_left_density_and_the_right_function_move(name: str) -> None:
    family = SCALAR[name]
    film = depending(problem_of(family), noise(family))
    traces = dependence(film, 2).still["data"]
    moving = {trace for trace, _, _ in updates(film)}
    by_panel = {panel: {i for i, trace in enumerate(traces) if trace["xaxis"] == panel[0]} for panel in PANELS}
    drawn_x, drawn_eps, on_x, on_eps, *_ = (by_panel[panel] for panel in PANELS)
    assert not drawn_eps & moving
    assert drawn_x & moving
    assert on_eps & moving
    # Of f at the left nothing moves but the dots on it.
    assert {traces[i]["mode"] for i in on_x & moving} == {"markers"}
    # What is pale lies under what is strong.
    assert min(moving) > max(set(range(len(traces))) - moving)


@pytest.mark.parametrize("name", NAMES)
def test_pale_is_the_start(name: str) -> None:
    family = SCALAR[name]
    film = depending(problem_of(family), noise(family))
    traces = dependence(film, 2).still["data"]
    rows = {trace: values for trace, attribute, values in updates(film) if attribute == "y"}
    strong = [(traces[i], values[film.origin]) for i, values in rows.items() if traces[i]["mode"] == "lines"]
    for trace, start in strong:
        pale = [each["y"] for each in traces[:7] if each["mode"] == "lines" and each["xaxis"] == trace["xaxis"]]
        assert any(np.array_equal(np.asarray(y), np.asarray(start), equal_nan=True) for y in pale)


def test_the_same_dots_stand_in_every_panel() -> None:
    family = SCALAR["normal"]
    film = depending(problem_of(family), noise(family))
    frame, traces = 2, dependence(film, 2).still["data"]
    moved = {(trace, attribute): values[frame].numpy() for trace, attribute, values in updates(film)}
    theta = {"loc": film.values[frame], "scale": 1.0}
    x = film.eps.numpy() * theta["scale"] + float(theta["loc"])
    for trace in (SAMPLES, ON_F):
        np.testing.assert_allclose(moved[trace, "x"], x)
    for trace in (ON_F, ON_MOVED):
        np.testing.assert_allclose(moved[trace, "y"], x**2)
    np.testing.assert_array_equal(traces[ON_MOVED]["x"], film.eps)
