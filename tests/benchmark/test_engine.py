"""The benchmark measures what it says, on sizes small enough for a test; its figures are for a person to judge."""

import torch

from explorer.benchmark import engine as benchmark


def test_ratio_of_a_work_with_itself_is_near_one() -> None:
    noise = torch.randn(200_000, generator=torch.Generator().manual_seed(0))
    found = benchmark.ratio(lambda: noise.sort(), lambda: noise.sort(), repetitions=9)
    assert 0.5 < found.least <= found.median < 2


def test_ratio_sees_double_work() -> None:
    noise = torch.randn(200_000, generator=torch.Generator().manual_seed(0))
    found = benchmark.ratio(lambda: (noise.sort(), noise.sort(), noise.sort()), lambda: noise.sort(), repetitions=9)
    assert found.median > 1.5


def test_live_frame_is_the_live_page_s_work() -> None:
    summaries = benchmark.live_frame("normal", "square", 1_000)()
    assert {name: part.moments.n for name, part in summaries.items()} == dict.fromkeys(benchmark.BOTH, 1_000)


def test_threads_are_put_back() -> None:
    before = torch.get_num_threads()
    benchmark.frame_ratio(n_samples=2_000, repetitions=1)
    assert torch.get_num_threads() == before


def test_memory_is_that_of_a_process_with_the_shipped_models() -> None:
    memory = benchmark.memory_with_models()
    assert {"mnist-2d", "mnist-50d"} <= set(memory.models)
    assert memory.resident is None or memory.resident > 100 * 2**20


def test_traversals_are_timed_for_every_model_of_gaussian_latents() -> None:
    found = benchmark.traversal_seconds(repetitions=1)
    assert found
    # What is asked of fifty latents on the CPU, with much to spare for what else the machine does.
    assert all(0 < taken < 0.25 for _, taken in found.values())
