"""Parameters in rows: many values of theta worked on in one batch, and what is computed once a distinct row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


def one_row(values: Mapping[str, float]) -> dict[str, Tensor]:
    """A single theta as a batch of one: {name: (1,) float64}."""
    return {name: torch.tensor([value], dtype=torch.float64) for name, value in values.items()}


def distinct_rows(columns: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
    """The distinct combinations of some tensors that broadcast against each other.

    Returns for each its values in the combinations, (U,) float64 on the CPU, and, in the broadcast shape, the index of
    each element's combination.
    """
    tensors = torch.broadcast_tensors(*(value.detach().to("cpu", torch.float64) for value in columns))
    stacked = torch.stack([value.reshape(-1) for value in tensors], dim=1)
    if len(stacked) == 1:
        rows, index = stacked, torch.zeros(1, dtype=torch.int64)
    else:
        # Rows mostly come in runs, and sorting is dear: runs first.
        runs, run = torch.unique_consecutive(stacked, dim=0, return_inverse=True)
        rows, of_run = torch.unique(runs, dim=0, return_inverse=True)
        index = of_run[run]
    return list(rows.unbind(1)), index.view(tensors[0].shape)
