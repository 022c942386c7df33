"""The shipped models and test images, one of each a process, and the control with which a visitor chooses an image."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st
from torch import Tensor

from explorer.components.chart import chart, reported
from explorer.core.device import best_device, generator_for
from explorer.figures.image_grid import image_grid
from explorer.text import word
from explorer.vae.datasets import Dataset, binarize
from explorer.vae.gradients.answers import Example
from explorer.vae.model import VAE
from explorer.vae.pretrained import load_sample, load_vae
from explorer.verdicts import latent_space as verdicts
from explorer.visit.controls import seed_input, whole_number
from explorer.visit.links import now, put

ROWS, COLUMNS = 3, 10
SHOWN = ROWS * COLUMNS
"""So many images stand on the strip from which one is picked."""


@st.cache_resource(show_spinner=word("latent_space.loading"))
def model(name: str) -> VAE:
    """A shipped model, shared by every visitor and never changed."""
    return load_vae(name)


@st.cache_resource(show_spinner=False)
def sample_images(dataset: str) -> tuple[Tensor, Tensor]:
    """The shipped test images of a data set and their labels."""
    return load_sample(dataset)


def binarized(dataset: str, number: int, seed: int) -> Tensor:
    """A test image binarized with this seed, (1, 1, side, side) on the best device."""
    images, _ = sample_images(dataset)
    return binarized_picture(images[number : number + 1], seed)


def binarized_picture(picture: Tensor, seed: int) -> Tensor:
    """A picture (1, 1, side, side) in [0, 1] on the CPU, binarized with this seed, on the best device."""
    return binarize(picture, generator_for(seed, picture.device)).to(best_device().device)


def example_of(name: str, number: int, seed: int) -> Example:
    """A test image, binarized with this seed, under a shipped model."""
    vae = model(name)
    return Example(name, number, seed, vae, vae.pixels_of(binarized(vae.dataset.name, number, seed)))


def image_number(n_images: int) -> int:
    """The number field of the image; another model may have come with more images."""
    return min(whole_number("image"), n_images - 1)


def follow_click(key: str, n_images: int) -> None:
    """Takes a click on the strip `key` for the number of the image: before the number field is drawn."""
    if picked := reported(key).click:
        cell = int(picked["y"]) * COLUMNS + int(picked["x"])
        put("image", min(now("image") // SHOWN * SHOWN + cell, n_images - 1))


class Chosen(NamedTuple):
    """A test image: its number, the seed that binarizes it, the name of its class."""

    number: int
    seed: int
    label: str


def choose_image(key: str, dataset: Dataset) -> Chosen:
    """The fields of a test image and its seed side by side, and under them the strip `key`."""
    images, labels = sample_images(dataset.name)
    follow_click(key, len(images))
    left, right = st.columns(2)
    with left:
        number = image_number(len(images))
    with right:
        seed = seed_input()
    label = dataset.classes[labels[number]]
    show_strip(key, images, number, label)
    return Chosen(number, seed, label)


def show_strip(key: str, images: Tensor, number: int, label: str) -> None:
    """The strip of images with the chosen one framed; a click chooses another."""
    first = number // SHOWN * SHOWN
    strip = images[first : first + SHOWN, 0]
    chart(
        image_grid(strip.view(ROWS, COLUMNS, *strip.shape[-2:]), chosen=number - first),
        key=key,
        alt=verdicts.picker_described(first, len(strip), number, label),
        height=120,
        file_name=key.replace(".", "_"),
    )
