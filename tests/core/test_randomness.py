"""One seed, and a generator of its own for each use: no estimator's choice changes what the others see."""

import pytest
import torch

from explorer.core.draw import Draw
from explorer.core.estimators import ESTIMATORS
from explorer.core.families import FAMILIES
from explorer.core.families.family import Family, draw_noise
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.randomness import Streams
from tests.core.cases import defaults

CPU = torch.device("cpu")
SEED = 51


def numbers(generator: torch.Generator, n: int = 1000) -> torch.Tensor:
    return torch.rand(n, generator=generator)


@pytest.mark.parametrize("seed", [0, 1, 2**32, 2**63 - 1])
def test_the_same_seed_gives_the_same_numbers(seed: int) -> None:
    one, other = Streams(seed, CPU), Streams(seed, CPU)
    assert torch.equal(numbers(one.main), numbers(other.main))
    assert torch.equal(numbers(one.named("second")), numbers(other.named("second")))


def test_the_main_stream_is_the_seed_s_own() -> None:
    assert torch.equal(numbers(Streams(SEED, CPU).main), numbers(torch.Generator().manual_seed(SEED)))


def test_streams_differ_by_name_and_by_seed() -> None:
    firsts = [numbers(Streams(seed, CPU).named(name)) for seed in (0, 1) for name in ("second", "exponential", "")]
    firsts += [numbers(Streams(seed, CPU).main) for seed in (0, 1)]
    for i, one in enumerate(firsts):
        for other in firsts[:i]:
            assert not bool((one == other).all())
            # The correlation of two independent sequences of 1000 has a standard deviation of 1 / sqrt(1000).
            assert abs(float(torch.corrcoef(torch.stack((one, other)))[0, 1])) < 5 / 1000**0.5


def test_a_name_goes_on_where_it_stopped_whatever_else_is_drawn() -> None:
    plain, mixed = Streams(SEED, CPU), Streams(SEED, CPU)
    expected = torch.cat((numbers(plain.named("second")), numbers(plain.named("second"))))
    first = numbers(mixed.named("second"))
    numbers(mixed.main)
    numbers(mixed.named("uniforms"))
    assert mixed.named("second") is mixed.named("second")
    assert torch.equal(torch.cat((first, numbers(mixed.named("second")))), expected)


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, True, None])
def test_bad_seeds(seed: object) -> None:
    with pytest.raises(ValueError, match="seed"):
        Streams(seed, CPU)  # type: ignore[arg-type]


@torch.no_grad()
@pytest.mark.parametrize("family", [FAMILIES["normal"], FAMILIES["bernoulli"]], ids=lambda family: family.name)
def test_no_estimator_changes_what_another_sees(family: Family) -> None:
    """Two batches of one estimator alone equal its numbers when all the others draw from the same streams before it."""
    name = next(iter(defaults(family)))
    methods = [method for method in ESTIMATORS.values() if name in method.covers(family)]

    def batches(used: list[str]) -> dict[str, list[float]]:
        streams = Streams(SEED, CPU)
        found: dict[str, list[float]] = {key: [] for key in used}
        for _ in range(2):
            eps = draw_noise(family, 50, streams.main)
            draw = Draw(family, OBJECTIVES["shifted_square"], family.tensors(defaults(family), eps), eps, streams)
            for key in used:
                found[key] += ESTIMATORS[key](draw, name).tolist()
        return found

    together = batches([method.name for method in methods])
    for method in methods:
        assert batches([method.name])[method.name] == together[method.name], method.name


def test_a_draw_without_streams_says_what_is_missing() -> None:
    family = FAMILIES["normal"]
    eps = draw_noise(family, 3, Streams(SEED, CPU).main)
    draw = Draw(family, OBJECTIVES["square"], family.tensors(defaults(family), eps), eps)
    with pytest.raises(ValueError, match="no random numbers beside its noise, and exponential"):
        ESTIMATORS["measure_valued"](draw, "loc")
