"""The story as the claims it is made of: each is shown on a page, in a state of it.

What a claim says is "claim.name.said" in the catalogue. `at` is the state as a link says it, all else at its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Claim:
    """A claim, and the page and state where it can be seen, checked and driven to its limits."""

    name: str
    page: str
    at: Mapping[str, str | list[str]] = field(default_factory=dict)


CLAIMS = (
    Claim("node", "autograd_graph"),
    Claim("toy", "descent"),
    Claim("moved", "reweighting"),
    Claim("notebook", "repeated_means"),
    Claim("lamp", "rare_events"),
    Claim("noise", "dependence"),
    Claim("typical", "rare_events", {"view": "typical_set"}),
    Claim("encoder", "latent_space", {"hand": "eps"}),
    Claim("reinforce", "gradient_stream", {"estimators": ["score_function", "optimal_baseline", "pathwise"]}),
    Claim("routes", "noise_transform"),
    Claim("dimension", "variance_curves", {"objective": "square", "normal.square.against": "dimension"}),
    Claim("bound", "elbo_gradient"),
    Claim("score", "score_size"),
    Claim("continuous", "failures", {"case": "discrete"}),
)
"""In the order in which the story tells them."""
