"""Gradients of the ELBO by AppTest: each model, what the verdict says, a click on the map, links."""

from __future__ import annotations

import pytest
import torch

import explorer
from explorer.text.numbers import number
from explorer.vae.datasets import binarize
from explorer.vae.gradients.moments import Estimate
from explorer.vae.manifest import PretrainedError
from explorer.vae.pretrained import load_sample, load_vae, manifest
from explorer.verdicts.elbo_gradient import times_of
from tests.pages.apps import NOT_A_NUMBER, charts, healthy, link, said, visit, widget

MODELS = list(manifest().models)


def image(number: int, seed: int) -> torch.Tensor:
    return binarize(load_sample()[0][number : number + 1], torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_shown(name: str) -> None:
    app = healthy(visit("elbo_gradient", model=name))
    assert {"elbo_gradient", "elbo_gradient.map"} <= set(charts(app))
    assert "To match one" in said(app)
    assert not NOT_A_NUMBER.search(said(app).split("**What is trained")[0].replace("none", ""))


def test_the_verdict_says_the_exact_numbers() -> None:
    query = {"image": "7", "seed": "2", "mnist-2d.coordinate": "scale_tril_2_1", "kl": "sampled"}
    app = healthy(visit("elbo_gradient", **query))
    vae = load_vae("mnist-2d", "cpu")
    exact = explorer.exact_elbo_gradient(vae, image(7, 2))["scale_tril"][1, 0]
    score, path = (
        explorer.exact_elbo_variance(vae, image(7, 2), each, kl="sampled")["scale_tril"][1, 0]
        for each in ("score_function", "pathwise")
    )
    assert f"Exact gradient in L₂₁: **{number(float(exact), 4)}**" in said(app)
    assert f"you need **{times_of(Estimate(float(score / path)))}** score function samples (exact)" in said(app)
    assert link(app) == query
    assert "kl='sampled'" in app.code[0].value


def test_a_click_on_the_map_chooses_the_coordinate() -> None:
    app = visit("elbo_gradient")
    app.session_state["elbo_gradient.map"] = {"click": {"x": 1, "y": 0, "z": 3.0, "curve": 0, "point": 1}}
    app.run()
    assert not app.exception
    assert widget(app, "mnist-2d.coordinate") == "loc_2"


def test_estimators_and_their_settings_are_in_the_link_and_the_script() -> None:
    query = {"normal.estimators": ["leave_one_out", "sticking_the_landing"], "leave_one_out.group": "4"}
    app = healthy(visit("elbo_gradient", **query))
    assert widget(app, "normal.estimators") == query["normal.estimators"]
    assert "NORMAL['leave_one_out'].at(group=4.0)" in app.code[0].value
    assert "To match one sticking the landing sample" in said(app)


def test_one_estimator_alone_has_no_map() -> None:
    app = healthy(visit("elbo_gradient", **{"normal.estimators": "pathwise"}))
    assert "elbo_gradient.map" not in charts(app)


def test_signal_and_noise_are_a_table() -> None:
    text = said(visit("elbo_gradient"))
    (row,) = (line for line in text.splitlines() if line.startswith("| Pathwise |"))
    vae = load_vae("mnist-2d", "cpu")
    deviation = float(explorer.exact_elbo_variance(vae, image(0, 0), "pathwise")["loc"][0]) ** 0.5
    assert row.split("|")[2].strip() == number(deviation, 4)


def test_bits_start_from_the_least_certain_one_and_have_every_remedy() -> None:
    vae = load_vae("mnist-10bit", "cpu")
    bit = int(vae.encode(image(0, 0))[0].abs().argmin())
    app = healthy(visit("elbo_gradient", model="mnist-10bit"))
    exact = float(explorer.exact_elbo_gradient(vae, image(0, 0))["logits"][bit])
    letter = f"ℓ{'₁₂₃₄₅₆₇₈₉'[bit]}"
    assert f"Exact gradient in {letter}: **{number(exact, 4)}**" in said(app)
    assert link(app) == {"model": "mnist-10bit"}
    query = {"model": "mnist-10bit", "bernoulli.estimators": ["straight_through", "enumeration"]}
    app = healthy(visit("elbo_gradient", **query, closer="weights"))
    assert "Straight-through" in said(app)
    assert "**biased** by" in said(app)
    assert "Enumeration has no noise" in said(app)
    app = healthy(visit("elbo_gradient", **query, closer="bound"))
    assert "For bits there is no path" in said(app)


CHARTS = {"weights": "elbo_gradient.weights", "pixels": "elbo_gradient.pixels", "latents": "elbo_gradient.latents"}


@pytest.mark.parametrize("panel", CHARTS)
def test_every_panel_has_its_picture_and_its_sentence(panel: str) -> None:
    app = healthy(visit("elbo_gradient", closer=panel))
    assert CHARTS[panel] in charts(app)
    assert {"weights": "weights and biases", "pixels": "of the gradient", "latents": "over all coordinates"}[panel] in (
        said(app)
    )
    assert not [each for each in CHARTS.values() if each != CHARTS[panel] and each in charts(app)]


def test_against_k_the_signal_of_the_encoder_falls_and_doubly_reparameterized_it_rises() -> None:
    app = healthy(visit("elbo_gradient", closer="bound"))
    data = charts(app)["elbo_gradient.bound"]["figure"]["data"]
    pathwise, doubly, decoder = (each["y"] for each in data)
    assert pathwise[-1] < 0.3 * pathwise[0]
    assert doubly[-1] > 2 * doubly[0]
    assert decoder[-1] > 2 * decoder[0]
    assert "From K = 1 to 64 the bound rises by" in said(app)


def test_a_bad_model_folder_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the latent space tells it; the start page goes without its link."""

    def broken(*_: object) -> None:
        raise PretrainedError("the folder is missing: restore it")

    monkeypatch.setattr("explorer.vae.pretrained.read_manifest", broken)
    app = visit("elbo_gradient")
    assert not app.exception
    assert "restore it" in app.error[0].value
    healthy(visit("start"))


def test_the_start_page_leads_to_the_same_question_on_a_real_vae() -> None:
    vae = load_vae("mnist-2d", "cpu")
    score, path = (
        explorer.exact_elbo_variance(vae, image(0, 0), each)["loc"][0] for each in ("score_function", "pathwise")
    )
    (link_there,) = (each.proto for each in visit("start").get("page_link") if "n a real VAE" in each.proto.label)
    assert f"**{times_of(Estimate(float(score / path)))} times**" in link_there.label
    assert link_there.page == "elbo_gradients"
