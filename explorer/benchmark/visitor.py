"""A visitor without a browser: speaks Streamlit's websocket protocol to a server on this machine.

It opens a page, answers a chart's request for the next batch as the browser does, and moves sliders. Everything is
bounded by the caller: a visitor does one thing at a time and waits with a limit.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PAUSE = 0.05
"""Seconds between a picture and the request for the next, as in chart.js."""
_CHART = "explorer_chart"


@dataclass
class Slider:
    """A slider on the visitor's screen."""

    low: float
    high: float
    step: float
    value: float


@dataclass
class Visitor:
    """One visit. `updates` counts pictures that came to a request for the next batch; `errors` what went wrong."""

    address: str
    """host:port of the server."""
    page: str
    """The page's path, empty for the start page."""
    query: str = ""
    updates: int = 0
    errors: list[str] = field(default_factory=list)
    sliders: dict[str, Slider] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    """The Markdown of the page, in the order it came."""
    _socket: ClientConnection | None = None
    _finished: asyncio.Event = field(default_factory=asyncio.Event)
    _charts: dict[str, str] = field(default_factory=dict)
    """What each chart last told the server, by its identifier."""
    _stills: dict[str, str] = field(default_factory=dict)
    """The still part of each chart's picture, as a browser keeps it."""
    _films: dict[str, tuple[str, list[float]]] = field(default_factory=dict)
    """The first film of a chart: its name and the values of its slider."""
    _owed: tuple[str, str, Any] | None = None
    """The chart that was promised a next batch, its fragment and the number of its last batch."""
    _is_asked: bool = False
    _script: str = ""

    async def __aenter__(self) -> Visitor:
        protocol, place = Subprotocol("streamlit"), f"ws://{self.address}/_stcore/stream"
        self._socket = await connect(place, subprotocols=[protocol], max_size=None, compression=None)
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *details: object) -> None:
        assert self._socket is not None
        self._reader.cancel()
        await self._socket.close()

    async def open(self, limit: float) -> float:
        """Follows the link; seconds until its run is done. Raises TimeoutError past `limit`."""
        return await self._run(limit)

    async def move(self, share: float, limit: float) -> float:
        """Moves the first slider, or the one under the picture, to about `share` of its range.

        Returns the seconds until the run that answers is done. Raises TimeoutError past `limit`.
        """
        if self.sliders:
            slider = next(iter(self.sliders.values()))
            steps = round((slider.high - slider.low) / slider.step)
            slider.value = round(slider.low + round(share * steps) * slider.step, 9)
            return await self._run(limit)
        return await self.release(share, limit)

    async def release(self, share: float, limit: float) -> float:
        """Releases the slider under the first picture that has one at about `share` of its range.

        Returns and raises as `move`.
        """
        identifier, (name, values) = next(iter(self._films.items()))
        released = [values[round(share * (len(values) - 1))], time.time()]
        self._charts[identifier] = json.dumps({"film": {name: released}})
        return await self._run(limit)

    async def live(self, seconds: float, *, updates: float = math.inf, pause: float = PAUSE) -> None:
        """Answers the chart's requests for so long, or until so many updates have come."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.updates < updates:
            if self._owed is not None:
                await asyncio.sleep(pause)
                (identifier, fragment, number), self._owed, self._is_asked = self._owed, None, True
                told = {"batch": number, "held": self._stills}
                events = json.dumps([{"event": "next", "value": told}])
                await self._send(fragment, {f"$$STREAMLIT_INTERNAL_KEY_{identifier}__events": events})
            await asyncio.sleep(min(pause, 0.01))

    async def _run(self, limit: float) -> float:
        start = time.monotonic()
        self._finished.clear()
        await self._send("", {})
        finished = asyncio.create_task(self._finished.wait())
        await asyncio.wait({finished, self._reader}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if self._reader.done():
            # A message that could not be read is a fault to be seen, not a silence to be waited out.
            self._reader.result()
            raise ConnectionError("the server closed the connection")
        if not finished.done():
            finished.cancel()
            raise TimeoutError(f"no answer within {limit:g} s")
        return time.monotonic() - start

    async def _send(self, fragment: str, triggers: dict[str, str]) -> None:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.fragment_id, rerun.page_script_hash = self.query, fragment, self._script
        if not self._script:
            rerun.page_name = self.page
        rerun.context_info.timezone = "UTC"
        rerun.context_info.url = f"http://{self.address}/{self.page}"
        for identifier, slider in self.sliders.items():
            state = rerun.widget_states.widgets.add()
            state.id = identifier
            state.double_array_value.data.append(slider.value)
        for identifier, told in self._charts.items():
            state = rerun.widget_states.widgets.add()
            state.id, state.json_value = identifier, told
        for identifier, events in triggers.items():
            state = rerun.widget_states.widgets.add()
            state.id, state.json_trigger_value = identifier, events
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        assert self._socket is not None
        async for raw in self._socket:
            assert isinstance(raw, bytes)
            self._take(ForwardMsg.FromString(raw))

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._script = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self._finished.set()
            elif message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                self.errors.append("a script did not compile")
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._show(message.delta.new_element, message.delta.fragment_id)

    def _show(self, element: Any, fragment: str) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "markdown":
            self.texts.append(element.markdown.body)
        elif kind == "slider":
            slider = element.slider
            value = slider.value[0] if slider.set_value else slider.default[0]
            self.sliders.setdefault(slider.id, Slider(slider.min, slider.max, slider.step, value))
        elif kind == "bidi_component" and element.bidi_component.component_name == _CHART:
            (data,) = json.loads(element.bidi_component.json)
            self._stills[data["key"]] = data["still"]["id"]
            self._charts.setdefault(element.bidi_component.id, "{}")
            if data["films"]:
                self._films[element.bidi_component.id] = data["films"][0]["name"], data["films"][0]["values"]
            if data["pull"] is not None:
                self.updates += self._is_asked
                self._is_asked = False
                self._owed = element.bidi_component.id, fragment, data["pull"]
