"""The codes of a model of bits on a page: one picture of all, made once a process, and what an image is among them."""

from __future__ import annotations

import streamlit as st
from torch import Tensor

from explorer.components.chart import chart
from explorer.figures.codebook import codebook as picture_of_codes
from explorer.text import word
from explorer.vae.codebook import Codebook, beliefs, codebook
from explorer.vae.model import VAE
from explorer.verdicts import codebook as verdicts
from explorer.visit.shipped import model
from explorer.visit.turns import computing

KEY = "latent_space.codes"


@st.cache_resource(show_spinner=word("latent_space.decoding"))
def all_codes(name: str) -> Codebook:
    """Every code of a shipped model decoded."""
    return codebook(model(name))


def show_codes(name: str, image: Tensor) -> None:
    """All codes, with frames round those in which the image (1, 1, side, side) may lie."""
    book, n_bits = all_codes(name), model(name).n_latents
    with computing():
        found = beliefs(model(name), image)
    chart(
        picture_of_codes(book.pictures, found.encoder[book.numbers], found.posterior[book.numbers]),
        key=KEY,
        alt=verdicts.described(2**n_bits, found.encoder, n_bits),
        height=430,
        file_name=KEY.replace(".", "_"),
        clicks=False,
    )
    st.caption(word("codebook.caption", n=f"{2**n_bits:,}"))


def show_beliefs(vae: VAE, image: Tensor, gap: float) -> None:
    """What the encoder and the true posterior hold to be the image's code; gap: log p(x) - ELBO in nats."""
    with computing():
        found = beliefs(vae, image)
    st.markdown(verdicts.belief(found.encoder, found.posterior, gap, vae.n_latents))
