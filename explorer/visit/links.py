"""What a component's sliders and pads hold: the hand's last release, else the link's value, else the default.

They cannot be bound to the URL as Streamlit's own widgets are (`controls`), so their state is written back here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st

from explorer.core.families.family import Family
from explorer.core.parameters import Parameter

Point = tuple[float, float]


def film_theta(family: Family, released: Mapping[str, float]) -> dict[str, float]:
    """The parameters of a film page: what the hand released last, else what the link says, else the defaults.

    `released` maps "family.name" to a value that is new in this run. Writes the state back to the
    URL, defaults left out. A value in the link that is not allowed is answered in words.
    """
    theta = {
        parameter.name: film_value(f"{family.name}.{parameter.name}", parameter, released)
        for parameter in family.parameters
    }
    if fault := family.fault(theta):
        st.warning(f"{fault}. The defaults are shown.")
        theta = {parameter.name: parameter.default for parameter in family.parameters}
        for parameter in family.parameters:
            st.query_params.pop(f"{family.name}.{parameter.name}", None)
    return theta


def film_value(key: str, parameter: Parameter, released: Mapping[str, float]) -> float:
    """The value of one film's slider, whose URL key is `key`; see `film_theta`."""
    memory = f"film/{key}"
    if key in released:
        st.session_state[memory] = released[key]
    elif memory not in st.session_state:
        st.session_state[memory] = _from_link(key, parameter)
    value = float(st.session_state[memory])
    if value == parameter.default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != f"{value:g}":
        st.query_params[key] = f"{value:g}"
    return value


def _from_link(key: str, parameter: Parameter) -> float:
    given = st.query_params.get(key)
    if given is None:
        return parameter.default
    low, high = parameter.slider
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if low <= value <= high:
        return value
    st.warning(f"The link's {key} is not a number in [{low:g}, {high:g}]. The default is shown.")
    return parameter.default


def link_point(key: str, released: Point | None, subject: object, start: Point, extent: float) -> Point:
    """The point of a latent pad: where the hand let go last, else the link's `key=x,y`, else `start`.

    `released` is new in this run. The point returns to `start` when `subject` changes. A point in the link that is
    not allowed is answered in words.
    """
    memory = st.session_state.setdefault(f"point/{key}", {"subject": None, "point": start})
    if memory["subject"] is None:
        memory["point"] = _point_from_link(key, start, extent)
    elif memory["subject"] != subject:
        memory["point"] = start
    elif released is not None:
        memory["point"] = released
    memory["subject"] = subject
    point = memory["point"]
    if point == start:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = f"{point[0]:.2f},{point[1]:.2f}"
    return point


def _point_from_link(key: str, start: Point, extent: float) -> Point:
    given = st.query_params.get(key)
    if given is None:
        return start
    try:
        x, y = (float(part) for part in given.split(","))
    except ValueError:
        x = y = math.nan
    if abs(x) <= extent and abs(y) <= extent:
        return x, y
    st.warning(f"The link's {key} is not a point 'x,y' within ±{extent:g}. The encoded image is shown.")
    return start
