"""What a page says in place of a picture that cannot be."""

from __future__ import annotations

import streamlit as st

from explorer.core.expectations.quadrature import QuadratureError


def tell(error: FloatingPointError | QuadratureError) -> None:
    """The reason in words: numbers out of range, or a baseline that does not exist."""
    if isinstance(error, FloatingPointError):
        st.error(f"These settings leave the range of the numbers: {error}", icon=":material/error:")
    else:
        st.warning(f"{str(error)[:1].upper()}{str(error)[1:]}. Leave that baseline out.", icon=":material/warning:")
