"""Histograms and running means: what is drawn is what was counted, exact lines stand at the exact values."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from explorer.core.experiments.answers import Answers
from explorer.core.experiments.gradient_stream import GradientStream
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.objective import Objective
from explorer.figures import gradient_stream as figures
from explorer.figures import theme
from explorer.text import short
from tests.core.cases import defaults
from tests.core.pairs import BOTH as NAMES
from tests.core.pairs import THIN as PAIRS
from tests.figures.cases import figure_of


def gradient_histogram(*given: object, **options: object) -> go.Figure:
    return figure_of(figures.gradient_histogram(*given, **options))  # type: ignore[arg-type]


def running_means(*given: object) -> go.Figure:
    return figure_of(figures.running_means(*given))  # type: ignore[arg-type]


def stream_of(family: Family, objective: Objective, n: int = 2000) -> GradientStream:
    theta = defaults(family)
    problem = Problem(family, objective, theta, next(iter(theta)))
    stream = GradientStream(problem, NAMES, 0, torch.device("cpu"))
    stream.know(Answers.of(problem, NAMES))
    if n:
        stream.advance(n)
    return stream


def histograms(stream: GradientStream) -> go.Figure:
    return gradient_histogram({name: part.histogram for name, part in stream.summaries.items()}, stream.answers)


def named(figure: go.Figure, estimator: str) -> go.Scatter:
    (trace,) = (trace for trace in figure.data if trace.name == short(estimator))
    return trace


def numbers(figure: go.Figure) -> np.ndarray:
    """Every x and y in the figure's traces."""
    return np.concatenate([np.asarray(part, dtype=float) for trace in figure.data for part in (trace.x, trace.y)])


@pytest.mark.parametrize(("family", "objective"), PAIRS)
def test_area_under_the_steps_is_the_share_inside(family: Family, objective: Objective) -> None:
    stream = stream_of(family, objective)
    figure = histograms(stream)
    assert np.isfinite(numbers(figure)).all()
    for name, summary in stream.summaries.items():
        trace = named(figure, name)
        assert trace.line.shape == "hv"
        assert len(trace.x) == stream.window.n_bins + 1
        area = float((np.diff(trace.x.astype(float)) * trace.y[:-1]).sum())
        assert area == pytest.approx(1 - summary.histogram.share_outside, rel=1e-4)
        # In float32 an edge is known to a part in ten million of the largest.
        slack = 1e-6 * max(abs(stream.window.low), abs(stream.window.high))
        assert float(trace.x[0]) == pytest.approx(stream.window.low, abs=slack)
        assert float(trace.x[-1]) == pytest.approx(stream.window.high, abs=slack)


def test_each_step_is_the_density_of_its_bin() -> None:
    stream = stream_of(FAMILIES["normal"], OBJECTIVES["square"])
    figure = histograms(stream)
    for name, summary in stream.summaries.items():
        np.testing.assert_allclose(named(figure, name).y[:-1], summary.histogram.density, rtol=1e-6)


@pytest.mark.parametrize(("family", "objective"), PAIRS)
def test_exact_values_stand_where_they_are(family: Family, objective: Objective) -> None:
    stream = stream_of(family, objective)
    figure = histograms(stream)
    lines = [shape for shape in figure.layout.shapes if shape.type == "line"]
    assert len(lines) == len(NAMES)
    assert all(shape.x0 == shape.x1 == stream.answers.gradient for shape in lines)
    assert all(shape.line.dash == "dash" for shape in lines)
    bars = [trace for trace in figure.data if trace.name is None]
    assert len(bars) == len(NAMES)
    for name, bar in zip(NAMES, bars, strict=True):
        mean, deviation = stream.answers.expectations[name], stream.answers.deviations[name]
        assert mean is not None
        assert deviation is not None
        assert list(bar.x) == pytest.approx([mean - deviation, mean, mean + deviation])
        low, high = figure.layout[f"yaxis{'' if name == NAMES[0] else NAMES.index(name) + 1}"].range
        assert low < bar.y[0] < 0 < high
    assert list(figure.layout.xaxis.range) == [stream.window.low, stream.window.high]


@pytest.mark.parametrize("draw", [histograms, lambda stream: running_means(stream.trail, stream.answers)])
def test_estimators_wear_their_colours(draw: object) -> None:
    stream = stream_of(FAMILIES["normal"], OBJECTIVES["square"])
    figure = draw(stream)  # type: ignore[operator]
    for name in NAMES:
        assert named(figure, name).line.color == theme.ESTIMATOR_COLOURS[name]


def test_samples_outside_the_window_are_told() -> None:
    stream = stream_of(FAMILIES["normal"], OBJECTIVES["square"])
    texts = [note.text for note in histograms(stream).layout.annotations]
    shares = {name: stream.summaries[name].histogram.share_outside for name in NAMES}
    assert max(shares.values()) > 0 == min(shares.values())
    for name, share in shares.items():
        (text,) = (text for text in texts if short(name) in text)
        assert (f"{100 * share:.2f} %" in text) == (share > 0) == ("%" in text)


def test_no_exact_value_no_line() -> None:
    stream = stream_of(FAMILIES["normal"], OBJECTIVES["square"])
    nothing = dict.fromkeys(NAMES)
    answers = type(stream.answers)(None, nothing, nothing, nothing)
    parts = {name: part.histogram for name, part in stream.summaries.items()}
    for figure in (gradient_histogram(parts, answers), running_means(stream.trail, answers)):
        assert not figure.layout.shapes
        assert "None" not in str(figure.to_json())
    assert len(gradient_histogram(parts, answers).data) == len(NAMES)


def test_before_the_first_sample() -> None:
    stream = stream_of(FAMILIES["normal"], OBJECTIVES["square"], n=0)
    assert np.isfinite(numbers(histograms(stream))).all()
    assert not running_means(stream.trail, stream.answers).data


def test_running_means_are_the_trail() -> None:
    stream = stream_of(FAMILIES["normal"], OBJECTIVES["square"])
    for _ in range(30):
        stream.advance(100)
    figure = running_means(stream.trail, stream.answers)
    for i, name in enumerate(NAMES):
        steps = stream.trail[name]
        band, line = figure.data[2 * i], figure.data[2 * i + 1]
        assert list(line.x) == [step.n for step in steps]
        assert list(line.y) == [step.mean for step in steps]
        half = len(band.y) // 2
        assert list(band.y[:half]) == pytest.approx([step.mean + 1.96 * step.standard_error for step in steps])
        assert list(band.y[half:][::-1]) == pytest.approx([step.mean - 1.96 * step.standard_error for step in steps])
    (line,) = figure.layout.shapes
    assert line.y0 == line.y1 == stream.answers.gradient


@pytest.mark.parametrize(("family", "objective"), PAIRS)
@pytest.mark.parametrize("batches", [1, 12])
def test_running_means_keep_the_end_of_the_trail_in_sight(family: Family, objective: Objective, batches: int) -> None:
    stream = stream_of(family, objective, n=2)
    for _ in range(batches - 1):
        stream.advance(2)
    figure = running_means(stream.trail, stream.answers)
    assert np.isfinite(numbers(figure)).all()
    low, high = figure.layout.yaxis.range
    assert low < high
    assert stream.answers.gradient is not None
    assert low < stream.answers.gradient < high
    for steps in stream.trail.values():
        assert low < steps[-1].mean < high


def test_logarithmic_density_keeps_every_bin_in_sight() -> None:
    stream = stream_of(FAMILIES["normal"], OBJECTIVES["square"])
    parts = {name: part.histogram for name, part in stream.summaries.items()}
    figure = gradient_histogram(parts, stream.answers, logarithmic=True)
    for i, name in enumerate(NAMES):
        axis = figure.layout[f"yaxis{i + 1 if i else ''}"]
        low, high = axis.range
        heights = np.log10(np.asarray(named(figure, name).y, dtype=float))
        assert axis.type == "log"
        assert np.all((low < heights) & (heights < high))


def test_an_infinite_spread_has_no_bar() -> None:
    """Student-t with 4 degrees of freedom: x² score samples have a mean and no variance."""
    family = FAMILIES["student_t"]
    theta = {"df": 4.0, "loc": 1.0, "scale": 1.0}
    problem = Problem(family, OBJECTIVES["square"], theta, "loc")
    stream = GradientStream(problem, NAMES, 0, torch.device("cpu"))
    stream.know(Answers.of(problem, NAMES))
    stream.advance(100)
    assert stream.answers.deviations["score_function"] is not None
    figure = histograms(stream)
    finite = sum(np.isfinite(value) for value in stream.answers.deviations.values() if value is not None)
    assert len([trace for trace in figure.data if trace.name is None]) == finite
    assert np.isfinite(numbers(figure)).all()
