"""Below the traversals of a model whose factors are known: each against the latent that tells most of it."""

from __future__ import annotations

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import chart
from explorer.figures.image_grid import image_grid
from explorer.figures.recovered_factors import Panel, recovered_factors
from explorer.text import word
from explorer.vae.pretrained import manifest
from explorer.vae.recovered_factors import SETTINGS, recovery, true_row
from explorer.vae.sprites import FACTORS
from explorer.verdicts import recovered_factors as verdicts
from explorer.verdicts.traversals import subscript
from explorer.visit.controls import segments
from explorer.visit.pull import awaited
from explorer.visit.shipped import model


def show_recovered_factors(key: str, name: str, picture: Tensor, loc: Tensor) -> None:
    """The panels, the table, the gap, and the chosen factor's true renderings above what the latent decodes to.

    picture: (side, side) in [0, 1], before it was binarized. loc: (D,), the posterior mean of what was encoded.
    """
    vae = model(name)
    st.markdown(word("recovered_factors.title"))
    found = awaited(("recovered_factors", name), lambda: recovery(vae), word("recovered_factors.meanwhile"))
    panels = [
        Panel(title, latent, factor.values, names)
        for factor, (title, latent, names) in zip(FACTORS, verdicts.axes(found), strict=True)
    ]
    chart(
        recovered_factors(found.factors, panels),
        key=f"{key}.factors",
        alt=verdicts.described(found),
        height=260,
        file_name="recovered_factors",
        clicks=False,
    )
    scores = manifest().models[name].scores
    st.markdown(verdicts.said(found, scores.mutual_information_gap if scores else None))
    st.caption(word("recovered_factors.caption", n=SETTINGS))
    st.table(verdicts.table(found))
    chosen = [factor.name for factor in FACTORS].index(segments("factor", labelled=False))
    best = found.factors[chosen].latent
    try:
        row = true_row(vae, found.factors[chosen], chosen, picture, loc)
    except ValueError:
        st.caption(word("recovered_factors.no_sprite"))
        return
    chart(
        image_grid(torch.stack([row.true, row.decoded]), row_labels=verdicts.row_titles()),
        key=f"{key}.true_row",
        alt=verdicts.row_described(chosen, best, len(row.values)),
        height=170,
        file_name="true_row",
        clicks=False,
    )
    st.caption(word("recovered_factors.rows", factor=verdicts.name_of(chosen), latent=subscript(best)))
