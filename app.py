"""The door: page configuration, the list of pages, and the way from each to the next."""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from explorer.components.chart import load_plotly
from explorer.pages import PAGES
from explorer.text import word
from explorer.visit.turns import settle

ROOT = Path(__file__).parent


def lead_on(address: str) -> None:
    """The way to the next page of the story, at the end of each."""
    order = list(PAGES.values())
    here = next(place for place, entry in enumerate(order) if entry.address == address)
    for entry in order[here + 1 : here + 2]:
        question = word(f"page.{entry.stem}.question")
        with st.container(key="lead_on"):
            st.page_link(entry.script, label=word("page.next", question=question), icon=":material/arrow_forward:")


st.set_page_config(page_title=word("app.title"), page_icon="explorer/icon.svg", layout="wide")
groups: dict[str, list[StreamlitPage]] = {}
for entry in PAGES.values():
    is_first = not entry.address
    listed = st.Page(
        entry.script,
        title=word(f"page.{entry.stem}.title"),
        icon=f":material/{entry.icon}:",
        url_path=entry.address or None,
        default=is_first,
    )
    groups.setdefault("" if is_first else word(f"room.{entry.room}"), []).append(listed)
page = st.navigation(groups, position="top")
st.html(ROOT / "explorer" / "visit" / "page.css")
load_plotly()
settle()
page.run()
lead_on(page.url_path)
