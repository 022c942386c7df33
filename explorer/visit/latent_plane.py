"""The plane of two latents: a point under the hand, the lens on the posterior, and how far it is from the true one."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator
from torch import Tensor

from explorer.components.decoder import ship_decoder
from explorer.components.latent_pad import Lens, latent_pad, reported_point
from explorer.core.device import generator_for
from explorer.text import word
from explorer.vae import latent
from explorer.vae.half_precision import rounding_error
from explorer.vae.true_posterior import (
    DEVIATIONS,
    TruePosterior,
    log_joint,
    share_inside,
    square_about_q,
    true_posterior,
    with_two_modes,
)
from explorer.verdicts import latent_space as verdicts
from explorer.visit.controls import segments
from explorer.visit.links import Place, field, hold, link_point, move_point, now, put, run_again
from explorer.visit.memory import kept
from explorer.visit.pull import AT_ONCE, awaited
from explorer.visit.shipped import binarized, model, sample_images
from explorer.visit.state import SEED
from explorer.visit.store import STORE

ATLAS_SIDE = 20
"""Pictures along a side of the atlas: as large on the screen as a digit can be read, and a message of 0.1 MB."""
LENS_CELLS, LENS_NOISES, MOST_EXAMPLES = 72, 12, 6


@st.cache_resource(show_spinner=False)
def _dots(name: str) -> tuple[Tensor, float]:
    """Where the sample is encoded, rows (z1, z2, label), and how far a pixel decoded there in the browser is off."""
    images, labels = sample_images(model(name).dataset.name)
    loc, _ = model(name).encode(images)
    return torch.cat([loc.cpu(), labels.float().unsqueeze(1)], dim=1), rounding_error(model(name), loc)


@st.cache_resource(show_spinner=False)
def _atlas(name: str, extent: float) -> Tensor:
    """The pictures at the middles of ATLAS_SIDE x ATLAS_SIDE cells of the plane, in bytes."""
    pictures = latent.atlas(model(name), extent * (1 - 1 / ATLAS_SIDE), ATLAS_SIDE)
    return (pictures.cpu() * 255).round().to(torch.uint8)


@dataclass(frozen=True)
class Held:
    """What is under the hand, "z" or "eps", where it is, and the z that it makes; the seed, if ε is a draw, else 0."""

    hand: str
    at: Place
    z: Place
    seed: int = 0


def held_on_plane(key: str, subject: Hashable, loc: Tensor, scale_tril: Tensor) -> Held:
    """The point under the hand: z, which starts where the image is encoded, or ε, which stays when the image changes.

    When the hand passes from one to the other, neither moves; but an ε too far out for the plane starts from 0.
    """
    hand, start = now("hand"), (round(float(loc[0]), 2), round(float(loc[1]), 2))
    passed = st.session_state.pop(f"{key}/passed", False)
    released = reported_point(key, hand)
    if passed and hand == "z":
        move_point("z", _carried(loc, scale_tril, _eps()), subject)
    elif passed:
        z = now("z", held=True)
        put("eps", (0.0, 0.0) if z is None else _whitened(loc, scale_tril, z))
    if hand == "z":
        z = link_point("z", released, subject, start)
        return Held(hand, z, z)
    if released is not None:
        put("eps", released)
    for each in ("eps", "eps_seed"):
        hold(each, now(each, held=True))
    eps = _eps()
    return Held(hand, eps, _carried(loc, scale_tril, eps), 0 if now("eps", held=True) else now("eps_seed", held=True))


def _eps() -> Place:
    """The noise that the link says, else a draw from its seed; without a seed it is 0."""
    by_hand, seed = now("eps", held=True), now("eps_seed", held=True)
    if by_hand is not None or not seed:
        return by_hand or (0.0, 0.0)
    e1, e2 = torch.randn(2, generator=generator_for(seed, torch.device("cpu"))).tolist()
    return e1, e2


def _carried(loc: Tensor, scale_tril: Tensor, eps: Place) -> Place:
    z1, z2 = (loc.double() + scale_tril.double() @ torch.tensor(eps, dtype=torch.float64)).tolist()
    return z1, z2


def _whitened(loc: Tensor, scale_tril: Tensor, z: Place) -> Place:
    away = torch.tensor(z, dtype=torch.float64) - loc.double()
    e1, e2 = torch.linalg.solve_triangular(scale_tril.double(), away[:, None], upper=False).flatten().tolist()
    return (e1, e2) if field("eps").allows((e1, e2)) else (0.0, 0.0)


def _resample() -> None:
    put("eps_seed", now("eps_seed", held=True) % SEED.most + 1)
    put("eps", None)


def _bar(key: str) -> str:
    """Above the plane, what is behind it and what is under the hand. Returns the first."""
    with st.container(horizontal=True, vertical_alignment="center", key="plane_bar"):
        background = _choice("background")
        hand = _choice("hand", on_change=lambda: st.session_state.update({f"{key}/passed": True}))
        if hand == "eps":
            icon, told = ":material/casino:", word("help.next_seed")
            st.button(word("button.resample"), icon=icon, on_click=_resample, help=told, shortcut="alt+d")
            st.button(word("button.centre"), on_click=put, args=("eps", (0.0, 0.0)))
    return background


def _choice(key: str, on_change: Callable[[], None] | None = None) -> str:
    """Segments that stay beside their label where the bar is broken."""
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        return segments(key, labelled=False, on_change=on_change)


def show_plane(
    key: str,
    subject: Hashable,
    name: str,
    image: Tensor,
    held: Held,
    *,
    extent: float,
    label: str,
    seed: int,
    examples: DeltaGenerator,
) -> None:
    """The pad, what the true posterior has to say of the encoder's, and in `examples` images where it says much.

    `subject` tells the image on the screen from any other.
    """
    vae, pixels = model(name), image.flatten(1)
    question, make = ("true_posterior", subject), lambda: true_posterior(vae, pixels)
    # An integral takes longer than a picture may wait, and the pad is to be there at once.
    known = STORE.ask(question, make, 0.0)
    truth = None if known is None else known.value
    background = _bar(key)
    share = _pad(key, subject, name, image, held, truth, extent, seed, background)
    if held.hand == "eps":
        st.markdown(verdicts.noise(held.at, held.seed))
    truth = truth or awaited(question, make, word("latent_space.integrating"))
    if share is None:
        # Now the plane can show its modes, and the lens its share.
        run_again()
    st.markdown(verdicts.exact_bounds(label, seed, truth, share))
    dots, error = _dots(name)
    st.caption(verdicts.plane_caption(background, ATLAS_SIDE, error, len(dots)))
    with examples:
        _examples(key, name, seed)


def _pad(
    key: str,
    subject: Hashable,
    name: str,
    image: Tensor,
    held: Held,
    truth: TruePosterior | None,
    extent: float,
    seed: int,
    background: str,
) -> float | None:
    """The plane with the ellipse, the point under the hand and its picture, and the lens that looks at the ellipse.

    Returns the share of the true posterior in the lens, where it is known.
    """
    vae, pixels = model(name), image.flatten(1)
    loc, scale_tril = (part[0].cpu() for part in vae.encode(image))
    square = square_about_q(vae, pixels)
    # Kept until another image is on the screen: the point under the hand changes nothing in it.
    joint = kept(f"{key}/joint", subject, lambda: log_joint(vae, pixels, square, LENS_CELLS)[0])
    share = None if truth is None else share_inside(joint, square, truth.log_likelihood)
    # As dark as the whole posterior's peak once that is known: where little of it is, little is seen.
    peak = max(float(joint.max()), -math.inf if truth is None else truth.peak)
    eps = torch.randn(LENS_NOISES, 2, generator=generator_for(seed, torch.device("cpu")))
    latent_pad(
        key=key,
        decoder=ship_decoder(vae),
        extent=extent,
        background=_dots(name)[0],
        atlas=_atlas(name, extent) if background == "atlas" else None,
        classes=vae.dataset.classes,
        ellipse=(loc, scale_tril),
        hand=held.hand,
        point=held.at,
        alt=verdicts.plane_described(held.hand, extent, loc),
        marks=verdicts.mode_marks(truth, share),
        lens=Lens(
            square.middle,
            square.half,
            square.half / DEVIATIONS,
            (joint - peak).exp(),
            eps,
            verdicts.lens_described(held.hand, square.half),
        ),
    )
    return share


def _examples(key: str, name: str, seed: int) -> None:
    """Images at hand whose true posterior has two modes; where they are not known yet, nothing."""
    vae = model(name)
    n_images = len(sample_images(vae.dataset.name)[0])

    def made() -> list[int]:
        images = torch.cat([binarized(vae.dataset.name, number, seed) for number in range(n_images)])
        return with_two_modes(vae, images.flatten(1), MOST_EXAMPLES)

    found = STORE.ask(("two_modes", name, seed), made, AT_ONCE)
    if found is None or not found.value:
        return
    st.caption(word("latent_space.examples"))
    with st.container(horizontal=True):
        for number in found.value:
            st.button(f"{number}", key=f"{key}.example.{number}", on_click=put, args=("image", number))
