"""A shipped decoder inside and outside of the typical set of its prior."""

from __future__ import annotations

import streamlit as st

from explorer.text import word
from explorer.vae.manifest import PretrainedError
from explorer.visit import typical_set
from explorer.visit.controls import another_seed, menu, seed_input
from explorer.visit.page import Frame

STEM = "rare_events"
SNIPPET = """import explorer
from explorer.vae.typical_set import truncated_samples

vae = explorer.load_vae({name!r}, "cpu")
found = truncated_samples(vae, 50, 1.0, seed={seed})
print("mean |z| truncated at 1:", float(found.z.norm(dim=1).mean()), " drawn anew:", found.redrawn)
"""


def show(page: Frame) -> None:
    """The controls, the pictures and their verdict, and the code that ran."""
    try:
        with page.controls:
            name, seed = menu("model"), seed_input()
            st.button(
                word("button.draw_again"),
                icon=":material/casino:",
                on_click=another_seed,
                width="stretch",
                shortcut="alt+d",
                help=word("help.next_seed"),
            )
        with page.picture:
            typical_set.show_prior(STEM, name, seed)
    except PretrainedError as error:
        st.error(word("latent_space.damaged", error=error), icon=":material/error:")
        st.stop()
    page.code(SNIPPET.format(name=name, seed=seed) + typical_set.SNIPPET, typical_set.RAN)
