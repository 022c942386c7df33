"""Bad numbers are refused by name and range, and never crash otherwise."""

import math

import numpy as np
import pytest
import torch

from explorer.core.families import FAMILIES
from explorer.core.families.family import Family
from explorer.core.parameters import MAX_SAMPLES, Parameter, check_n_samples, check_values
from tests.core.cases import defaults

NOT_NUMBERS = [None, "1", "", b"1", True, False, [1.0], {}, 1j, math.nan, math.inf, -math.inf, 10**400, torch.ones(2)]
EVERY = [
    pytest.param(family, parameter, id=f"{family.name}-{parameter.name}")
    for family in FAMILIES.values()
    for parameter in family.parameters
]


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=repr)
@pytest.mark.parametrize(("family", "parameter"), EVERY)
def test_what_is_not_a_finite_number(family: Family, parameter: Parameter, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{parameter.name} must be a number in \(.+, .+\), got"):
        family.check({**defaults(family), parameter.name: value})


@pytest.mark.parametrize(("family", "parameter"), EVERY)
def test_the_valid_interval_is_open(family: Family, parameter: Parameter) -> None:
    for end in parameter.valid:
        with pytest.raises(ValueError, match=rf"^{parameter.name} must be a number in"):
            family.check({**defaults(family), parameter.name: end})


@pytest.mark.parametrize("value", [0, 0.0, -0.0, -1, -1e-300])
def test_a_scale_is_positive(value: float) -> None:
    with pytest.raises(ValueError, match=r"scale must be a number in \(0, inf\)"):
        FAMILIES["normal"].check({"loc": 0.0, "scale": value})


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.int64(2), torch.tensor(2.0)], ids=repr)
def test_any_real_number_will_do(value: object) -> None:
    assert FAMILIES["normal"].check({"loc": value, "scale": 1}) == {"loc": 2.0, "scale": 1.0}


def test_names() -> None:
    with pytest.raises(ValueError, match="normal needs scale; its parameters: loc, scale"):
        FAMILIES["normal"].check({"loc": 0.0})
    with pytest.raises(ValueError, match="normal has no parameter 'mu'; its parameters: loc, scale"):
        FAMILIES["normal"].check({"loc": 0.0, "scale": 1.0, "mu": 2.0})
    with pytest.raises(ValueError, match="normal has no parameter 3"):
        FAMILIES["normal"].check({3: 1.0})  # type: ignore[dict-item]
    assert list(check_values("normal", FAMILIES["normal"].parameters, {"scale": 1, "loc": 0})) == ["loc", "scale"]


@pytest.mark.parametrize("theta", [None, 1.0, "loc", [1.0, 2.0], [("loc", 1.0)]])
def test_theta_must_be_a_mapping(theta: object) -> None:
    with pytest.raises(ValueError, match="normal takes a mapping of parameter names to numbers"):
        FAMILIES["normal"].check(theta)  # type: ignore[arg-type]


@pytest.mark.parametrize("n_samples", [0, -1, 1.5, 1.0, True, None, "10", MAX_SAMPLES + 1, 10**30])
def test_n_samples(n_samples: object) -> None:
    with pytest.raises(ValueError, match=r"n_samples must be an integer in \[1, 100000000\], got"):
        check_n_samples(n_samples)


def test_n_samples_at_the_ends() -> None:
    assert check_n_samples(1) == 1
    assert check_n_samples(MAX_SAMPLES) == MAX_SAMPLES
