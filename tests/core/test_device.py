"""A device that fails is left with a notice, never with a crash."""

from collections.abc import Iterator

import pytest
import torch

from explorer.core import device
from explorer.core.device import best_device, generator_for, resolve_device, try_devices


@pytest.fixture(autouse=True)
def _fresh_choice() -> Iterator[None]:
    best_device.cache_clear()
    yield
    best_device.cache_clear()


def failing(error: Exception | None, total: float = 8.0):  # type: ignore[no-untyped-def]
    """A torch.ones that fails, or miscounts, on anything but the CPU."""
    ones = torch.ones

    def fake(n: int, dtype: torch.dtype, device: str) -> torch.Tensor:
        if device != "cpu" and error is not None:
            raise error
        return ones(n, dtype=dtype) * (1 if device == "cpu" else (total / 8) ** 0.5)

    return fake


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("CUDA error: out of memory. And a long list\nof advice"), "CUDA error: out of memory"),
        (AssertionError("Torch not compiled with CUDA enabled"), "Torch not compiled"),
        (NotImplementedError(), "NotImplementedError"),
        (None, "a test sum gave 2.0 instead of 8"),
    ],
)
def test_a_failing_device_gives_way_with_a_notice(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, reason: str
) -> None:
    monkeypatch.setattr(torch, "ones", failing(error, total=2.0))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    choice = best_device()
    assert choice.device == torch.device("cpu")
    assert "CUDA device could not be used" in choice.notice
    assert "MPS device could not be used" in choice.notice
    assert reason in choice.notice
    assert "advice" not in choice.notice
    assert resolve_device(None) == torch.device("cpu")


def test_a_working_device_needs_no_notice() -> None:
    choice = try_devices(("cpu",))
    assert choice.device == torch.device("cpu")
    assert choice.notice == ""
    assert try_devices(()).device == torch.device("cpu")


def test_the_choice_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = best_device()
    monkeypatch.setattr(device, "try_devices", lambda names: pytest.fail("tried again"))
    assert best_device() is first


@pytest.mark.parametrize(
    "name", ["nonsense", "", " ", "CPU", "cpu:x", "cpux", "hpu", "mkldnn", "meta", "privateuseone", 0, 1.5, True, []]
)
def test_unknown_device(name: object) -> None:
    with pytest.raises(ValueError, match=r"^device must be 'cpu', 'cuda' or 'mps', got"):
        resolve_device(name)  # type: ignore[arg-type]


def test_a_device_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "ones", failing(RuntimeError("no such device")))
    with pytest.raises(ValueError, match=r"^device 'cuda:99' cannot be used here: no such device"):
        resolve_device("cuda:99")


def test_the_cpu_by_name_or_object() -> None:
    assert resolve_device("cpu") == resolve_device(torch.device("cpu")) == torch.device("cpu")


@pytest.mark.parametrize("seed", [-1, 1.5, 1.0, True, None, "0", 2**63])
def test_bad_seeds(seed: object) -> None:
    with pytest.raises(ValueError, match=r"^seed must be an integer in \[0, 2\*\*63 - 1\], got"):
        generator_for(seed, torch.device("cpu"))  # type: ignore[arg-type]


def test_seeds() -> None:
    def draw(seed: int) -> torch.Tensor:
        return torch.rand(5, generator=generator_for(seed, torch.device("cpu")))

    assert torch.equal(draw(3), draw(3))
    assert not torch.equal(draw(3), draw(4))
    assert draw(2**63 - 1).shape == (5,)
