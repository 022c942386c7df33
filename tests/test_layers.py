"""Imports point down only: each layer, in a fresh interpreter, loads nothing of the layers above it."""

import ast
import pathlib
import subprocess
import sys

import pytest

from explorer import core

FORBIDDEN = {
    "explorer": {"streamlit", "plotly", "explorer.figures", "explorer.components", "explorer.pages"},
    "explorer.core": {"streamlit", "plotly", "explorer.figures", "explorer.components", "explorer.pages"},
    "explorer.vae": {"streamlit", "plotly", "explorer.figures", "explorer.components", "explorer.pages"},
    "explorer.figures": {"streamlit", "explorer.components", "explorer.pages"},
}

SCRIPT = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
if sys.argv[1] != "explorer":
    for module in pkgutil.walk_packages(package.__path__, sys.argv[1] + "."):
        importlib.import_module(module.name)
print("\\n".join(sys.modules))
"""


def loaded(package: str) -> set[str]:
    """Every module in memory once `package` and all its modules are imported."""
    done = subprocess.run([sys.executable, "-c", SCRIPT, package], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_layer_knows_nothing_of_those_above(package: str) -> None:
    modules = loaded(package)
    assert package in modules
    assert not modules & FORBIDDEN[package]


def test_core_knows_nothing_of_the_model() -> None:
    """Read from the source, since `explorer/__init__` itself imports the model."""
    for path in pathlib.Path(core.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            above = [name for name in names if name.startswith("explorer") and not name.startswith("explorer.core")]
            assert not above, f"{path.name} imports {above}"
