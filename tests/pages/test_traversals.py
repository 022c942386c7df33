"""Traversals by AppTest: rows in the order of their KL, links, the latent moved, and links of the former view."""

from __future__ import annotations

import base64
import gzip
import re

import numpy as np
import pytest
import torch

from explorer.vae.datasets import binarize
from explorer.vae.pretrained import load_sample, load_vae, manifest
from explorer.vae.sprites import FACTORS
from explorer.vae.traversals import COLUMNS, centre_of, columns_of, traversals, use_of_latents
from explorer.visit.model_state import with_gaussian_latents
from tests.pages.apps import PAGES, charts, components, healthy, link, said, visit

MODELS = list(with_gaussian_latents(manifest().models))
MANY = max(MODELS, key=lambda name: manifest().models[name].recipe.architecture.n_latents)
PAD, GRID = "explorer_traversal_pad", "explorer_traversal_grid"


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("unit", ["prior", "posterior"])
def test_rows_are_the_engines(name: str, unit: str) -> None:
    app = healthy(visit("traversals", model=name, unit=unit, image="7", seed="3"))
    (pad,), (grid,) = components(app, PAD), components(app, GRID)
    vae = load_vae(name)
    images, _ = load_sample(vae.dataset.name)
    use = use_of_latents(vae, binarize(images, torch.Generator().manual_seed(3)))
    centre = centre_of(vae, binarize(images[7:8], torch.Generator().manual_seed(3)))
    values = columns_of(centre, unit)  # type: ignore[arg-type]
    assert [row[0] for row in pad["rows"]] == use.ranking
    assert [row[1] for row in pad["rows"]] == sorted(use.kl.tolist(), reverse=True)
    assert [row[3:] for row in pad["rows"]] == [values[d, [0, -1]].tolist() for d in use.ranking]
    assert pad["loc"] == pytest.approx(centre.loc.tolist())
    cells = np.frombuffer(gzip.decompress(base64.b64decode(grid["packed"])), np.uint8)
    side = vae.dataset.side
    expected = traversals(vae, centre.loc, values)[use.ranking].cpu().numpy() * 255
    assert np.abs(cells.reshape(-1, COLUMNS, side, side) - expected).max() < 0.51
    assert pad["grid"] == grid["name"]


def test_it_starts_from_many_latents_and_says_how_many_are_used() -> None:
    app = healthy(visit("traversals"))
    name = PAGES["traversals"].state["model"].default
    assert manifest().models[str(name)].recipe.architecture.n_latents > 2
    (pad,) = components(app, PAD)
    assert pad["moved"] is None
    active = sum(row[2] for row in pad["rows"])
    assert f"**{active} of {len(pad['rows'])}** latents" in said(app) or "All **" in said(app)
    assert link(app) == {}


def test_a_link_restores_the_latent_and_its_value() -> None:
    app = healthy(visit("traversals", model=MANY, moved="2,-1.25"))
    (pad,) = components(app, PAD)
    assert pad["moved"] == [1, -1.25]
    assert link(app)["moved"] == "2,-1.250"
    assert "Along z₂," in said(app)


@pytest.mark.parametrize("bad", ["0,1", "1", "1,nan", "999999,0", "1,1e9", "x,1", ",", "-1,0"])
def test_a_bad_place_is_refused(bad: str) -> None:
    app = healthy(visit("traversals", model=MANY, moved=bad))
    (pad,) = components(app, PAD)
    assert pad["moved"] is None
    assert any("cannot show what the link asks for" in warning.value for warning in app.warning)


def test_a_latent_that_the_model_has_not_is_refused() -> None:
    smallest = min(MODELS, key=lambda name: manifest().models[name].recipe.architecture.n_latents)
    last = manifest().models[MANY].recipe.architecture.n_latents
    app = healthy(visit("traversals", model=smallest, moved=f"{last},1"))
    (pad,) = components(app, PAD)
    assert pad["moved"] is None
    assert "moved" not in link(app)


@pytest.mark.parametrize("name", [each for each in MODELS if load_vae(each, "cpu").dataset.has_factors])
def test_known_factors_stand_below(name: str) -> None:
    app = healthy(visit("traversals", model=name, image="3", factor="x"))
    drawn = charts(app)
    assert len(drawn["traversals.factors"]["figure"]["data"]) == 2 * len(FACTORS)
    assert "16 values of the x" in drawn["traversals.true_row"]["alt"]
    scores = manifest().models[name].scores
    if scores is not None and scores.mutual_information_gap is not None:
        # On one machine to the last digit that is shown; another may round the encoder otherwise.
        gap = float(re.search(r"information gap: \*\*([\d.]+)\*\*", said(app))[1])  # type: ignore[index]
        assert gap == pytest.approx(scores.mutual_information_gap, abs=2e-3)
    assert link(app)["factor"] == "x"


@pytest.mark.parametrize("view", ["traversals", "Traversals"])
def test_a_link_of_the_former_view_opens_this_page(view: str) -> None:
    app = healthy(visit("latent_space", **{"model": MANY, f"{MANY}.view": view, "image": "7"}))
    (pad,) = components(app, PAD)
    assert len(pad["rows"]) == manifest().models[MANY].recipe.architecture.n_latents
    assert not app.warning
    assert {"image": "7"}.items() <= link(app).items()
