"""Damaged and missing files of models: the page says so and lives."""

from __future__ import annotations

import dataclasses
import inspect
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from explorer.vae import pretrained
from explorer.vae.pretrained import PRETRAINED, manifest
from tests.pages.apps import PAGES, healthy, said, visit

MODELS = list(manifest().models)
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
            monkeypatch.setattr(inspect.unwrap(function), "__kwdefaults__", {"folder": folder})
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
    healthy(app.switch_page(PAGES["start"].script).run())


def test_models_in_another_place_work(shipped: Path) -> None:
    assert dataclasses.is_dataclass(manifest(shipped))
    healthy(visit("latent_space", **{f"{MODELS[0]}.view": "prior"}))
