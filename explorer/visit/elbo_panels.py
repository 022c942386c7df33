"""What *Gradients of the ELBO* has below its picture: one panel at a time, computed when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from explorer.text import word
from explorer.vae.gradients.stream import ElboStream
from explorer.verdicts import elbo_gradient as verdicts
from explorer.visit.pull import awaited


def signal(settings: ElboStream) -> None:
    """Signal and noise of one sample, here and over all coordinates."""
    settings.know(awaited(*settings.question, word("elbo_gradient.on_the_way")))
    st.markdown(verdicts.signal(settings))
    st.markdown(verdicts.signal_table(settings))


PANELS: Mapping[str, Callable[[ElboStream], None]] = {"signal": signal}
