"""plotly.js at an address: a copy of the installed package's, made once, and by message where that cannot be."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs, get_plotlyjs_version

from explorer.components.chart.plotly_script import STATIC, compressed, published


@pytest.fixture(autouse=True)
def _served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit.get_option", lambda name: name == "server.enableStaticServing")
    published.cache_clear()


def test_the_copy_is_the_packages(tmp_path: Path) -> None:
    name = published(tmp_path)
    assert name == f"plotly-{get_plotlyjs_version()}.min.js"
    copy = tmp_path / name
    assert copy.read_text(encoding="utf-8") == get_plotlyjs()
    assert time.time() - copy.stat().st_mtime > 365 * 24 * 3600, "a browser trusts its cache by a file's age"
    assert copy.stat().st_mode & 0o444 == 0o444
    assert sorted(path.name for path in tmp_path.iterdir()) == [name], "nothing half written is left"


def test_a_damaged_copy_is_replaced_and_a_good_one_kept(tmp_path: Path) -> None:
    name = published(tmp_path)
    assert name
    made = (tmp_path / name).stat().st_ino
    published.cache_clear()
    assert published(tmp_path) == name
    assert (tmp_path / name).stat().st_ino == made
    (tmp_path / name).write_text("half a file")
    published.cache_clear()
    assert published(tmp_path) == name
    assert (tmp_path / name).read_text(encoding="utf-8") == get_plotlyjs()


def test_where_nothing_can_be_written_there_is_no_address(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    assert published(blocked / "static") is None
    assert published(blocked) is None


def test_where_nothing_is_served_there_is_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit.get_option", lambda name: False)
    assert published(tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_the_folder_is_the_one_beside_the_door() -> None:
    assert (STATIC.parent / "app.py").is_file()
    assert (STATIC / ".gitignore").is_file(), "kept in the repository, so that it is there at start"
    assert os.access(STATIC, os.R_OK)


def test_the_message_is_the_same_each_time() -> None:
    first = compressed()
    compressed.cache_clear()
    assert compressed() == first
    assert gzip.decompress(first).decode() == get_plotlyjs()
