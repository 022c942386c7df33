"""Sources and words: the works, the slips of the wider material, and the glossary."""

import streamlit as st

from explorer.components.chart import chart
from explorer.figures.sources import sources
from explorer.pages import PAGES
from explorer.text import word
from explorer.text.works import WORKS
from explorer.verdicts import glossary, slips
from explorer.verdicts import sources as verdicts
from explorer.visit.controls import menu, segments
from explorer.visit.links import leading
from explorer.visit.page import frame
from explorer.visit.pull import awaited

PAGE = PAGES["sources"]
ROW = 22
"""Pixels for each page in the picture, and as many again for the years."""
SNIPPET = """from explorer.verdicts.slips import SLIPS, said

for slip in SLIPS.values():
    print("Said:", said(slip))
    print("True:", slip.truth(), end="\\n\\n")
"""


def show_works() -> None:
    """The works by their years, and below what was taken from each."""
    used = verdicts.uses(stem for stem in PAGES if stem != PAGE.stem)
    stems = list(used)
    points = [
        (row, work.year, word("sources.dot", cite=work.cite, year=work.year))
        for row, stem in enumerate(stems)
        for work in used[stem]
        if work.year is not None
    ]
    result = chart(
        sources([word(f"page.{stem}.title") for stem in stems], points),
        key=PAGE.stem,
        alt=verdicts.described(used),
        table={"row": [row for row, _, _ in points], "year": [year for _, year, _ in points]},
        height=ROW * (len(stems) + 2),
        file_name=PAGE.stem,
    )
    if result.click:
        st.switch_page(PAGES[stems[points[result.click["point"]][0]]].script)
    st.markdown(verdicts.verdict(used))
    st.caption(word("sources.hint"))
    chosen = menu("under")
    for work in WORKS.values():
        pages = [stem for stem in stems if work in used[stem]]
        if chosen == "all" or chosen in pages:
            st.markdown(verdicts.entry(work, pages))


def show_slips() -> None:
    """What is said, what is true, and the way to the picture that shows it."""
    truths = awaited(PAGE.stem, lambda: [each.truth() for each in slips.SLIPS.values()], word("sources.meanwhile"))
    for each, truth in zip(slips.SLIPS.values(), truths, strict=True):
        with st.container(border=True):
            st.markdown(word("slip.entry", said=slips.said(each), truth=truth))
            there = PAGES[each.page]
            label = word("slip.see", page=word(f"page.{each.page}.title"))
            st.page_link(
                there.script,
                label=label,
                icon=":material/arrow_forward:",
                query_params=leading(there.state, each.at),
            )


def show_glossary() -> None:
    """The words, or a registry's entries."""
    for entry in glossary.KINDS[menu("listed")]():
        st.markdown(entry)


VIEWS = {"works": show_works, "slips": show_slips, "glossary": show_glossary}

with frame(PAGE) as page:
    with page.controls:
        view = segments("view")
    with page.picture:
        VIEWS[view]()
    page.code(SNIPPET, [slips.density_dropped, verdicts.uses])
