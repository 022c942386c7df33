"""What a visit keeps from run to run: the last answer of each picture."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from explorer.visit.turns import computing

T = TypeVar("T")


def kept(key: str, identity: Hashable, make: Callable[[], T]) -> T:
    """What `make` gave for this identity, made anew when anything that fixes its numbers has changed.

    It computes in its turn (`computing`).
    """
    last = st.session_state.get(key)
    if last is None or last[0] != identity:
        with computing():
            last = st.session_state[key] = (identity, make())
    found: T = last[1]
    return found
