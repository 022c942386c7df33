"""Where the trick fails: jumps, moving supports, fast functions, discrete variables, heavy tails."""

from explorer.pages import PAGES
from explorer.visit import fast_objective, heavy_tail, temperature
from explorer.visit.controls import segments
from explorer.visit.discontinuity import show_jump, show_support
from explorer.visit.page import frame

PAGE = PAGES["failures"]
SHOW = {
    "jump": show_jump,
    "support": show_support,
    "fast": fast_objective.show,
    "discrete": temperature.show,
    "infinite": heavy_tail.show,
}
"""What shows each case, and returns what ran."""

with frame(PAGE) as page:
    with page.bar:
        case = segments("case", labelled=False)
    page.code(*SHOW[case](page))
