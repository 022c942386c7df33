"""The Reparameterization Explorer's engine, for notebooks.

>>> import explorer
>>> explorer.exact_gradient("normal", "square", {"loc": 2.0, "scale": 1.0})["loc"]
4.0
"""

from explorer.core.by_name import exact_gradient, exact_variance, gradient_samples, sample
from explorer.core.estimators import ESTIMATORS
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.objectives.formula import formula
from explorer.vae.elbo import elbo, log_likelihood
from explorer.vae.gradients.exact import exact_elbo_gradient, exact_elbo_variance
from explorer.vae.gradients.samples import elbo_gradient_samples
from explorer.vae.pretrained import load_vae
from explorer.verdicts.checked_estimator import check_estimator

__all__ = [
    "ESTIMATORS",
    "FAMILIES",
    "OBJECTIVES",
    "check_estimator",
    "elbo",
    "elbo_gradient_samples",
    "exact_elbo_gradient",
    "exact_elbo_variance",
    "exact_gradient",
    "exact_variance",
    "formula",
    "gradient_samples",
    "load_vae",
    "log_likelihood",
    "sample",
]
