"""Noise under the hand on the plane: held over images, drawn by its seed, refused where a link is bad."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from explorer.text import word
from tests.pages.apps import components, healthy, link, said, visit


def carried(pad: dict[str, Any]) -> list[float]:
    """mu + L eps of what the pad was sent."""
    loc, scale_tril = (np.array(part) for part in pad["ellipse"])
    return (loc + scale_tril @ np.array(pad["point"])).tolist()


def test_noise_is_held_while_the_image_changes() -> None:
    app = healthy(visit("latent_space", hand="eps", eps="1,-0.5", image="3"))
    (before,) = components(app, "explorer_latent_pad")
    assert (before["hand"], before["point"]) == ("eps", [1, -0.5])
    assert "1.12 from 0; 54 %" in said(app), "exp(-1.25 / 2)"
    app.session_state["image"] = 7
    (after,) = components(healthy(app.run()), "explorer_latent_pad")
    assert after["point"] == [1, -0.5]
    assert math.dist(carried(before), carried(after)) > 0.1
    assert link(app) == {"hand": "eps", "eps": "1.00,-0.50", "image": "7"}


def test_noise_is_drawn_by_a_seed_of_its_own_and_centred() -> None:
    app = healthy(visit("latent_space", hand="eps", eps_seed="4"))
    (resample,) = (button for button in app.button if button.label == word("button.resample"))
    resample.click().run()
    (pad,) = components(healthy(app), "explorer_latent_pad")
    assert pad["point"] == torch.randn(2, generator=torch.Generator().manual_seed(5)).tolist()
    assert link(app) == {"hand": "eps", "eps_seed": "5"}
    assert "seed 5" in said(app)
    (centre,) = (button for button in app.button if button.label == word("button.centre"))
    centre.click().run()
    (pad,) = components(healthy(app), "explorer_latent_pad")
    assert pad["point"] == [0, 0]
    assert carried(pad) == pad["ellipse"][0]
    assert link(app) == {"hand": "eps", "eps": "0.00,0.00", "eps_seed": "5"}


def test_neither_moves_when_the_hand_passes_from_z_to_noise_and_back() -> None:
    (pad,) = components(visit("latent_space", image="7"), "explorer_latent_pad")
    loc, scale_tril = (np.array(part) for part in pad["ellipse"])
    z = (loc + scale_tril @ np.array([1.0, -2.0])).round(2)
    app = healthy(visit("latent_space", image="7", z=f"{z[0]},{z[1]}"))
    (hand,) = (each for each in app.get("button_group") if each.key == "hand")
    hand.set_value("eps").run()
    (pad,) = components(healthy(app), "explorer_latent_pad")
    assert carried(pad) == pytest.approx(z.tolist(), abs=1e-5)
    assert "z" not in link(app)
    app.session_state["image"] = 3
    (moved,) = components(app.run(), "explorer_latent_pad")
    (hand,) = (each for each in app.get("button_group") if each.key == "hand")
    hand.set_value("z").run()
    (pad,) = components(healthy(app), "explorer_latent_pad")
    assert pad["point"] == pytest.approx(carried(moved))
    assert "eps" not in link(app)


@pytest.mark.parametrize("bad", ["9,0", "nan,0", "1", "x,y"])
def test_a_bad_noise_in_a_link_is_told(bad: str) -> None:
    app = healthy(visit("latent_space", hand="eps", eps=bad))
    (pad,) = components(app, "explorer_latent_pad")
    assert pad["point"] == [0, 0]
    assert "eps" in app.warning[0].value


def test_a_bad_link_is_told_still_when_its_integral_has_come() -> None:
    """The page runs once more when what it waits for is there: a seed that no other test has asked for."""
    app = healthy(visit("latent_space", hand="eps", eps="1", seed="4711"))
    assert "eps" in app.warning[0].value
    assert not app.run().warning
