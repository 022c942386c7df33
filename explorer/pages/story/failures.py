"""Where the trick fails: jumps, moving supports, fast functions, discrete variables, heavy tails."""

from explorer.pages import PAGES
from explorer.visit import fast_objective, heavy_tail, temperature, which_estimator
from explorer.visit.controls import segments
from explorer.visit.discontinuity import show_jump, show_support
from explorer.visit.page import frame

PAGE, LABORATORY = PAGES["failures"], PAGES["gradient_stream"]
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
    with page.below:
        which_estimator.show(LABORATORY.address, LABORATORY.state)
