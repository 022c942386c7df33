"""Races worth watching: each comes apart within a minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.vae.race import Terms


@dataclass(frozen=True)
class Preset:
    """The settings of a race, all but the seed."""

    latents: str
    estimators: tuple[str, ...]
    terms: Terms


PRESETS: Mapping[str, Preset] = {
    "trick": Preset("normal", ("score_function", "pathwise"), Terms(0.001, 4, 20, 400)),
    "baseline": Preset("normal", ("score_function", "leave_one_out", "pathwise"), Terms(0.003, 4, 20, 400)),
    "bits": Preset("bernoulli", ("score_function", "leave_one_out", "disarm", "enumeration"), Terms(0.003, 4, 20, 400)),
    "softened": Preset(
        "bernoulli", ("gumbel_softmax", "straight_through", "rebar", "enumeration"), Terms(0.003, 4, 20, 400)
    ),
}
