"""Every picture: what Plotly's validators say of it, what is sent of it, and that fonts and margins are the chart's."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from explorer.components.chart.payload import moving_payload, still_payload
from explorer.figures.gradient_stream import gradient_histogram, running_means
from explorer.figures.picture import Picture, at_frame, put
from explorer.figures.repeated_means import clouds, repeated_variances
from tests.core.pairs import BOTH
from tests.figures.cases import CPU, GradientStream, figure_of, pictures, run_of, stream_of

CASES = [pytest.param(make, id=name) for name, make in pictures()]


def sent(picture: Picture) -> dict[str, Any]:
    """The whole picture as the browser puts it together, arrays decoded."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in JSON")

    def arrays(part: dict[str, Any]) -> Any:
        if "bdata" not in part:
            return part
        values = np.frombuffer(base64.b64decode(part["bdata"]), f"<{part['dtype']}")
        return values.reshape([int(side) for side in part["shape"].split(",")]) if "shape" in part else values

    def read(text: str) -> Any:
        return json.loads(text, parse_constant=refuse, object_hook=arrays)

    moving = read(moving_payload(picture))
    return Picture(read(still_payload(picture, None)["figure"] or ""), moving["data"], moving["layout"]).whole()


def same(one: Any, other: Any) -> bool:
    """Whether two parts of a picture are the same, arrays of any kind by their numbers."""
    if isinstance(one, dict):
        return set(one) == set(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, (np.ndarray, torch.Tensor)):
        return np.array_equal(np.asarray(one, dtype=float), np.asarray(other, dtype=float), equal_nan=True)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    return bool(one == other)


@pytest.mark.parametrize("make", CASES)
def test_a_picture_is_valid_and_arrives_as_it_was_made(make: Callable[[], Picture]) -> None:
    picture = make()
    assert figure_of(picture).data
    assert same(picture.whole(), sent(picture))
    layout = picture.still["layout"]
    assert not {"template", "font", "hovermode", "dragmode"} & set(layout), "the chart's theme says it"
    for trace, attribute, _ in picture.moving:
        inner: Any = picture.still["data"][trace]
        for name in attribute.split("."):
            inner = inner.get(name, {})
        assert not isinstance(inner, (list, np.ndarray, torch.Tensor)), "what moves is not in the still part too"


@pytest.mark.parametrize(
    "plant",
    [
        lambda still: still["data"][0]["line"].update(colour="red"),
        lambda still: still["data"][0]["line"].update(color="no colour"),
        lambda still: still["data"][0].update(mode="dots"),
        lambda still: still["layout"]["xaxis"].update(domain=[0, 2]),
        lambda still: still["layout"].update(anotations=[]),
    ],
)
def test_a_planted_fault_is_seen(plant: Callable[[Any], None]) -> None:
    good = next(make for name, make in pictures() if name == "noise_transform-normal")()
    still = copy.deepcopy(good.still)
    plant(still)
    with pytest.raises(ValueError):  # noqa: PT011  every validator has words of its own
        figure_of(Picture(still, good.moving, good.layout))


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        still_payload(Picture({"data": [], "layout": {"height": float("nan")}}), None)
    with pytest.raises(TypeError, match="arrays of numbers, got object"):
        still_payload(Picture({"data": [object()], "layout": {}}), None)
    with pytest.raises(TypeError, match="got ndarray"):
        still_payload(Picture({"data": [np.array(["a"])], "layout": {}}), None)


def test_a_still_part_is_named_by_its_content_and_left_out_where_it_is_held() -> None:
    one, other = (Picture({"data": [{"x": np.arange(n)}], "layout": {}}) for n in (3, 4))
    name = still_payload(one, None)["id"]
    assert still_payload(one, name) == {"id": name, "figure": None}
    assert still_payload(other, name)["figure"]
    assert still_payload(other, name)["id"] != name


def test_paths_and_frames() -> None:
    target: dict[str, Any] = {"annotations": [{}, {}]}
    put(target, "annotations.1.text", "b")
    put(target, "marker.line.width", 2)
    assert target == {"annotations": [{}, {"text": "b"}], "marker": {"line": {"width": 2}}}
    ((trace, attribute, values),) = at_frame([(3, "y", torch.arange(6).reshape(3, 2))], 1)
    assert (trace, attribute, values.tolist()) == (3, "y", [2, 3])


def live(stream: GradientStream, answers: Any) -> list[Picture]:
    parts = {name: part.histogram for name, part in stream.summaries.items()}
    return [
        gradient_histogram(parts, answers),
        gradient_histogram(parts, answers, logarithmic=True),
        running_means(stream.trail, answers),
    ]


def names(made: list[Picture]) -> list[str | None]:
    return [still_payload(picture, None)["id"] for picture in made]


def test_the_still_part_of_a_live_picture_stands_still_until_the_answers_come() -> None:
    known = stream_of("normal")
    stream = GradientStream(known.problem, BOTH, 1, CPU)
    stream.advance(100)
    before, unknown = names(live(stream, known.answers)), live(stream, None)
    assert not any(picture.still["layout"]["shapes"] for picture in unknown)
    for picture in unknown:
        assert figure_of(picture).data
    stream.advance(5000)
    assert names(live(stream, known.answers)) == before
    assert names(live(stream, None)) == names(unknown)
    assert not set(before) & set(names(unknown))


def test_the_notebooks_pictures_need_no_answers() -> None:
    run = run_of("normal")
    nothing = dict.fromkeys(BOTH)
    estimates = {name: {n: run.estimates(name, i) for i, n in enumerate(run.reached)} for name in BOTH}
    spreads = {name: run.spreads(name) for name in BOTH}
    for picture in (
        repeated_variances(spreads, nothing, run.sizes),
        clouds(estimates, None, run.sizes),
    ):
        assert len(figure_of(picture).data) == len(BOTH)
    few = {name: part[:1] for name, part in spreads.items()}
    assert names([repeated_variances(few, nothing, run.sizes)]) == names(
        [repeated_variances(spreads, nothing, run.sizes)]
    )
