"""Keys under the street lamp: what to predict."""

from __future__ import annotations

from explorer.core.experiments.rare_events import Averages, averages
from explorer.core.experiments.reach import log_draws_for_half
from explorer.text import word
from explorer.text.numbers import number, per_cent, placed
from explorer.verdicts.predictions.contract import Revealed, Settings, nearest, prediction

PAGE = "rare_events"


def _averages(settings: Settings) -> Averages:
    """Those of the picture, at the place of its slider."""
    return averages(settings["what"], int(settings["n"]), [settings["distance"]], seed=settings["seed"])


@prediction(PAGE, "median", ("near", "tenth", "nothing"), {"n": "1000", "distance": "4"})
def median(settings: Settings) -> Revealed:
    """Below which part of the truth half of all averages lie."""
    found = _averages(settings)
    part, mean, error = (float(each) for each in (found.median, found.mean, found.mean_error))
    right = nearest(part, {"near": 1.0, "tenth": 0.1, "nothing": 1e-7})
    shown = word(
        "prediction.rare_events.median.shown",
        repetitions=f"{found.repetitions:,}",
        part=number(part),
        mean=placed(mean),
        error=placed(error),
    )
    return Revealed(right, shown)


@prediction(PAGE, "interval", ("nominal", "third", "never"), {"what": "pathwise", "n": "100", "distance": "3"})
def interval(settings: Settings) -> Revealed:
    """How often the interval that an average comes with holds the truth."""
    found = _averages(settings)
    share, error = float(found.covered), float(found.covered_error)
    right = nearest(share, {"nominal": 0.95, "third": 0.3, "never": 0.03})
    shown = word(
        "prediction.rare_events.interval.shown",
        share=per_cent(share, 1),
        error=per_cent(error, 1),
        effective=placed(float(found.effective), 1),
        n=f"{found.n:,}",
    )
    return Revealed(right, shown)


@prediction(
    PAGE,
    "reach",
    ("thousand", "billion", "beyond"),
    {"view": "typical_set", "n": "10000", "dimension": "500", "tilt": "0.5"},
)
def reach(settings: Settings) -> Revealed:
    """How many draws have half of E f within reach."""
    dimension, tilt = int(settings["dimension"]), settings["tilt"]
    decades = log_draws_for_half(dimension, tilt)
    right = nearest(max(decades, 0.1), {"thousand": 3.0, "billion": 9.0, "beyond": 30.0})
    shown = word(
        "prediction.rare_events.reach.shown",
        dimension=dimension,
        tilt=number(tilt),
        draws=number(10**decades),
    )
    return Revealed(right, shown)
