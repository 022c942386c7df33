"""Every page by AppTest: it runs, its pictures have words and numbers, its link restores it, a bad link is harmless."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import explorer
from explorer.core.estimators import ESTIMATORS
from explorer.core.families import FAMILIES
from explorer.core.family import Family
from explorer.core.objectives import Objective
from explorer.figures import theme
from explorer.live import FIRST_BATCH
from explorer.vae import pretrained
from explorer.vae.pretrained import PRETRAINED, load_sample, manifest
from tests.core.cases import defaults
from tests.core.pairs import THIN
from tests.pages.apps import PAGES, charts, components, link, numbers, said, visit

SLOWEST = f"{FIRST_BATCH}"
"""The speed that draws as much a picture as the first picture has."""
MODELS = list(manifest().models)
NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none)\b", re.IGNORECASE)

KEYS = {
    "start": ["theta", "seed", "play"],
    "noise_then_transform": ["family", "seed", "normal.loc", "normal.scale"],
    "move_or_weigh": [
        *("family", "objective", "seed", "normal.loc", "normal.scale", "cosine.k", "f", "normal.move"),
        *("normal.loc.to", "normal.scale.to"),
    ],
    "two_estimators": [
        *("family", "objective", "seed", "play", "batch", "normal.loc", "normal.scale", "normal.gradient", "cosine.k"),
        *("estimators", "log", "f"),
    ],
    "variance_curves": [
        *("family", "objective", "seed", "normal.loc", "normal.scale", "normal.gradient", "cosine.k", "f"),
        *("estimators", "normal.cosine.against", "axis.samples", "axis.dimension"),
    ],
    "notebook_experiment": [
        *("family", "objective", "seed", "normal.loc", "normal.scale", "normal.gradient", "cosine.k", "f"),
        "estimators",
    ],
    "descent": [
        *("family", "objective", "seed", "normal.loc", "normal.scale", "normal.gradient", "estimators", "f", "step"),
        *("direction", "rate", "samples"),
    ],
    "score_size": ["family", "objective", "seed", "normal.loc", "normal.scale", "normal.gradient", "cosine.k", "f"],
    "latent_space": ["model", "image", "seed", "z", *(f"{name}.view" for name in MODELS)],
}
"""Every URL key of a page at its defaults."""

SCALAR = [family for family in FAMILIES.values() if family.size == 1]
HOSTILE = {
    "unknown": "nope",
    "empty": "",
    "nan": "nan",
    "infinite": "inf",
    "overflowing": "1e999",
    "negative": "-1",
    "script": "<script>alert(1)</script>",
    "long": "x" * 5000,
    "other script": "日本語",
    "repeated": ["1", "2"],
}


def healthy(app: AppTest) -> AppTest:
    """No exception, no message of one, and each picture has its sentence."""
    assert not app.exception
    assert not app.error
    assert charts(app) or components(app, "explorer_latent_pad")
    for part in (*charts(app).values(), *components(app, "explorer_latent_pad")):
        assert len(part["alt"]) > 20
        assert not NOT_A_NUMBER.search(part["alt"])
    return app


@pytest.mark.parametrize("page", PAGES)
def test_pictures_are_described_in_plain_text(page: str) -> None:
    """Their sentences are read out: no Markdown."""
    for part in charts(visit(page)).values():
        assert not re.search(r"[*$`]", part["alt"])


def test_keys_are_the_pages() -> None:
    assert sorted(KEYS) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_and_its_plain_link_stays_plain(page: str) -> None:
    app = healthy(visit(page))
    assert link(app) == {}
    assert not app.warning
    assert app.expander
    for chart in charts(app).values():
        assert not [number for number in numbers(chart["figure"]["layout"]) if not math.isfinite(number)]


@pytest.mark.parametrize("page", PAGES)
def test_page_is_the_same_in_the_next_visit(page: str) -> None:
    """What is random comes from the seed that is shown."""
    pictures = [[part["figure"] for part in charts(visit(page)).values()] for _ in range(2)]
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("page", PAGES)
def test_another_seed_is_another_picture(page: str) -> None:
    pictures = [[part["figure"] for part in charts(visit(page, seed=seed)).values()] for seed in ("0", "1")]
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize(("family", "objective"), THIN)
def test_two_estimators_of_every_family_and_objective(family: Family, objective: Objective) -> None:
    app = healthy(visit("two_estimators", family=family.title, objective=objective.title))
    assert family.latex in said(app)
    assert objective.latex in said(app)
    assert not NOT_A_NUMBER.search(" ".join(warning.value for warning in app.warning))
    assert len(charts(app)) == 2
    for chart in charts(app).values():
        assert not [number for number in numbers(chart["figure"]) if not math.isfinite(number)]


@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_noise_then_transform_of_every_family(family: Family) -> None:
    app = healthy(visit("noise_then_transform", family=family.title))
    (chart,) = charts(app).values()
    assert [film["name"] for film in chart["films"]] == [f"{family.name}.{p.name}" for p in family.parameters]
    for film, parameter in zip(chart["films"], family.parameters, strict=True):
        assert film["values"][film["start"]] == parameter.default
        assert not [caption for caption in film["captions"] if NOT_A_NUMBER.search(caption)]
    assert f"Route: **{family.route}**" in said(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_bad_link_does_no_harm(page: str, value: Any) -> None:
    app = healthy(visit(page, **dict.fromkeys(KEYS[page], value)))
    for slider in app.slider:
        assert slider.min <= slider.value <= slider.max


FIRST_OF = {key: page for page, keys in reversed(KEYS.items()) for key in keys}
"""The first page with each key: the others read it by the same control."""


@pytest.mark.parametrize(("key", "page"), FIRST_OF.items(), ids=str)
def test_bad_key_alone_does_no_harm(page: str, key: str) -> None:
    """What a worse key would hide: each by itself, at the two values that did harm before."""
    for value in ("", "inf"):
        healthy(visit(page, **{key: value}))


def widget(app: AppTest, key: str) -> Any:
    """The value of the widget with this key, whatever its kind."""
    return app.session_state[key]


@pytest.mark.parametrize(
    ("page", "query", "expected"),
    [
        ("start", {"theta": "-1.5", "seed": "3"}, {"theta": -1.5, "seed": 3}),
        ("start", {"play": "false"}, {"play": False}),
        ("two_estimators", {"family": "laplace"}, {"family": "laplace"}),
        ("two_estimators", {"family": "Laplace"}, {"family": "laplace"}),
        (
            "two_estimators",
            {"family": "Log-Normal", "objective": "cosine", "cosine.k": "3.1", "log_normal.scale": "0.7", "seed": "9"},
            {"family": "log_normal", "objective": "cosine", "cosine.k": 3.1, "log_normal.scale": 0.7, "seed": 9},
        ),
        (
            "two_estimators",
            {"batch": SLOWEST, "normal.gradient": "scale"},
            {"batch": SLOWEST, "normal.gradient": "scale"},
        ),
        ("noise_then_transform", {"family": "exponential", "seed": "2"}, {"family": "exponential", "seed": 2}),
        ("latent_space", {"image": "7", "seed": "4"}, {"image": 7, "seed": 4}),
        ("latent_space", {"model": MODELS[0], f"{MODELS[0]}.view": "Prior"}, {f"{MODELS[0]}.view": "Prior"}),
    ],
)
def test_link_restores_the_widgets(page: str, query: dict[str, str], expected: dict[str, Any]) -> None:
    app = healthy(visit(page, **query))
    assert {key: widget(app, key) for key in expected} == expected


def test_link_restores_a_film() -> None:
    app = healthy(visit("noise_then_transform", **{"normal.loc": "2.5"}))
    (chart,) = charts(app).values()
    loc, scale = chart["films"]
    assert loc["values"][loc["start"]] == 2.5
    assert scale["values"][scale["start"]] == 1.0
    assert "2.5" in chart["alt"]
    assert link(app) == {"normal.loc": "2.5"}


def test_link_restores_the_gradients_parameter() -> None:
    app = visit("two_estimators", **{"normal.gradient": "scale", "normal.loc": "0.5", "normal.scale": "2"})
    exact = 2 * 2.0
    assert f"Exact gradient **{exact:.4g}**" in said(app)


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
    flat = manifest().models[name].recipe.architecture.n_latents == 2
    for view in ("Plane" if flat else "Traversals", "Prior"):
        app = healthy(visit("latent_space", **{"model": name, f"{name}.view": view}))
        assert (view == "Plane") == bool(components(app, "explorer_latent_pad"))
        assert ("latent.traversal" in charts(app)) == (view == "Traversals")
        assert ("latent.prior" in charts(app)) == (view == "Prior")


def test_draw_again_takes_the_next_seed() -> None:
    app = visit("latent_space", **{f"{MODELS[0]}.view": "Prior"})
    first = charts(app)["latent.prior"]["figure"]
    (again,) = (button for button in app.button if "again" in button.label)
    again.click().run()
    healthy(app)
    assert app.session_state["seed"] == 1
    assert charts(app)["latent.prior"]["figure"] != first
    app.session_state["seed"] = 2**31 - 1
    again.click().run()
    healthy(app)
    assert app.session_state["seed"] == 0


@pytest.mark.parametrize("theta", [-3.0, 0.0, 2.0])
def test_start_says_the_exact_numbers(theta: float) -> None:
    app = healthy(visit("start", theta=f"{theta:g}", play="false"))
    ratio = (theta**4 + 14 * theta**2 + 15) / 4
    assert f"Exact gradient **{2 * theta:.4g}**" in said(app)
    assert f"{ratio:.3g} times" in said(app)
    assert f"**{FIRST_BATCH}** samples" in said(app)


def test_step_and_reset() -> None:
    app = visit("two_estimators", play="false", batch=SLOWEST)
    first = said(app)
    assert f"**{FIRST_BATCH}** samples" in first
    for steps in (2, 3):
        _press(app, "Step")
        assert f"**{steps * FIRST_BATCH}** samples" in said(app)
    _press(app, "Reset")
    assert said(app) == first


def _press(app: AppTest, label: str) -> None:
    (button,) = (button for button in app.button if button.label == label)
    button.click().run()


def test_leaving_and_coming_back_leaves_no_trace_of_an_error() -> None:
    app = visit("start")
    for page in ("two_estimators", "latent_space", "noise_then_transform", "start", "latent_space"):
        healthy(app.switch_page(f"explorer/pages/{page}.py").run())


DAMAGE = {
    "no folder": lambda folder: shutil.rmtree(folder),
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
    "broken manifest": lambda folder: (folder / "manifest.json").write_text("{", encoding="utf-8"),
    "weights cut short": lambda folder: _cut(folder / f"{MODELS[0]}.safetensors"),
    "no weights": lambda folder: (folder / f"{MODELS[0]}.safetensors").unlink(),
    "no sample": lambda folder: (folder / "mnist-sample.safetensors").unlink(),
    "no models": lambda folder: _without_models(folder / "manifest.json"),
}


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _without_models(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "models": {}}), encoding="utf-8")


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A copy of the pretrained folder, used in its place; nothing is cached before or after."""
    folder = tmp_path / "pretrained"
    shutil.copytree(PRETRAINED, folder)
    for function in (pretrained.manifest, pretrained.load_vae, pretrained.load_sample):
        if function is pretrained.manifest:
            monkeypatch.setattr(function, "__defaults__", (folder,))
        else:
            monkeypatch.setattr(function, "__kwdefaults__", {"folder": folder})
    st.cache_resource.clear()
    yield folder
    st.cache_resource.clear()


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_models_are_told_and_the_page_lives(damage: Any, shipped: Path) -> None:
    damage(shipped)
    app = visit("latent_space")
    assert not app.exception
    (error,) = app.error
    assert len(error.value) > 40
    assert "###" in said(app), "the question is still there"
    healthy(app.switch_page("explorer/pages/start.py").run())


def test_models_in_another_place_work(shipped: Path) -> None:
    assert dataclasses.is_dataclass(manifest(shipped))
    healthy(visit("latent_space", **{f"{MODELS[0]}.view": "Prior"}))


@pytest.mark.parametrize("family", SCALAR, ids=lambda family: family.name)
def test_a_film_link_names_every_parameter(family: Family) -> None:
    """A link with every parameter away from its default is restored whole."""
    theta = {p.name: p.slider[0] + round((p.slider[1] - p.slider[0]) / p.step / 3) * p.step for p in family.parameters}
    # A value on its default is left out of a link.
    theta = {p.name: theta[p.name] + p.step * (abs(theta[p.name] - p.default) < p.step / 2) for p in family.parameters}
    assert not family.fault({**defaults(family), **theta})
    query = {f"{family.name}.{name}": f"{value:g}" for name, value in theta.items()}
    app = healthy(visit("noise_then_transform", family=family.title, **query))
    (chart,) = charts(app).values()
    for film in chart["films"]:
        assert f"{film['values'][film['start']]:g}" == query[film["name"]]
    assert query.items() <= link(app).items()


def test_a_formula_is_read_and_its_code_runs_it() -> None:
    app = healthy(visit("two_estimators", objective="formula", f="exp(-10*x^2)"))
    assert not app.warning
    assert "e^{-10" in said(app)
    assert "explorer.formula(" in app.code[0].value
    gradient = explorer.exact_gradient("normal", explorer.formula("exp(-10*x**2)"), {"loc": 1.0, "scale": 1.0})["loc"]
    assert f"Exact gradient **{gradient:.4g}**" in said(app)


@pytest.mark.parametrize("text", ["x +", "__import__('os')", "(" * 150, "y", "![](//a.example/b.png)", "1/0*nope"])
def test_a_bad_formula_is_answered_in_words(text: str) -> None:
    app = healthy(visit("two_estimators", objective="formula", f=text))
    (warning,) = app.warning
    assert "The last formula that could be read is shown." in warning.value
    assert not re.search(r"\]\(|<", warning.value)


def test_a_formula_out_of_range_is_answered_in_words() -> None:
    app = visit("two_estimators", objective="formula", f="exp(exp(x^2))")
    assert not app.exception
    assert "leave the range" in app.error[0].value


def test_any_estimators_may_be_chosen_by_key_or_title() -> None:
    for names in (["measure_valued", "rebar"], ["Measure-valued", "REBAR"]):
        app = healthy(visit("two_estimators", family="bernoulli", estimators=names))
        assert widget(app, "estimators") == ["measure_valued", "rebar"]
        assert "| REBAR |" in said(app)
        assert "| Pathwise |" not in said(app)


def test_an_estimator_that_is_not_defined_is_named() -> None:
    app = healthy(visit("two_estimators", family="laplace", estimators=["measure_valued", "pathwise"]))
    assert "Not defined for the loc of Laplace: Measure-valued, coupled" in app.caption[0].value


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_is_shown(name: str) -> None:
    family = next(family for family in FAMILIES.values() if ESTIMATORS[name].covers(family))
    parameter = ESTIMATORS[name].covers(family)[0]
    query = {f"{family.name}.gradient": parameter} if len(family.parameters) > 1 else {}
    app = healthy(
        visit("two_estimators", family=family.name, objective="cosine", estimators=[name], log="true", **query)
    )
    assert f"| {theme.ESTIMATOR_SHORT[name]} |" in said(app)
