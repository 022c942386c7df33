"""Reconstruct it by AppTest: every model and target, places in links, the answer shown, the record, other models."""

from __future__ import annotations

import itertools

import pytest

from explorer.pages import PAGES
from explorer.text import word
from explorer.vae.pretrained import load_sample, load_vae, manifest
from explorer.vae.reconstruct import ranking
from explorer.visit.fields import Menu
from tests.pages.apps import charts, components, healthy, link, said, visit

MENU = PAGES["reconstruct"].state["model"]
assert isinstance(MENU, Menu)


def test_only_models_of_gaussian_latents_are_on_the_menu() -> None:
    kinds = {name: each.recipe.architecture.posterior for name, each in manifest().models.items()}
    assert set(MENU.names) == {name for name, kind in kinds.items() if kind != "bernoulli"}


@pytest.mark.parametrize("name", MENU.names)
def test_sliders_are_those_of_most_kl(name: str) -> None:
    vae = load_vae(name, "cpu")
    expected = ranking(vae, load_sample(vae.dataset.name)[0]).dimensions[:10]
    for target in ("decode", "image"):
        app = healthy(visit("reconstruct", model=name, target=target))
        (sliders,) = components(app, "explorer_latent_sliders")
        assert sliders["dimensions"] == list(expected)
        assert len(sliders["held"]) == vae.n_latents
        assert (float(sliders["best"][0]) < 0.005) == (target == "decode")
        assert ("An exact match exists" in said(app)) == (target == "decode")


def test_a_link_restores_the_places() -> None:
    app = healthy(visit("reconstruct", places="1.25,-0.5", image="7"))
    (sliders,) = components(app, "explorer_latent_sliders")
    assert sliders["places"] == [1.25, -0.5]
    assert link(app) == {"places": "1.25,-0.5", "image": "7"}


@pytest.mark.parametrize("places", ["1", "1,2,3", "19,19", "nan,nan", "1,x"])
def test_places_that_do_not_fit_are_the_start(places: str) -> None:
    app = healthy(visit("reconstruct", places=places))
    (sliders,) = components(app, "explorer_latent_sliders")
    assert sliders["places"] == components(visit("reconstruct"), "explorer_latent_sliders")[0]["places"]
    assert link(app) == {}


def test_the_answer_is_shown_and_told_and_the_way_can_be_begun_again() -> None:
    app = visit("reconstruct")
    start = components(app, "explorer_latent_sliders")[0]["places"]
    buttons = {button.label: button for button in app.button}
    healthy(buttons[word("reconstruct.show")].click().run())
    assert "This is the answer, shown after 1 move: 0.00 nats" in said(app)
    (shown,) = components(app, "explorer_latent_sliders")
    record = charts(app)["reconstruct.record"]["figure"]["data"][0]
    assert record["marker"]["symbol"] == ["circle", "diamond"]
    assert link(app)["places"] == ",".join(f"{each:g}" for each in shown["places"])
    next(button for button in app.button if button.label == word("reconstruct.start_over")).click().run()
    assert components(healthy(app), "explorer_latent_sliders")[0]["places"] == start
    assert "An exact match exists" in said(app)
    assert link(app) == {}


def test_another_model_of_the_data_set_gets_the_same_task_and_both_are_told() -> None:
    of = {name: manifest().models[name].recipe.dataset for name in MENU.names}
    one, other = next(pair for pair in itertools.combinations(MENU.names, 2) if of[pair[0]] == of[pair[1]])
    app = visit("reconstruct", model=one, image="7")
    assert "| model |" not in said(app)
    app.button(key=f"reconstruct.under.{other}").click().run()
    assert healthy(app).session_state["visit/values"]["model" if other != MENU.default else "image"] in (other, 7)
    assert f"| {one} | 0 |" in said(app)
    assert f"| {other} | 0 |" in said(app)
