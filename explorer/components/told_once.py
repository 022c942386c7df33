"""What a browser's component tells on release: each release is told to the page once.

A component's state holds the last release as a list that ends with its stamp. The stamp of the release that the page
has read goes back to the browser as `answered`: until it is the last one there, the hand is ahead of the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st


def release(key: str, value: Sequence[Any] | None) -> list[Any] | None:
    """The parts of a release of the component `key` before its stamp, if this one has not been told yet."""
    if not value or value[-1] == answered(key):
        return None
    *parts, st.session_state[_memory(key)] = value
    return parts


def released(key: str, name: str) -> list[Any] | None:
    """The same from the state `name` that the component holds, before it is drawn in this run."""
    return release(key, (st.session_state.get(key) or {}).get(name))


def answered(key: str) -> float | None:
    """The stamp of the last release that was told."""
    stamp: float | None = st.session_state.get(_memory(key))
    return stamp


def _memory(key: str) -> str:
    return f"{key}/answered"
