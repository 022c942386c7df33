"""Predict, then reveal: importing each module registers its page's questions, in the order in which they are asked."""

# isort: off
from explorer.verdicts.predictions import noise_transform
from explorer.verdicts.predictions import linear_map
from explorer.verdicts.predictions import composition_chain
from explorer.verdicts.predictions import normalizing_flow
from explorer.verdicts.predictions import autograd_graph
from explorer.verdicts.predictions import dependence
from explorer.verdicts.predictions import reweighting
from explorer.verdicts.predictions import rare_events
from explorer.verdicts.predictions import failures
from explorer.verdicts.predictions import gradient_stream
from explorer.verdicts.predictions import variance_curves
from explorer.verdicts.predictions import descent
from explorer.verdicts.predictions import repeated_means
from explorer.verdicts.predictions import score_size
from explorer.verdicts.predictions import latent_space
from explorer.verdicts.predictions import traversals
from explorer.verdicts.predictions import elbo_gradient
from explorer.verdicts.predictions import reconstruct
from explorer.verdicts.predictions import compare
from explorer.verdicts.predictions import race

# isort: on

__all__ = [
    "autograd_graph",
    "compare",
    "composition_chain",
    "dependence",
    "descent",
    "elbo_gradient",
    "failures",
    "gradient_stream",
    "latent_space",
    "linear_map",
    "noise_transform",
    "normalizing_flow",
    "race",
    "rare_events",
    "reconstruct",
    "repeated_means",
    "reweighting",
    "score_size",
    "traversals",
    "variance_curves",
]
