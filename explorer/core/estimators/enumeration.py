"""No sampling at all: the sum over every value that x can take."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from explorer.core.draw import Draw
from explorer.core.estimators.contract import all_parameters, estimator
from explorer.core.families.family import Family


def _discrete(family: Family) -> tuple[str, ...]:
    return all_parameters(family) if family.discrete else ()


@estimator(
    "enumeration",
    "Exact enumeration",
    latex=r"\textstyle\sum_a f(a)\,\nabla_\theta\, q_\theta(a)",
    source="Mohamed, Rosca, Figurnov & Mnih 2020, Section 2",
    covers=_discrete,
    evaluations=lambda family: len(family.support.points),
    remainder="drops out",
)
def enumeration(draw: Draw, name: str) -> Tensor:
    """The sum of f(a) dq(a) / d theta over all atoms a: the gradient itself, the same for every sample.

    Of infinitely many atoms over those that the family lists.
    """
    f_values, theta = draw.objective.values.values(), draw.theta
    # One sum for each theta, not for each sample: nothing here depends on the noise.
    shape = np.broadcast_shapes(*(value.shape for value in (*theta.values(), *f_values) if isinstance(value, Tensor)))
    atoms = draw.eps.new_tensor(draw.family.support.points)
    a = atoms.view(-1, *(1 for _ in shape)).expand(-1, *shape)
    mass = draw.family.log_prob(a, theta).exp()
    return (draw.value_at(a) * draw.family.scores(a, theta, name) * mass).sum(0)
