"""The state of a page in a visit: what a link asks for, what the visitor has set since, and the link that says it.

The visit remembers what is not at its default, under the same keys on every page. A link is read when its page is
entered, and again when the browser goes back or forward; at any other time the browser's address may be older than
what the visitor has set, and is not asked. What the page shows is written to the address at the end of its run, all of
it at once and without what is at its default: one entry of the browser's history for each change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.core.families.family import Family
from explorer.text import word
from explorer.visit.fields import Field, Point, State
from explorer.visit.places import Places

Place = tuple[float, float]

_PAGE, _VALUES, _LINK, _SUBJECT, _PUT = "visit/page", "visit/values", "visit/link", "visit/subject", "visit/put"
_WRITTEN, _REFUSED, _AGAIN = "visit/written", "visit/refused", "visit/again"


def enter(stem: str, state: State) -> list[str]:
    """Begins a run of a page with this state, and reads its link if that is new. Returns the keys of what was refused.

    Every run of a page begins with this and ends with `settle`.
    """
    context = get_script_run_ctx()
    went_back = context is not None and context.is_history_navigation
    last = st.session_state.get(_PAGE)
    st.session_state[_PAGE] = (stem, state)
    st.session_state[_LINK] = {}
    is_again = st.session_state.pop(_AGAIN, False)
    if last is not None and last[0] == stem and not went_back:
        return st.session_state[_REFUSED] if is_again else []
    st.session_state.pop(_WRITTEN, None)
    refused: list[str] = []
    st.session_state[_REFUSED] = refused
    values = st.session_state.setdefault(_VALUES, {})
    for key, field in state.items():
        texts = st.query_params.get_all(key)
        value = field.read(texts) if texts else None
        if texts and value is None:
            refused.append(key)
        if value is not None and value != field.default:
            values[key] = value
        elif texts or went_back:
            values.pop(key, None)
    # The browser comes with what its widgets showed before.
    st.session_state[_PUT] = set(state)
    st.session_state.pop(_SUBJECT, None)
    return refused


def run_again() -> NoReturn:
    """Ends this run of the page and begins it anew; what was refused in its link is told once more."""
    st.session_state[_AGAIN] = True
    st.rerun()


def settle() -> None:
    """Writes to the link what the page shows. Keys that no page knows stay."""
    _, state = st.session_state[_PAGE]
    before = {key: st.query_params.get_all(key) for key in st.query_params}
    wanted = {key: texts for key, texts in st.session_state[_LINK].items() if texts}
    after = {key: texts for key, texts in before.items() if key not in state} | wanted
    # A run that follows quickly comes with the address from before the last one's: what was written last counts too.
    if after != before or st.session_state.get(_WRITTEN, after) != after:
        st.query_params.from_dict(after)
    st.session_state[_WRITTEN] = after


def leading(state: State, at: Mapping[str, str | list[str]]) -> dict[str, str | list[str]]:
    """What a link within this visit says to show a page's state `at`, all else at its default.

    What the visit remembers from elsewhere would stay, so that is named too, as far as a link can say its default.
    """
    elsewhere = st.session_state.get(_VALUES, {})
    back = {key: _written(each, each.default) for key, each in state.items() if key in elsewhere}
    return {**{key: texts for key, texts in back.items() if texts}, **at}


def _written(each: Field, value: Any) -> list[str]:
    """A value as a link says it; nothing for one that it cannot say."""
    written = [] if value is None else each.write(value)
    return written if isinstance(written, list) else [written]


def field(key: str) -> Field:
    """The page's field of this key. Raises KeyError for a key that the page's state does not have."""
    found: Field = st.session_state[_PAGE][1][key]
    return found


def now(key: str, *, held: bool = False) -> Any:
    """The value of a key in this run, whether its widget has been drawn yet or not.

    `held` is what the visit remembers, without what the browser has just reported.
    """
    each = field(key)
    if not held and key not in st.session_state.get(_PUT, ()):
        reported = _from_widget(st.session_state.get(key))
        if each.allows(reported):
            return reported
    value = st.session_state.setdefault(_VALUES, {}).get(key)
    return value if each.allows(value) else each.default


def hold(key: str, value: Any) -> None:
    """Remembers a value, and that the link is to say it."""
    each = field(key)
    if value == each.default != now(key, held=True):
        st.session_state[_VALUES].pop(key, None)
    elif value != now(key, held=True):
        st.session_state[_VALUES][key] = value
    st.session_state[_LINK][key] = [] if value == each.default else _written(each, value)
    context = get_script_run_ctx()
    if context is not None and context.fragment_ids_this_run:
        settle()


def put(key: str, value: Any) -> None:
    """Sets a value from outside its control: for a button's `on_click`, or before the control is drawn."""
    st.session_state.setdefault(_VALUES, {})[key] = value
    st.session_state.setdefault(_PUT, set()).add(key)


def begin_widget(key: str) -> Any:
    """The value with which the widget of this key is to be drawn; None where it has been told of another by now.

    A widget takes the value it is drawn with when it comes to the screen, and what the session says only in the run
    that says it: that run may be broken off by the visitor's next move before the browser has heard of it.
    """
    put_aside, there = st.session_state.setdefault(_PUT, set()), key in st.session_state
    is_told = there and (key in put_aside or not field(key).allows(_from_widget(st.session_state[key])))
    value = now(key, held=is_told)
    put_aside.discard(key)
    if not is_told:
        return value
    st.session_state[key] = list(value) if isinstance(value, tuple) else value
    return None


def end_widget(key: str, value: Any) -> Any:
    """Takes the drawn widget's value over; what is not allowed, such as an emptied menu, is the default."""
    value = _from_widget(value)
    value = value if field(key).allows(value) else field(key).default
    hold(key, value)
    return value


def _from_widget(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def film_value(key: str, released: Mapping[str, float]) -> float:
    """The value of one film's slider: where the hand released it, if that is new in this run, else what is held."""
    value = float(released[key]) if key in released else now(key, held=True)
    hold(key, value)
    return float(value)


def film_theta(family: Family, released: Mapping[str, float]) -> dict[str, float]:
    """The parameters of a page whose films move them all; `released` maps "family.name" to what is new in this run.

    A combination that the family forbids is answered in words and with its defaults.
    """
    theta = {each.name: film_value(f"{family.name}.{each.name}", released) for each in family.parameters}
    if fault := family.fault(theta):
        st.warning(word("message.forbidden", fault=fault))
        theta = {each.name: each.default for each in family.parameters}
        for each in family.parameters:
            hold(f"{family.name}.{each.name}", each.default)
    return theta


def link_place(key: str, released: Any, subject: object) -> Any:
    """Where the hand let go last, else the link's place, else None: for a field that is None until something is moved.

    `released` is new in this run. The place returns to None when `subject` changes.
    """
    if st.session_state.get(_SUBJECT, subject) != subject:
        hold(key, None)
    else:
        hold(key, now(key, held=True) if released is None or not field(key).allows(released) else released)
    st.session_state[_SUBJECT] = subject
    return now(key, held=True)


def link_point(key: str, released: Place | None, subject: object, start: Place) -> Place:
    """The point of a latent pad: where the hand let go last, else the link's, else `start`.

    `released` is new in this run. The point returns to `start` when `subject` changes.
    """
    assert isinstance(field(key), Point)
    place: Place | None = link_place(key, released, subject)
    if place == start:
        hold(key, None)
    return place or start


def move_point(key: str, place: Place, subject: object) -> None:
    """Puts the point of a latent pad there, for this subject, before `link_point`."""
    put(key, place)
    st.session_state[_SUBJECT] = subject


def link_places(
    key: str, released: tuple[float, ...] | None, subject: object, start: tuple[float, ...], reach: float
) -> tuple[float, ...]:
    """Where sliders stand: where the hand left them, else as the link says, else at `start`.

    `released` is new in this run. They return to `start` when `subject` changes; a link made for another number of
    sliders, or for some that reach farther, is not followed.
    """
    assert isinstance(field(key), Places)
    if st.session_state.get(_SUBJECT, subject) != subject:
        hold(key, None)
    else:
        wanted = released or now(key, held=True)
        fits = wanted is not None and len(wanted) == len(start) and all(abs(each) <= reach for each in wanted)
        hold(key, wanted if fits and wanted != start else None)
    st.session_state[_SUBJECT] = subject
    return now(key, held=True) or start
