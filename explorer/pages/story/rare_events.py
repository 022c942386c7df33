"""Keys under the street lamp: what an average misses that hardly ever looks where the mass is."""

from explorer.pages import PAGES
from explorer.visit import rare_events, reach, typical_decoder
from explorer.visit.controls import segments
from explorer.visit.page import frame

PAGE = PAGES["rare_events"]
VIEWS = {"bump": rare_events, "typical_set": reach, "decoder": typical_decoder}
"""For each of RARE_VIEWS its module, whose `show(page)` fills the controls, the picture and the code."""

with frame(PAGE) as page:
    with page.bar:
        view = segments("view", labelled=False)
    VIEWS[view].show(page)
