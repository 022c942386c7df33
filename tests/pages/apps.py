"""Pages without a browser: visits by link, and what the components were sent."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from explorer.figures.picture import Picture
from explorer.pages import PAGES
from explorer.visit import pull

ROOT = Path(__file__).parents[2]
SECONDS = 60
pull.AT_ONCE = SECONDS
"""Here no browser asks again for an exact answer: each run waits for it."""
NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none)\b", re.IGNORECASE)


HOSTILE: dict[str, str | list[str]] = {
    "unknown": "nope",
    "empty": "",
    "nan": "nan",
    "infinite": "inf",
    "overflowing": "1e999",
    "negative": "-1",
    "script": "<script>alert(1)</script>",
    "long": "x" * 5000,
    "other script": "日本語",
    "repeated": ["1", "2"],
}
"""What a link may say by accident or ill will."""


def visit(page: str, **query: str | list[str]) -> AppTest:
    """A new visitor follows a link to a page."""
    app = AppTest.from_file(ROOT / "app.py", default_timeout=SECONDS)
    if PAGES[page].address:
        # Before the first run `switch_page` knows a page by its file's name alone.
        app._page_hash = calc_hash(PAGES[page].address)
    return follow(app, query)


def small_app(script: Callable[[], None], **query: str | list[str]) -> AppTest:
    """A new visitor follows a link to an app that is just `script`, which must import what it uses."""
    return follow(AppTest.from_function(script, default_timeout=SECONDS), query)


def follow(app: AppTest, query: dict[str, Any]) -> AppTest:
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def link(app: AppTest) -> dict[str, str]:
    """The query of the page's link, the last of repeated keys."""
    return {name: values[-1] if isinstance(values, list) else values for name, values in app.query_params.items()}


def components(app: AppTest, name: str) -> list[dict[str, Any]]:
    """What each component of this kind was sent (in a list of one, see `chart`)."""
    sent = [element.proto for element in app.get("bidi_component")]
    return [strict(proto.json)[0] for proto in sent if proto.component_name == name]


def charts(app: AppTest) -> dict[str, dict[str, Any]]:
    """Each chart's message by its key, its figure read: the still part with the moving part put in."""
    return {part["key"]: {**part, "figure": _figure(part)} for part in components(app, "explorer_chart")}


def _figure(part: dict[str, Any]) -> dict[str, Any]:
    moving = strict(part["moving"])
    picture = Picture(strict(part["still"]["figure"]), moving["data"], moving["layout"])
    return picture.whole()


def strict(text: str) -> Any:
    """JSON as browsers read it: NaN and Infinity are no numbers."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in JSON")

    return json.loads(text, parse_constant=refuse)


def printed(code: str) -> str:
    """What a script prints, run here, where torch is in memory already."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(compile(code, "script", "exec"), {"__name__": "__main__"})
    return text.getvalue()


def numbers(part: object) -> Iterator[float]:
    """Every number in a figure, those of encoded arrays included."""
    if isinstance(part, dict):
        if "bdata" in part:
            yield from np.frombuffer(base64.b64decode(part["bdata"]), dtype=part["dtype"]).astype(float).tolist()
            return
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from numbers(inner)
    elif isinstance(part, (int, float)) and not isinstance(part, bool):
        yield float(part)


def said(app: AppTest) -> str:
    """All the text of the page."""
    return "\n".join(element.value for kind in (app.markdown, app.warning, app.error, app.caption) for element in kind)


def healthy(app: AppTest) -> AppTest:
    """No exception, no message of one, and each picture has its sentence."""
    assert not app.exception
    assert not app.error
    drawn = [*charts(app).values(), *components(app, "explorer_latent_pad")]
    drawn += [panel for graph in components(app, "explorer_autograd_graph") for panel in graph["panels"]]
    assert drawn
    for part in drawn:
        assert len(part["alt"]) > 20
        assert not NOT_A_NUMBER.search(part["alt"])
    return app


def widget(app: AppTest, key: str) -> Any:
    """The value of the widget with this key, whatever its kind."""
    return app.session_state[key]
