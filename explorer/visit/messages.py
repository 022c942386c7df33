"""What a page says in place of a picture that cannot be."""

from __future__ import annotations

import streamlit as st

from explorer.core.expectations.quadrature import QuadratureError
from explorer.text import word


def tell(error: FloatingPointError | QuadratureError) -> None:
    """The reason in words: numbers out of range, or a baseline that does not exist."""
    if isinstance(error, FloatingPointError):
        st.error(word("message.out_of_range", fault=error), icon=":material/error:")
    else:
        fault = f"{str(error)[:1].upper()}{str(error)[1:]}"
        st.warning(word("message.no_baseline", fault=fault), icon=":material/warning:")


def unknown(error: QuadratureError) -> None:
    """Why there is no exact answer, where the picture is made of exact answers."""
    st.error(word("message.no_exact_answer", fault=error), icon=":material/error:")
