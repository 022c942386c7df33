"""What all tests share.

The rule for random tests: each is seeded, so it passes or fails the same way every time. Its tolerance follows from the
statistics (a number of standard errors, a p-value), never from what happened to pass. A failure after a change of the
generator (a new torch, another way to draw) may change the test's seed once, with the reason beside it; a second
failure is a fault to be found.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import torch

TOGETHER = ("tests/browser/", "tests/load/", "tests/test_layers.py")


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Small tensors gain nothing from threads, and lose much on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests that share something costly go to one worker, each such group to its own; the others go one by one.

    The browser tests share a server and a browser. They are the largest group, so they start first, and mostly wait;
    the other workers begin with the smaller groups, then with what comes next in order: the core's tests, of which the
    longest are long. Tests that measure time measure processor time, their own. (xdist's mark for groups is lost under
    pytest 9.2: it writes to a name of a test that nobody reads.)
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)

    return Together(config, log)
