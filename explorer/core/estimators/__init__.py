"""The gradient estimators the explorer knows, by name: importing each module registers its own."""

from explorer.core.estimators import moving, relaxed, score, weak
from explorer.core.estimators.contract import ESTIMATORS, Estimator, estimator, get_estimator

__all__ = ["ESTIMATORS", "Estimator", "estimator", "get_estimator", "moving", "relaxed", "score", "weak"]
