"""Races worth watching: each comes apart within a minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.vae.race import Rule


@dataclass(frozen=True)
class Preset:
    """The settings of a race, all but the seed."""

    latents: str
    estimators: tuple[str, ...]
    rule: Rule


PRESETS: Mapping[str, Preset] = {
    "trick": Preset("normal", ("score_function", "pathwise"), Rule(0.001, 4, 20, 400)),
    "baseline": Preset("normal", ("score_function", "leave_one_out", "pathwise"), Rule(0.003, 4, 20, 400)),
}
