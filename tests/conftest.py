"""What all tests share.

The rule for random tests: each is seeded, so it passes or fails the same way every time. Its tolerance follows from the
statistics (a number of standard errors, a p-value), never from what happened to pass. A failure after a change of the
generator (a new torch, another way to draw) may change the test's seed once, with the reason beside it; a second
failure is a fault to be found.
"""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Small tensors gain nothing from threads, and lose much on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
