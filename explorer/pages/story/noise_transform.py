"""Noise, then transform: a menu of views, each of which is a module of its own and fills the whole page."""

from explorer.pages import PAGES
from explorer.visit import composition_chain, linear_map, noise_curve, noise_gallery, normalizing_flow
from explorer.visit.controls import segments
from explorer.visit.page import frame

PAGE = PAGES["noise_transform"]
VIEWS = {
    "curve": noise_curve,
    "plane": linear_map,
    "chain": composition_chain,
    "flow": normalizing_flow,
    "gallery": noise_gallery,
}
"""For each of NOISE_VIEWS its module, whose `show(page)` fills the controls, the picture and the code."""

with frame(PAGE) as page:
    with page.bar:
        view = segments("view", labelled=False)
    VIEWS[view].show(page)
