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


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Small tensors gain nothing from threads, and lose much on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Of the workers of `tests/run` one runs the browser tests: they share a server and a browser.

    That is the largest group, so it starts first, and the other worker begins with what comes next in order: the core's
    tests, of which the longest are long. Every other test is a group of its own. Tests that measure time measure
    processor time, their own. (xdist's mark for groups is lost under pytest 9.2: it writes to a name of a test that
    nobody reads.)
    """
    from xdist.scheduler import LoadScopeScheduling

    class BrowserTogether(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if nodeid.startswith("tests/browser/") else nodeid

    return BrowserTogether(config, log)
