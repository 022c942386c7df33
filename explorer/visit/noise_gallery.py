"""Noise, then transform, the view of all families: small pictures by route, each of which opens its family."""

import streamlit as st

from explorer.components.chart import chart, reported
from explorer.core.experiments.noise_gallery import thumbnails
from explorer.core.families import SCALAR
from explorer.figures.noise_gallery import PLACES, cells, noise_gallery
from explorer.text import word
from explorer.verdicts.noise_gallery import described, verdict
from explorer.visit.controls import menu
from explorer.visit.links import put, run_again
from explorer.visit.page import Frame, definitions
from explorer.visit.pull import awaited

KEY = "noise_gallery"
SNIPPET = """import explorer

families = [each for each in explorer.FAMILIES.values() if each.size == 1]
for route in dict.fromkeys(each.route for each in families):
    print(route, [each.title for each in families if each.route == route])
"""


def show(page: Frame) -> None:
    """The menu, the gallery and the code of this view."""
    gallery = awaited(KEY, lambda: thumbnails(SCALAR), word("noise_transform.meanwhile"))
    click = reported(KEY).click
    if click is not None and click["curve"] == PLACES:
        put("family", cells(gallery)[int(click["point"])][0].family.name)
        put("view", "curve")
        run_again()
    with page.controls:
        family = SCALAR[menu("family")]
        definitions(family, None, ())
        st.markdown(word("noise_gallery.open"))
    with page.picture:
        chart(noise_gallery(gallery, family.name), key=KEY, alt=described(gallery), height=470, file_name=KEY)
        st.markdown(verdict(gallery))
    page.code(SNIPPET, [thumbnails])
