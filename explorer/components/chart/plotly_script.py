"""plotly.js of the installed package, at an address that the browser caches; by message where that cannot be.

Sent over the websocket it is inflated and compiled anew on every visit, which takes seconds on a laptop. At an address
of its own the browser keeps both the file and its compiled code.
"""

from __future__ import annotations

import functools
import gzip
import os
import tempfile
from pathlib import Path

import streamlit as st
from plotly.offline import get_plotlyjs, get_plotlyjs_version

STATIC = Path(__file__).resolve().parents[3] / "static"
"""The folder that Streamlit serves at app/static (server.enableStaticServing), beside app.py."""
_LONG_AGO = 10**9
"""An old time of change, in seconds since 1970: browsers trust their cache for a tenth of a file's age."""
_NO_ADDRESS = "explorer/plotly by message"

_loader = st.components.v2.component(
    "explorer_plotly",
    js=(Path(__file__).parent / "loader.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


@functools.cache
def published(folder: Path = STATIC) -> str | None:
    """The name of the copy in `folder`, made once for a version; None where it cannot be written or is not served."""
    if not st.get_option("server.enableStaticServing"):
        return None
    path = folder / f"plotly-{get_plotlyjs_version()}.min.js"
    source = get_plotlyjs().encode()
    try:
        if not path.is_file() or path.stat().st_size != len(source):
            folder.mkdir(exist_ok=True)
            # Written aside and moved, so that no visitor is served half a file.
            with tempfile.NamedTemporaryFile(dir=folder, delete=False) as part:
                part.write(source)
            os.chmod(part.name, 0o644)
            os.utime(part.name, (_LONG_AGO, _LONG_AGO))
            os.replace(part.name, path)
    except OSError:
        return None
    return path.name


@functools.cache
def compressed() -> bytes:
    """plotly.js compressed once a process; the same bytes each time."""
    return gzip.compress(get_plotlyjs().encode(), mtime=0)


def load_script() -> None:
    """Tells the browser where plotly.js is, or sends it. Called on each run; the browser runs it once a visit."""
    name = None if st.session_state.get(_NO_ADDRESS) else published()
    # The bytes go by themselves: inside a mapping they would arrive as text.
    told = _loader(key="explorer-plotly", data=[name] if name else compressed(), on_unreachable_change=lambda: None)
    if told.get("unreachable") and name:
        st.session_state[_NO_ADDRESS] = True
        st.rerun()
