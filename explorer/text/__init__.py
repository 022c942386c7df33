"""The prose of the pages: one Markdown file a page, a folder a language, in sections headed `## `."""

from __future__ import annotations

import functools
from pathlib import Path

LANGUAGE = "en"


@functools.cache
def sections(page: str) -> dict[str, str]:
    """The sections of a page's prose, by heading: {"question": "…", "derivation": "…"}."""
    text = (Path(__file__).parent / LANGUAGE / f"{page}.md").read_text(encoding="utf-8")
    parts = ("\n" + text).split("\n## ")[1:]
    return {heading.strip(): body.strip() for heading, _, body in (part.partition("\n") for part in parts)}
