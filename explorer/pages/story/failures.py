"""Where the trick fails: jumps, moving supports, fast functions, discrete variables, heavy tails."""

from explorer.pages import PAGES
from explorer.visit import fast_objective, heavy_tail, temperature, ten_bits, which_estimator
from explorer.visit.controls import segments
from explorer.visit.discontinuity import show_jump, show_support
from explorer.visit.failures import Ran
from explorer.visit.page import Frame, frame

PAGE, LABORATORY = PAGES["failures"], PAGES["gradient_stream"]


def show_discrete(page: Frame) -> Ran:
    """One bit in the laboratory, or the code of a real model."""
    name = ten_bits.model_of_bits()
    with page.controls:
        on = segments("bits") if name else "one"
    return ten_bits.show(page, name, PAGES["elbo_gradient"]) if name and on == "vae" else temperature.show(page)


SHOW = {
    "jump": show_jump,
    "support": show_support,
    "fast": fast_objective.show,
    "discrete": show_discrete,
    "infinite": heavy_tail.show,
}
"""What shows each case, and returns what ran."""

with frame(PAGE) as page:
    with page.bar:
        case = segments("case", labelled=False)
    page.code(*SHOW[case](page))
    with page.below:
        which_estimator.show(LABORATORY.address, LABORATORY.state)
