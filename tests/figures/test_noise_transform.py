"""Noise, then transform: a film's updates fit the traces they move, and frame `start` is the figure itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from explorer.core.families.family import Family
from explorer.figures import noise_transform as module
from explorer.figures import star_path
from explorer.figures.noise_transform import noise_transform, sweep, updates
from explorer.figures.picture import Update
from tests.core.cases import SCALAR, defaults
from tests.figures.cases import figure_of, scene_of

MOVED = (
    *("CURVE", "ELBOWS", "DOTS", "DENSITY", "SAMPLES", "SHADE", "NOISE_SHADE", "GUIDE", "ARROW", "PATH", "TANGENT"),
    *("STAR", "STAR_NOISE", "STAR_SAMPLE", "STAR_PATH", "FIRST_NAME"),
)


class Case:
    """A family's figure and its films at the defaults."""

    def __init__(self, family: Family) -> None:
        self.scene = scene_of(family.name)

    @cached_property
    def figure(self) -> go.Figure:
        return figure_of(noise_transform(self.scene))

    @cached_property
    def films(self) -> list[tuple[int, int, Sequence[Update]]]:
        """(frames, start, updates) of each film, the star's last."""
        scene = self.scene
        found = [(len(each.values), each.start, updates(scene, i)) for i, each in enumerate(scene.films)]
        return [*found, (len(scene.sweep.eps), scene.sweep.start, sweep(scene))]


@pytest.fixture(scope="module", params=SCALAR, ids=lambda family: family.name)
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def drawn(figure: go.Figure, trace: int, attribute: str) -> np.ndarray:
    return np.asarray(figure.data[trace][attribute], dtype=float)


def test_updates_fit_their_traces(case: Case) -> None:
    last = module.FIRST_NAME + len(case.scene.paths) + case.scene.family.discrete
    assert [getattr(module, name) for name in MOVED] == list(range(2, 2 + len(MOVED)))
    for frames, _, moving in case.films:
        assert {trace for trace, _, _ in moving} == set(range(2, last))
        lengths: dict[int, set[int]] = {}
        for trace, attribute, values in moving:
            assert values.shape[0] in (1, frames)
            lengths.setdefault(trace, set()).add(values.shape[1])
            assert values.shape[1] == len(drawn(case.figure, trace, attribute)) or trace == module.SHADE
        assert all(len(each) == 1 for each in lengths.values())


def test_the_figure_is_the_frame_at_the_start_of_its_own_film_and_of_the_stars(case: Case) -> None:
    place = case.scene.place
    for _, start, moving in (case.films[place], case.films[-1]):
        for trace, attribute, values in moving:
            row = values[start if len(values) > 1 else 0]
            np.testing.assert_allclose(drawn(case.figure, trace, attribute), row, atol=1e-9)


def test_gaps_stay_where_they_are(case: Case) -> None:
    """A gap in a line is at the same place in every frame; only the end of a quantile function may be infinite."""
    for _, _, moving in case.films:
        for trace, _, values in moving:
            missing = torch.isnan(values)
            assert (missing == missing[0]).all()
            gapped = trace in (module.ELBOWS, module.DENSITY, module.GUIDE) or trace >= module.FIRST_NAME
            assert missing.any() <= gapped
            inner = values[:, 1:-1] if trace == module.CURVE else values
            assert not torch.isinf(inner).any()


def test_dots_stand_at_their_noise_and_their_sample(case: Case) -> None:
    eps, film = case.scene.eps.double().numpy(), case.scene.films[case.scene.place]
    samples = film.samples[film.start].numpy()
    np.testing.assert_array_equal(drawn(case.figure, module.DOTS, "x"), eps)
    np.testing.assert_array_equal(drawn(case.figure, module.DOTS, "y"), samples)
    np.testing.assert_array_equal(drawn(case.figure, module.SAMPLES, "y"), samples)
    assert len(set(drawn(case.figure, module.SAMPLES, "x"))) == len(eps), "no dot hides another"


def test_the_star_stands_on_the_curve_and_on_its_path(case: Case) -> None:
    scene = case.scene
    theta = {name: torch.tensor(value, dtype=torch.float64) for name, value in defaults(scene.family).items()}
    x = float(scene.family.transform(torch.tensor([scene.star], dtype=torch.float64), theta))
    for trace in (module.STAR, module.STAR_SAMPLE, module.STAR_PATH):
        assert drawn(case.figure, trace, "y") == pytest.approx([x], rel=1e-9, abs=1e-9)
        assert case.figure.data[trace].marker.symbol == "star"
    for trace in (module.STAR, module.STAR_NOISE):
        assert drawn(case.figure, trace, "x") == [scene.star]
    path, share = drawn(case.figure, module.PATH, "y"), drawn(case.figure, module.PATH, "x")
    (at,) = drawn(case.figure, module.STAR_PATH, "x")
    assert path[np.abs(share - at).argmin()] == pytest.approx(x, rel=1e-9, abs=1e-9)


def test_arrow_and_tangent_are_the_two_ways(case: Case) -> None:
    """The arrow ends as high as the tangent, one from g, the other from F and q; both lie on a smooth path's chord."""
    x = drawn(case.figure, module.STAR, "y")[0]
    tip, end = drawn(case.figure, module.ARROW, "y")[1], drawn(case.figure, module.TANGENT, "y")[1]
    path = case.scene.paths[case.scene.place]
    if case.scene.family.route == "none":
        assert tip == end == x
        return
    low, high = path.parameter.slider
    speed = (tip - x) / (star_path.REACH * (high - low))
    assert tip == pytest.approx(end, abs=1e-6 * (1 + abs(tip)))
    before, after = (slice(path.start + by, path.start + by + 1) for by in (-1, 1))
    chord = float((path.speeds.x[after] - path.speeds.x[before]) / (path.values[after] - path.values[before]))
    assert speed == pytest.approx(chord, rel=0.02)


def test_shades_hold_the_share_below_the_star(case: Case) -> None:
    """The shaded areas, by trapezoids: as much of the noise as of q, but for what lies outside of the picture."""
    scene = case.scene
    noise, p = (drawn(case.figure, module.NOISE_SHADE, name) for name in "xy")
    assert float(np.trapezoid(p, noise)) == pytest.approx(0.8, abs=0.06)
    if scene.sweep.speeds.share is not None:
        q, levels = (drawn(case.figure, module.SHADE, name) for name in "xy")
        # Next to a cliff of q a trapezoid is right to its own width.
        slack = 0.05 + q.max() * np.diff(levels).max()
        share = float(scene.sweep.speeds.share[scene.sweep.start])
        assert float(np.trapezoid(q, levels)) == pytest.approx(share, abs=slack)


def test_elbows_lead_from_a_noise_up_to_the_curve_and_across(case: Case) -> None:
    x, y = (drawn(case.figure, module.ELBOWS, name).reshape(-1, 4) for name in "xy")
    pairs = set(zip(drawn(case.figure, module.DOTS, "x"), drawn(case.figure, module.DOTS, "y"), strict=True))
    assert len(x) == module.ELBOWS_SHOWN
    for (x0, x1, x2, _), (y0, y1, y2, _) in zip(x, y, strict=True):
        assert x0 == x1
        assert y0 == case.scene.axis[0]
        assert y1 == y2
        assert (x1, y1) in pairs
        assert x2 < case.scene.films[0].grid[0]


def test_axes_are_fixed_and_hold_every_frame(case: Case) -> None:
    layout = case.figure.layout
    for one in (layout.yaxis, layout.yaxis2, layout.yaxis4):
        assert tuple(one.range) == case.scene.axis
    assert all(layout[axis.replace("x", "xaxis")].fixedrange for axis in module.HAND)
    film = case.scene.films[0]
    assert max(layout.xaxis.range) > float(film.density[film.start].max())
    assert layout.xaxis2.range[0] <= float(film.grid[0]) < float(film.grid[-1]) <= layout.xaxis2.range[1]


def test_density_of_a_discrete_family_is_drawn_as_bars() -> None:
    case = Case(next(family for family in SCALAR if family.name == "bernoulli"))
    x, y = drawn(case.figure, module.DENSITY, "x"), drawn(case.figure, module.DENSITY, "y")
    probs = defaults(case.scene.family)["probs"]
    np.testing.assert_allclose(x[[1, 4]], [1 - probs, probs])
    assert np.isnan(x[[2, 5]]).all()
    assert list(y) == [0, 0, 0, 1, 1, 1]
