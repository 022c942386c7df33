"""The gradient estimators the explorer knows, by name: importing each module registers its own, in the menus' order."""

# isort: off
from explorer.core.estimators import score
from explorer.core.estimators import baselines
from explorer.core.estimators import pathwise
from explorer.core.estimators import antithetic
from explorer.core.estimators import finite_differences
from explorer.core.estimators import measure_valued
from explorer.core.estimators import relaxed
from explorer.core.estimators import enumeration

# isort: on
from explorer.core.estimators.choice import Choice
from explorer.core.estimators.contract import ESTIMATORS, Estimator, estimator, get_estimator

__all__ = [
    "ESTIMATORS",
    "Choice",
    "Estimator",
    "antithetic",
    "baselines",
    "enumeration",
    "estimator",
    "finite_differences",
    "get_estimator",
    "measure_valued",
    "pathwise",
    "relaxed",
    "score",
]
