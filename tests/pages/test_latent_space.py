"""The latent space by AppTest: each view of each model, points in links."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import re

import numpy as np
import pytest
import torch
from scipy import stats

import explorer
from explorer.text import word
from explorer.vae.datasets import binarize
from explorer.vae.pretrained import load_sample, load_vae, manifest
from explorer.visit.shipped import model
from tests.pages.apps import charts, components, healthy, link, said, small_app, visit

MODELS = list(manifest().models)


def test_link_restores_a_point_of_the_plane() -> None:
    app = healthy(visit("latent_space", z="1,-1", image="7"))
    (pad,) = components(app, "explorer_latent_pad")
    assert pad["point"] == [1, -1]
    assert [float(part) for part in link(app)["z"].split(",")] == [1, -1]
    assert link(app)["image"] == "7"
    _, labels = load_sample()
    assert f"This **{int(labels[7])}**" in said(app)


def test_point_starts_at_the_encoded_image() -> None:
    for image in ("0", "299"):
        (pad,) = components(visit("latent_space", image=image), "explorer_latent_pad")
        assert pad["point"] == pytest.approx(pad["ellipse"][0], abs=0.006)


@pytest.mark.parametrize("name", MODELS)
def test_every_view_of_every_model(name: str) -> None:
    shape = manifest().models[name].recipe.architecture
    bits, flat = shape.posterior == "bernoulli", shape.n_latents == 2
    first = ("codes",) if bits else ("plane",) if flat else ()
    for view in (*first, "terms", "prior") if bits else (*first, "terms", "between", "prior"):
        app = healthy(visit("latent_space", **{"model": name, f"{name}.view": view}))
        assert (view == "plane") == bool(components(app, "explorer_latent_pad"))
        assert ("latent_space.codes" in charts(app)) == (view == "codes")
        assert ("latent_space.kl" in charts(app)) == (view == "terms")
        assert ("latent_space.between" in charts(app)) == (view == "between")
        assert ("latent_space.prior" in charts(app)) == (view == "prior")
        assert ("fair bits" in charts(app)["latent_space.prior"]["alt"] if view == "prior" else True) == (
            bits or view != "prior"
        )


def gaussian(most: int) -> str:
    """A shipped model with Gaussian latents: that of the fewest, or with `most` 0 that of the most."""
    shapes = {name: entry.recipe.architecture for name, entry in manifest().models.items()}
    names = [name for name, shape in shapes.items() if shape.posterior != "bernoulli"]
    return (min if most else max)(names, key=lambda name: shapes[name].n_latents)


@pytest.mark.parametrize("most", [0, 2])
def test_the_bound_is_taken_apart(most: int) -> None:
    name = gaussian(most)
    app = healthy(visit("latent_space", **{"model": name, f"{name}.view": "terms", "image": "7"}))
    vae = load_vae(name)
    image = binarize(load_sample(vae.dataset.name)[0][7:8], torch.Generator().manual_seed(0))
    kl = float(vae.posterior(vae.pixels_of(image)).kl_to_prior())
    assert f"KL **{kl:.2f}** = ELBO" in said(app)
    heights = [value for trace in charts(app)["latent_space.kl"]["figure"]["data"] for value in trace["y"]]
    assert sum(heights) == pytest.approx(kl, rel=1e-4)
    if vae.is_plane:
        assert f"log p(**x**) is **−{-float(explorer.log_likelihood(vae, image)):.2f}** nats, exact" in said(app)


def test_between_two_images_and_back_from_a_link() -> None:
    name = gaussian(0)
    asked = {"model": name, f"{name}.view": "between", "image": "7", "other": "12", "t": "0.25"}
    app = healthy(visit("latent_space", **asked))
    (pad,) = components(app, "explorer_path_pad")
    assert pad["start"] == 0.25
    assert link(app) == asked
    vae = load_vae(name)
    ends = [
        vae.encode(binarize(load_sample(vae.dataset.name)[0][n : n + 1], torch.Generator().manual_seed(0)))[0][0]
        for n in (7, 12)
    ]
    for way in pad["ways"]:
        places = np.frombuffer(base64.b64decode(way["places"]), "<f4").reshape(pad["length"], vae.n_latents)
        for place, end in zip((places[0], places[-1]), ends, strict=True):
            assert place == pytest.approx(end.numpy(), abs=1e-5)
    norm = float((ends[0] + ends[1]).norm()) / 2
    assert f"Half-way |z| is **{norm:.2f}** on the straight way" in said(app)


def test_from_an_image_to_itself_both_ways_stand_still() -> None:
    name = gaussian(0)
    app = healthy(visit("latent_space", **{"model": name, f"{name}.view": "between", "image": "7", "other": "7"}))
    assert len(components(app, "explorer_path_pad")[0]["ways"]) == 2
    assert "codes 0° apart" in said(app)


def test_without_a_direction_there_is_the_straight_way_and_a_word() -> None:
    def page() -> None:
        import torch

        from explorer.pages import PAGES
        from explorer.vae.pretrained import manifest
        from explorer.visit.interpolation import show_between
        from explorer.visit.links import enter

        enter("latent_space", PAGES["latent_space"].state)
        shapes = {name: entry.recipe.architecture for name, entry in manifest().models.items()}
        name = next(name for name, shape in shapes.items() if shape.posterior != "bernoulli")
        show_between(name, torch.zeros(shapes[name].n_latents), "first", 3, "second", 0)

    app = healthy(small_app(page))
    assert [info.value for info in app.info] == [
        word("interpolation.no_sphere", fault=word("interpolation.no_direction"))
    ]
    (pad,) = components(app, "explorer_path_pad")
    assert [way["name"] for way in pad["ways"]] == [word("interpolation.way.straight")]


def test_the_prior_is_truncated_and_drawn_by_radius() -> None:
    name = gaussian(0)
    asked = {"model": name, f"{name}.view": "prior"}
    app = healthy(visit("latent_space", **asked, threshold="0.5"))
    assert "beyond ±0.5 was drawn again" in said(app)
    assert link(app)["threshold"] == "0.5"
    n_latents = manifest().models[name].recipe.architecture.n_latents
    app = healthy(visit("latent_space", **asked, arranged="radius"))
    low, high = stats.chi(n_latents).ppf([0.025, 0.975])
    assert f"In {n_latents} dimensions 95 % of the prior lies between radius **{low:.2f}** and **{high:.2f}**" in said(
        app
    )
    assert {"latent_space.radius", "latent_space.at_radii"} <= set(charts(app))


@pytest.mark.parametrize("view", ["terms", "between", "prior"])
def test_the_script_of_a_view_prints_its_numbers(view: str) -> None:
    name = gaussian(0)
    app = visit("latent_space", **{"model": name, f"{name}.view": view, "image": "7", "other": "12"})
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(app.code[0].value, {})
    text = printed.getvalue()
    numbers = [abs(float(each)) for each in re.findall(r"-?\d+\.\d+", text.splitlines()[-1])]
    assert numbers
    for each in numbers:
        assert f"{each:.2f}" in said(app)


def test_bits_are_told_exactly() -> None:
    app = healthy(visit("latent_space", model="mnist-10bit", image="7"))
    vae = load_vae("mnist-10bit")
    image = binarize(load_sample()[0][7:8], torch.Generator().manual_seed(0))
    elbo, log_likelihood = float(explorer.elbo(vae, image)), float(explorer.log_likelihood(vae, image))
    assert f"ELBO **−{-elbo:.2f}** nats" in said(app)
    assert f"log p(**x**): **−{-log_likelihood:.2f}** nats. Both are exact" in said(app)
    assert f"**{log_likelihood - elbo:.2f}** nats." in said(app)
    assert "at its code" in str(charts(app)["latent_space.close_ups"])


def test_draw_again_takes_the_next_seed() -> None:
    app = visit("latent_space", **{f"{MODELS[0]}.view": "prior"})
    first = charts(app)["latent_space.prior"]["figure"]
    (again,) = (button for button in app.button if "again" in button.label)
    again.click().run()
    healthy(app)
    assert app.session_state["seed"] == 1
    assert charts(app)["latent_space.prior"]["figure"] != first
    app.session_state["seed"] = 2**31 - 1
    again.click().run()
    healthy(app)
    assert app.session_state["seed"] == 0


def test_the_atlas_is_the_plane_s_pictures() -> None:
    app = healthy(visit("latent_space", background="atlas"))
    (pad,), (atlas,) = (components(app, f"explorer_latent_{part}") for part in ("pad", "atlas"))
    vae = model(app.session_state["model"])
    assert pad["atlas"] == atlas["name"]
    assert atlas["side"] == vae.dataset.side
    cells = np.frombuffer(gzip.decompress(base64.b64decode(atlas["packed"])), np.uint8)
    cells = cells.reshape(atlas["size"], atlas["size"], vae.dataset.n_pixels)
    middle = [pad["extent"] * (2 * (index + 0.5) / atlas["size"] - 1) for index in (3, 16)]
    # Column 16, row 3 from the foot.
    z = torch.tensor([[middle[1], middle[0]]], device=vae.device)
    assert np.abs(cells[3, 16] - 255 * vae.decode(z).flatten().cpu().numpy()).max() <= 0.51
    assert link(app) == {"background": "atlas"}
