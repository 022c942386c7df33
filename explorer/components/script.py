"""The JavaScript of a component: what all share, then its own files, as one text."""

from pathlib import Path

_SHARED = (Path(__file__).parent / "browser.js").read_text(encoding="utf-8")


def script(folder: Path, *names: str) -> str:
    """The text of the files `names` in `folder` after the shared one. The first has the default export."""
    return "\n".join((_SHARED, *((folder / name).read_text(encoding="utf-8") for name in names)))
