"""Imports point down only: each room, in a process of its own, loads nothing but itself and what stands below it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import explorer

ROOT = Path(explorer.__path__[0])
FLOORS: tuple[tuple[str, ...], ...] = (
    ("text", "core.parameters"),
    ("core.device", "core.numerics"),
    ("core.randomness",),
    ("core.families", "core.objectives"),
    ("core.draw",),
    ("core.expectations",),
    ("core.estimators",),
    ("core.exact",),
    ("core.experiments", "core.by_name"),
    ("vae",),
    ("figures", "verdicts", "benchmark"),
    ("components",),
    ("visit",),
    ("pages",),
    ("__main__",),
)
"""The rooms from the ground up. A room knows those of the floors below it, and no other on its own."""
BELOW_THE_SCREEN = {"text", "vae", "verdicts", "figures"}
"""What knows no Streamlit and no Plotly, with all of core."""

SCRIPT = """
import importlib, json, os, pathlib, sys, types
import torch  # what takes longest and every room may know: each of them starts from here
root, rooms = pathlib.Path(sys.argv[1]), sys.argv[2:]
# The package without its public face, which loads more than most rooms may.
bare = types.ModuleType("explorer")
bare.__path__ = [str(root)]
sys.modules["explorer"] = bare


def enter(room):
    place = root.joinpath(*room.split("."))
    for path in sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
        parts = path.relative_to(root).with_suffix("").parts
        # A page's script runs as it is imported: its imports are read from its text instead.
        if parts[0] != "pages" or len(parts) == 2:
            importlib.import_module(".".join(("explorer", *parts)).removesuffix(".__init__"))


for room in rooms:
    if os.fork():
        if os.wait()[1]:
            sys.exit(f"{room} could not be imported")
    else:
        enter(room)
        print(json.dumps([room, list(sys.modules)]), flush=True)
        os._exit(0)
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """Every module in memory once all files of a room, folders within folders too, are imported.

    Each room has a process of its own, all of them children of one that knows torch and nothing of ours.
    """
    rooms = [room for floor in FLOORS for room in floor]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(ROOT), *rooms], capture_output=True, text=True, check=False, cwd=ROOT.parent
    )
    assert done.returncode == 0, done.stderr
    return {room: set(modules) for room, modules in map(json.loads, done.stdout.splitlines())}


def room_of(module: str) -> str:
    """The room of a module below `explorer`; empty for a package that only holds rooms."""
    names = module.split(".")[1:]
    return ".".join(names[:2]) if names[0] == "core" and len(names) > 1 else names[0] if names[0] != "core" else ""


@pytest.mark.parametrize(
    ("floor", "room"), [(floor, room) for floor, rooms in enumerate(FLOORS) for room in rooms], ids=str
)
def test_a_room_knows_only_what_is_below(loaded: dict[str, set[str]], floor: int, room: str) -> None:
    modules = loaded[room]
    below = {name for rooms in FLOORS[:floor] for name in rooms}
    known = {room_of(module) for module in modules if module.startswith("explorer.")} - {""}
    assert room in known
    assert known <= below | {room}
    if room.startswith("core.") or room in BELOW_THE_SCREEN:
        assert "streamlit" not in modules
        assert "plotly" not in modules


def test_every_file_has_its_floor() -> None:
    rooms = {room for rooms in FLOORS for room in rooms}
    for path in ROOT.rglob("*.py"):
        module = ".".join(("explorer", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        assert module == "explorer" or room_of(module) in rooms | {""}, f"{module} stands on no floor"


def test_of_plotlys_python_the_app_needs_only_the_script_it_carries() -> None:
    for path in ROOT.rglob("*.py"):
        found = {
            module
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else _names(node))
            if module.split(".")[0] == "plotly"
        }
        assert found <= ({"plotly.offline"} if "chart" in path.parts else set()), path


def _names(node: ast.AST) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def test_core_has_at_most_twelve_rooms() -> None:
    assert sum(room.startswith("core.") for rooms in FLOORS for room in rooms) <= 12
