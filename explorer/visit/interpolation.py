"""Between two images: the straight and the spherical way from one's posterior mean to the other's."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
import torch
from torch import Tensor

from explorer.components.chart import chart
from explorer.components.decoder import ship_decoder
from explorer.components.path_pad import Way, path_pad, reported_share
from explorer.core.numerics.radius import Radius
from explorer.figures.image_grid import image_grid
from explorer.figures.interpolation import path_curves
from explorer.text import word
from explorer.text.numbers import placed
from explorer.vae.interpolation import Path, angle, spherical, straight
from explorer.vae.model import VAE
from explorer.verdicts import interpolation as verdicts
from explorer.visit.controls import whole_number
from explorer.visit.links import hold, now
from explorer.visit.shipped import binarized, model
from explorer.visit.turns import computing

STEM = "latent_space"
PLACES, COLUMNS = 101, 11
"""Places along a way that the slider can take, and of those that are drawn as pictures."""

SNIPPET = """
from explorer.vae.interpolation import spherical, straight
from explorer.vae.pretrained import load_sample

picture = load_sample({dataset!r})[0][{other}:{other} + 1]
end = vae.encode(binarize(picture, torch.Generator().manual_seed({seed})))[0]
for way in (straight, spherical):
    print(way.__name__, "|z| half-way", way(found[0], end[0], torch.tensor([0.5])).norms.item())
"""
RAN = (straight, spherical, Path)


def other_image(n_images: int) -> int:
    """The control of the second image; another model may have come with more images."""
    return min(whole_number("other"), n_images - 1)


def show_between(name: str, loc: Tensor, label: str, other: int, other_label: str, seed: int) -> None:
    """From loc (D,) of the image on the screen to where the test image `other` is encoded.

    The labels say what each image is.
    """
    vae = model(name)
    end = vae.encode(binarized(vae.dataset.name, other, seed))[0][0].cpu()
    ways, fault = _ways(loc, end)
    if fault:
        st.info(word("interpolation.no_sphere", fault=fault))
    labels = (label, other_label)
    _pictures(vae, ways, labels)
    left, right = st.columns(2)
    with left:
        _pad(name, ways, labels)
    with right:
        _curves(vae, ways)
    st.markdown(verdicts.verdict(ways, *labels, None if fault else angle(loc, end)))


def _ways(start: Tensor, end: Tensor) -> tuple[dict[str, Path], str]:
    """Both ways, or the straight one alone and why there is no other."""
    t = _shares()
    ways = {"straight": straight(start, end, t)}
    if not bool(start.any()) or not bool(end.any()):
        return ways, word("interpolation.no_direction")
    try:
        return {**ways, "spherical": spherical(start, end, t)}, ""
    except ValueError:
        return ways, word("interpolation.opposite")


def _shares() -> Tensor:
    return torch.linspace(0, 1, PLACES, dtype=torch.float64)


def _pictures(vae: VAE, ways: dict[str, Path], labels: Sequence[str]) -> None:
    step = (PLACES - 1) // (COLUMNS - 1)
    with computing():
        rows = [vae.decode(path.places[::step].float())[:, 0] for path in ways.values()]
    chart(
        image_grid(
            torch.stack(rows),
            row_labels=[word(f"interpolation.way.{each}") for each in ways],
            column_labels=[placed(t, 1) for t in _shares()[::step].tolist()],
        ),
        key=f"{STEM}.between",
        alt=verdicts.pictures_described(ways, labels),
        height=190,
        file_name=f"{STEM}_between",
        clicks=False,
    )


@st.fragment
def _pad(name: str, ways: dict[str, Path], labels: Sequence[str]) -> None:
    """The slider; its release changes the link and nothing else on the page."""
    key = f"{STEM}.path"
    released = reported_share(key)
    t = now("t", held=True) if released is None else round(released, 2)
    hold("t", t)
    path_pad(
        key=key,
        decoder=ship_decoder(model(name)),
        ways=[
            Way(word(f"interpolation.way.{each}"), path.places, verdicts.readouts(path)) for each, path in ways.items()
        ],
        start=t,
        alt=verdicts.slider_described(labels),
    )


def _curves(vae: VAE, ways: dict[str, Path]) -> None:
    t = _shares()
    norms = {name: path.norms for name, path in ways.items()}
    log_prior = {name: path.log_prior for name, path in ways.items()}
    columns = torch.linspace(0, 1, COLUMNS, dtype=torch.float64).tolist()
    table = {f"{name}_norm": path.tolist() for name, path in norms.items()}
    table |= {f"{name}_log_prior": path.tolist() for name, path in log_prior.items()}
    chart(
        path_curves(t, norms, log_prior, Radius(vae.n_latents).band, columns),
        key=f"{STEM}.path_curves",
        alt=verdicts.curves_described(ways),
        table={"t": t.tolist(), **table},
        height=300,
        file_name=f"{STEM}_path",
        clicks=False,
    )
