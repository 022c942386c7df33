"""The scripts that pages offer for download run on their own and print the page's numbers."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from explorer.core.experiments.gradient_stream import GradientStream
from explorer.core.experiments.problem import Problem
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from tests.pages.apps import PAGES, visit

ROOT = Path(__file__).parents[2]


CHEAP = {"race": {"length": "200", "minibatch": "10", "draws": "1", "normal.estimators": "pathwise"}}
"""Where the defaults of a page would take long."""


def script(page: str) -> str:
    """The first code block of a page: its script."""
    return visit(page, **CHEAP.get(page, {})).code[0].value


def output(code: str) -> str:
    """What a script prints in a process of its own."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_script_runs(page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Here, where torch is in memory already; the start page's has a process of its own below."""
    path = tmp_path / "script.py"
    path.write_text(script(page), encoding="utf-8")
    runpy.run_path(str(path), run_name="__main__")
    printed = capsys.readouterr().out
    assert printed.strip()
    assert "nan" not in printed


def test_start_script_prints_where_the_live_picture_comes_to_rest() -> None:
    stream = GradientStream(
        Problem(FAMILIES["normal"], OBJECTIVES["square"], {"loc": 2.0, "scale": 1.0}, "loc"),
        ("score_function", "pathwise"),
        0,
        torch.device("cpu"),
        rest_at=1_000_000,
    )
    stream.advance(80)
    while stream.share < 1:
        stream.advance(4_000)
    lines = output(script("start")).splitlines()
    for line, summary in zip(lines, stream.summaries.values(), strict=True):
        mean, error = line.split(": ")[1].split("   ")[0].split(" ± ")
        assert float(mean) == pytest.approx(summary.moments.mean, abs=1e-3)
        assert float(error) == pytest.approx(summary.moments.standard_error, abs=1e-4)
