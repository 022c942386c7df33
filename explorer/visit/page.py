"""The frame of every page: its question, controls at the left, a bar over the picture, and the folds below.

On a phone the picture stands above the controls (page.css).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.core.estimators import Choice, Estimator
from explorer.core.families.family import Family
from explorer.core.objectives.objective import Objective
from explorer.text import sections, word
from explorer.verdicts.definitions import of_estimator, of_family, of_objective
from explorer.visit.fields import State
from explorer.visit.links import enter, settle
from explorer.visit.predictions import predictions
from explorer.visit.state import FORMULA

FOLDS = ("derivation", "sources")
"""The sections of a page's prose that stay folded; the catalogue has their titles."""
_NAMED = 4
"""So many refused keys of a link are named."""


class Listed(Protocol):
    """A page as PAGES lists it."""

    @property
    def stem(self) -> str: ...

    @property
    def state(self) -> State: ...


class Frame:
    """The places of a page, and what it says at its end of the code that ran."""

    def __init__(self, controls: DeltaGenerator, picture: DeltaGenerator, below: DeltaGenerator) -> None:
        self.controls = controls
        self.picture = picture
        self.below = below
        self.ran: tuple[str, Sequence[object]] = ("", ())

    @cached_property
    def bar(self) -> DeltaGenerator:
        """The row over the picture, made when a page first asks for it."""
        return self.picture.container(horizontal=True, vertical_alignment="center")

    def code(self, snippet: str, parts: Sequence[object]) -> None:
        """What "The code that ran" shows: a script that prints this page's numbers, and the engine's own `parts`."""
        self.ran = snippet, parts


@contextmanager
def frame(page: Listed) -> Iterator[Frame]:
    """A page from its question to its folds; the body fills the places. The link is settled when the body ends."""
    refused = enter(page.stem, page.state)
    prose = sections(page.stem)
    st.markdown(prose["question"])
    if refused:
        named = ", ".join(refused[:_NAMED]) + (" …" if len(refused) > _NAMED else "")
        st.warning(word("message.link", keys=named))
    controls, picture = st.columns([1, 3], gap="medium")
    places = Frame(controls, picture.container(key="picture"), st.container())
    if "lead" in prose:
        controls.markdown(prose["lead"])
    yield places
    settle()
    for section in FOLDS:
        if section in prose:
            with st.expander(word(f"fold.{section}")):
                st.markdown(prose[section])
        if section == FOLDS[0]:
            predictions(page.stem, page.state)
    _code_that_ran(*places.ran)


@functools.cache
def _source(part: object) -> str:
    """The source of a function or class: read once a process, since finding it takes as long as a live picture."""
    return inspect.getsource(part)  # type: ignore[arg-type]


def _code_that_ran(snippet: str, parts: Sequence[object]) -> None:
    with st.expander(word("fold.code")):
        st.markdown(word("code.script"))
        st.code(snippet, language="python")
        st.download_button(word("code.download"), snippet, "reparameterization.py", "text/x-python", on_click="ignore")
        st.markdown(word("code.functions"))
        for part in parts:
            st.code(_source(part), language="python")


def as_code(objective: Objective) -> str:
    """The expression with which a notebook makes this objective."""
    if objective.name == FORMULA:
        return f"explorer.formula({objective.title!r})"
    at = _keywords(objective.values)
    return f"explorer.OBJECTIVES[{objective.name!r}]" + (f".at({at})" if at else "")


def estimators_as_code(estimators: Choice) -> str:
    """The expression with which a notebook makes these estimators: a name, or a value where a setting is moved."""
    return f"({', '.join(map(_estimator_as_code, estimators.values()))},)"


def _estimator_as_code(method: Estimator) -> str:
    if all(method.values[each.name] == each.default for each in method.settings):
        return repr(method.name)
    return f"explorer.ESTIMATORS[{method.name!r}]" + f".at({_keywords(method.values)})"


def _keywords(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def definitions(family: Family, objective: Objective | None, estimators: Iterable[str]) -> None:
    """The chosen family's and objective's formulas, and a click away what all that is chosen needs and comes from."""
    st.markdown(f"${family.latex}$" + (f"\n\n$f(x) = {objective.latex}$" if objective else ""))
    if objective and family.size > 1 and not objective.joint:
        st.caption(word("definition.summed"))
    with st.popover(word("definition.open"), icon=":material/menu_book:", width="stretch"):
        st.markdown(of_family(family, family.latex))
        if objective:
            st.markdown(of_objective(objective))
        for each in Choice(estimators).values():
            st.markdown(of_estimator(each, family))
