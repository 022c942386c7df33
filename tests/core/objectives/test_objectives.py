"""The contract of an Objective, for every entry of OBJECTIVES."""

import math

import pytest
import torch

from explorer.core.objectives.catalogue import OBJECTIVES, get_objective
from explorer.core.objectives.objective import Objective
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
    for place in (*(jump.at for jump in objective.jumps), *objective.kinks):
        away &= (GRID - place).abs() > 4 * step
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


@pytest.mark.parametrize("objective", [each for each in OBJECTIVES.values() if each.period is not None])
def test_period(objective: Objective) -> None:
    """A shift by the period changes nothing, and by half of it something; a constant has no end to its period."""
    assert objective.period is not None
    for each in variants(objective):
        period = float(objective.period(each.values))
        x = torch.linspace(-3, 3, 101, dtype=torch.float64)
        torch.testing.assert_close(each(x + period), each(x))
        assert not torch.allclose(each(x + period / 2), each(x))
    assert float(objective.period({"k": 0.0})) == math.inf


@each
def test_jumps_are_where_and_as_high_as_listed(objective: Objective) -> None:
    assert objective.smooth == (not objective.jumps)
    for jump in objective.jumps:
        below, above = objective(torch.tensor([jump.at - 1e-9, jump.at + 1e-9], dtype=torch.float64))
        assert float(above - below) == pytest.approx(jump.height, abs=1e-6)


@each
def test_kinks_are_where_the_slope_jumps(objective: Objective) -> None:
    for kink in objective.kinks:
        below, above = objective.slope(torch.tensor([kink - 1e-9, kink + 1e-9], dtype=torch.float64))
        assert abs(above - below) > 0.1


@each
def test_a_vector_is_summed_over_its_coordinates(objective: Objective) -> None:
    """But for a joint objective, whose one coordinate is its scalar form."""
    x = GRID[:400].view(200, 2)
    total, slope = objective.total(x, 2), objective.slope(x, 2)
    assert total.shape == (200,)
    assert slope.shape == (200, 2)
    if not objective.joint:
        torch.testing.assert_close(total, objective(x[:, 0]) + objective(x[:, 1]))
        torch.testing.assert_close(slope, objective.slope(x))
    leaf = x.clone().requires_grad_()
    found = objective.total(leaf, 2).sum()
    expected = torch.autograd.grad(found, leaf)[0] if found.requires_grad else torch.zeros_like(x)
    torch.testing.assert_close(slope, expected, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize(
    "objective", [entry for entry in OBJECTIVES.values() if entry.parameters], ids=lambda entry: entry.name
)
@pytest.mark.parametrize("size", [1, 2])
def test_rows_of_values_equal_one_by_one(objective: Objective, size: int) -> None:
    """A value for each row, a column of its own, against the whole objective at that value."""
    ks = [0.3, 0.7, 2.0]
    x = GRID[:400] if size == 1 else GRID[:400].view(200, 2)
    rows = objective.in_rows({"k": torch.tensor([[k] for k in ks], dtype=torch.float64)})
    together = x.expand(3, *x.shape)
    each_alone = [objective.at(k=k) for k in ks]
    torch.testing.assert_close(rows.total(together, size), torch.stack([one.total(x, size) for one in each_alone]))
    torch.testing.assert_close(rows.slope(together, size), torch.stack([one.slope(x, size) for one in each_alone]))


def test_log_sum_exp_is_joint() -> None:
    objective = OBJECTIVES["log_sum_exp"].at(k=2)
    x = torch.tensor([[0.0, 0.0, 0.0], [1.0, -1.0, 0.5], [400.0, 500.0, 0.0]], dtype=torch.float64)
    total = objective.total(x, 3)
    by_hand = [math.log(4), math.log(1 + math.exp(2) + math.exp(-2) + math.exp(1)), 1000.0]
    torch.testing.assert_close(total, torch.tensor(by_hand, dtype=torch.float64))
    torch.testing.assert_close(objective.slope(x, 3)[0], torch.full((3,), 0.5, dtype=torch.float64))
    torch.testing.assert_close(objective.slope(x, 3)[2], torch.tensor([0.0, 2.0, 0.0], dtype=torch.float64))
    assert [name for name, entry in OBJECTIVES.items() if entry.joint] == ["log_sum_exp"]


def test_values_by_hand() -> None:
    x = torch.tensor([-1.0, 0.5, 2.0], dtype=torch.float64)
    expected = {
        "constant": [1.0, 1.0, 1.0],
        "identity": [-1.0, 0.5, 2.0],
        "absolute": [1.5, 0.0, 1.5],
        "rare_event": [math.exp(-800), math.exp(-312.5), math.exp(-50)],
        "log_sum_exp": [math.log(1 + math.exp(-2)), math.log(1 + math.e), math.log(1 + math.exp(4))],
        "square": [1.0, 0.25, 4.0],
        "shifted_square": [9.0, 2.25, 0.0],
        "squared_exponential": [math.exp(-1), math.exp(-0.25), math.exp(-4)],
        "cosine": [math.cos(1), math.cos(0.5), math.cos(2)],
        "step": [0.0, 0.0, 1.0],
    }
    assert expected.keys() == OBJECTIVES.keys()
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
    with pytest.raises(ValueError, match="objective must be an Objective or one of constant, "):
        get_objective(name)
