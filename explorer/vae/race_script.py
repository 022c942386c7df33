"""A race as a script with PyTorch alone, which prints the race's own table.

The script is whole files of `race_scripts`, one after the other, with the race's settings and the images put in. Its
estimators are written out plainly there; the tests hold it against the race, to the last digit.
"""

from __future__ import annotations

import base64
import textwrap
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from explorer.vae.gradients import ElboEstimator
from explorer.vae.race import Race

PARTS = Path(__file__).with_name("race_scripts")
SETTINGS = """SEED = {seed}
RATE, S, BATCH = {rate!r}, {n_samples}, {batch}  # Adam's learning rate, samples an image, images a step
STEPS, LAST, EVERY = {steps}, {last}, {every}  # steps to take, of how many in all, and how often they are measured
torch.set_num_threads({threads})  # with another number of threads, or release, last digits may differ
"""


def race_script(race: Race) -> str:
    """The script that repeats the race as far as it has come."""
    terms = race.terms
    settings = SETTINGS.format(
        seed=race.seed,
        rate=terms.rate,
        n_samples=terms.n_samples,
        batch=terms.batch,
        steps=race.taken,
        last=terms.n_steps,
        every=race.every,
        threads=torch.get_num_threads(),
    )
    lanes = "".join(f'    "{name}": {_as_code(lane.estimator)},\n' for name, lane in race.lanes.items())
    images = _part("images").replace("@IMAGES@", _packed(race.pixels))
    parts = [_part("start"), settings, _part(race.latents), f"LANES = {{\n{lanes}}}\n", _part("race"), images]
    return "\n\n".join([*parts, _part("run")])


def _part(name: str) -> str:
    return (PARTS / f"{name}.py.txt").read_text(encoding="utf-8")


def _as_code(estimator: ElboEstimator) -> str:
    """The script's function; its settings, but for the group, which is all samples of an image, are given to it."""
    values = {name: value for name, value in estimator.values.items() if name != "group"}
    if not values:
        return estimator.name
    return f"lambda draw: {estimator.name}(draw, {', '.join(f'{name}={value!r}' for name, value in values.items())})"


def _packed(pixels: Tensor) -> str:
    """A bit a pixel, compressed, as lines of text."""
    raw = zlib.compress(np.packbits(pixels.numpy().astype(np.uint8)).tobytes(), 9)
    return "\n".join(textwrap.wrap(base64.b64encode(raw).decode("ascii"), 116))
