"""The contract of an Objective, for every entry of OBJECTIVES."""

import math

import pytest
import torch

from explorer.core.objectives import OBJECTIVES, Objective, get_objective
from tests.core.cases import difference, label, variants

EVERY = [variant for objective in OBJECTIVES.values() for variant in variants(objective)]
each = pytest.mark.parametrize("objective", EVERY, ids=lambda entry: f"{entry.name}-{label(entry.values)}")
# Not a multiple of any slider's end, so that no jump is met head on.
GRID = torch.linspace(-5.03, 5.07, 401, dtype=torch.float64)


@each
def test_entries_are_whole(objective: Objective) -> None:
    assert OBJECTIVES[objective.name].name == objective.name
    assert objective.title
    assert objective.latex
    assert objective.source
    for parameter in objective.parameters:
        low, high = parameter.slider
        assert parameter.valid[0] < low <= parameter.default <= high < parameter.valid[1]


@each
def test_slope_equals_a_difference_of_f(objective: Objective) -> None:
    """To the truncation error seen as the step halves, and rounding: 2**-50 of f, and of x through f, over the step."""
    step = 1e-3
    away = torch.ones_like(GRID, dtype=torch.bool)
    for jump in objective.jumps:
        away &= (GRID - jump.at).abs() > 4 * step
    wide, narrow = (difference(lambda by: objective(GRID + by), step / k) for k in (1, 2))
    rounding = 2**-50 * (objective(GRID).abs().max() + (narrow * GRID).abs().max()) / step
    bound = (wide - narrow).abs() + rounding
    assert ((objective.slope(GRID) - narrow).abs() <= bound)[away].all()


@each
def test_derivative_in_closed_form_equals_autograd(objective: Objective) -> None:
    leaf = GRID.clone().requires_grad_()
    value = objective(leaf)
    expected = torch.autograd.grad(value.sum(), leaf)[0] if value.requires_grad else torch.zeros_like(GRID)
    torch.testing.assert_close(objective.slope(GRID), expected, rtol=1e-12, atol=1e-300)


@each
def test_slope_leaves_no_graph_and_keeps_the_type(objective: Objective) -> None:
    slope = objective.slope(GRID.float().requires_grad_())
    assert slope.dtype == torch.float32
    assert slope.shape == GRID.shape
    assert objective(GRID.float()).dtype == torch.float32


@each
def test_jumps_are_where_and_as_high_as_listed(objective: Objective) -> None:
    assert objective.smooth == (not objective.jumps)
    for jump in objective.jumps:
        below, above = objective(torch.tensor([jump.at - 1e-9, jump.at + 1e-9], dtype=torch.float64))
        assert float(above - below) == pytest.approx(jump.height, abs=1e-6)


def test_values_by_hand() -> None:
    x = torch.tensor([-1.0, 0.5, 2.0], dtype=torch.float64)
    expected = {
        "square": [1.0, 0.25, 4.0],
        "shifted_square": [9.0, 2.25, 0.0],
        "squared_exponential": [math.exp(-1), math.exp(-0.25), math.exp(-4)],
        "cosine": [math.cos(1), math.cos(0.5), math.cos(2)],
        "step": [0.0, 0.0, 1.0],
    }
    for name, values in expected.items():
        torch.testing.assert_close(OBJECTIVES[name](x), torch.tensor(values, dtype=torch.float64))


def test_at_gives_a_new_objective() -> None:
    sharp = OBJECTIVES["squared_exponential"].at(k=20)
    assert sharp.values == {"k": 20.0}
    assert OBJECTIVES["squared_exponential"].values == {"k": 1.0}
    assert get_objective(sharp) is sharp
    assert hash(sharp) == hash(OBJECTIVES["squared_exponential"].at(k=20))
    assert sharp == OBJECTIVES["squared_exponential"].at(k=20)


@pytest.mark.parametrize("k", [0, -1, math.nan, math.inf, 1e9, "2", None, True])
def test_at_names_the_parameter_and_its_range(k: object) -> None:
    with pytest.raises(ValueError, match=r"k must be a number in \(0, 1000\)"):
        OBJECTIVES["squared_exponential"].at(k=k)


def test_at_names_missing_and_unknown_parameters() -> None:
    with pytest.raises(ValueError, match="cosine needs k"):
        OBJECTIVES["cosine"].at()
    with pytest.raises(ValueError, match="square has no parameter 'k'; its parameters: none"):
        OBJECTIVES["square"].at(k=1.0)


@pytest.mark.parametrize("name", ["nonsense", "", None, 3, lambda x: x])
def test_unknown_objective(name: object) -> None:
    with pytest.raises(ValueError, match="objective must be an Objective or one of square, "):
        get_objective(name)
