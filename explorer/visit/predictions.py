"""Predict, then reveal: the answer is computed, and put on the page, only once the reader has committed to a choice."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer.text import word
from explorer.verdicts.predictions.contract import Prediction, Revealed, of_page
from explorer.visit.fields import State
from explorer.visit.links import put
from explorer.visit.pull import awaited


def predictions(page: str, state: State) -> None:
    """The questions of a page in their fold; nothing on a page without any."""
    if asked := of_page(page):
        with st.expander(word("fold.predictions")):
            _questions(asked, state)


def settings_of(prediction: Prediction, state: State) -> dict[str, Any]:
    """The value of each of the page's fields in the state that a question is about."""
    found = {}
    for key, field in state.items():
        texts = prediction.at.get(key)
        found[key] = field.default if texts is None else field.read([texts] if isinstance(texts, str) else texts)
    return found


@st.fragment
def _questions(asked: list[Prediction], state: State) -> None:
    st.caption(word("prediction.first"))
    for prediction in asked:
        _question(prediction, state)


def _question(prediction: Prediction, state: State) -> None:
    key = f"prediction/{prediction.key}"
    # The first choice counts, also when the reader comes back to this page.
    committed: str | None = st.session_state.get(key)
    if committed is not None:
        st.session_state[f"{key}/choice"] = committed
    question = word(f"prediction.{prediction.page}.{prediction.name}.question")
    st.markdown(question)
    st.radio(
        question,
        prediction.choices,
        index=None,
        format_func=lambda choice: _choice(prediction, choice),
        key=f"{key}/choice",
        horizontal=True,
        label_visibility="collapsed",
        disabled=committed is not None,
        on_change=_commit,
        args=(key,),
    )
    if committed is None:
        return
    settings = settings_of(prediction, state)
    revealed = awaited(key, lambda: prediction.answer(settings), word("prediction.meanwhile"))
    _reveal(prediction, revealed, committed)
    if st.button(word("prediction.show"), key=f"{key}/show", icon=":material/visibility:"):
        for name, value in settings.items():
            put(name, value)
        st.rerun()


def _commit(key: str) -> None:
    st.session_state[key] = st.session_state[f"{key}/choice"]


def _reveal(prediction: Prediction, revealed: Revealed, chosen: str) -> None:
    is_right = revealed.right == chosen
    parts = {"choice": _choice(prediction, revealed.right), "shown": revealed.sentence}
    if is_right:
        st.success(word("prediction.right", **parts), icon=":material/check:")
    else:
        st.info(word("prediction.wrong", **parts), icon=":material/close:")


def _choice(prediction: Prediction, choice: str) -> str:
    return word(f"prediction.{prediction.page}.{prediction.name}.choice.{choice}")
