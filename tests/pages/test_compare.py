"""Compare by AppTest: every pair of models, two images, what cannot be compared, links."""

from __future__ import annotations

import dataclasses

import pytest

import explorer
from explorer.pages import PAGES
from explorer.text.numbers import placed
from explorer.vae.codes import can_enumerate
from explorer.vae.datasets import DATASETS
from explorer.vae.pretrained import load_sample, load_vae, manifest
from explorer.visit import shipped
from explorer.visit.fields import Menu
from explorer.visit.shipped import binarized
from tests.pages.apps import charts, healthy, link, said, visit

MODELS = list(manifest().models)
FIRST, SECOND = (PAGES["compare"].state[key].default for key in ("model", "second_model"))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_beside_the_first(name: str) -> None:
    app = healthy(visit("compare", second_model=name))
    vae = load_vae(name, "cpu")
    assert set(charts(app)) == {"compare.first", "compare.second", "compare.picker"}
    same = manifest().models[name].recipe.dataset == manifest().models[FIRST].recipe.dataset
    assert ("ELBO" in said(app).split("| nats |")[0]) == same
    assert bool(app.warning) != same
    assert f"{manifest().models[name].bytes / 1e6:.1f} MB" in said(app)
    if can_enumerate(vae) or vae.is_plane:
        image = binarized(vae.dataset.name, 0, 0)
        assert f"{placed(float(explorer.log_likelihood(vae, image)))} exact" in said(app)
    else:
        assert f"log p(**x**) of {name} is importance weighted" in said(app) or not same


def test_the_default_pair_is_of_one_data_set() -> None:
    assert FIRST != SECOND
    assert len({manifest().models[name].recipe.dataset for name in (FIRST, SECOND)}) == 1


def test_two_images_under_one_model() -> None:
    app = healthy(visit("compare", pair="images", image="3", second_image="7"))
    _, labels = load_sample(load_vae(FIRST, "cpu").dataset.name)
    assert f"image 3 ({labels[3]})" in said(app)
    assert f"image 7 ({labels[7]})" in said(app)
    assert "images differ" in said(app)
    assert link(app) == {"pair": "images", "image": "3", "second_image": "7"}
    alike = healthy(visit("compare", pair="images", image="7", second_image="7"))
    assert "are **the same**" in said(alike)


def test_a_link_restores_both_models() -> None:
    menu = PAGES["compare"].state["second_model"]
    assert isinstance(menu, Menu)
    app = healthy(visit("compare", model=SECOND, second_model=FIRST, image="12"))
    assert link(app) == {"model": SECOND, "second_model": FIRST, "image": "12"}


def test_models_of_different_data_sets_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each shows its own image, and nothing is subtracted."""
    other = dataclasses.replace(DATASETS["mnist"], name="planted", title="Planted")
    vae = load_vae(SECOND, "cpu")
    monkeypatch.setattr(shipped, "load_sample", lambda dataset: load_sample())
    monkeypatch.setattr(vae, "dataset", other)
    shipped.model.clear()
    shipped.sample_images.clear()
    monkeypatch.setattr(shipped, "load_vae", lambda name: vae if name == SECOND else load_vae(name, "cpu"))
    try:
        app = healthy(visit("compare"))
    finally:
        shipped.model.clear()
        shipped.sample_images.clear()
    assert "**Not comparable.**" in app.warning[0].value
    assert "Planted" in app.warning[0].value
    assert "The ELBO of" not in said(app)
    assert said(app).count("| – |") == 4
