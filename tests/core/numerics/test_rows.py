"""Rows of parameters: each distinct combination once, and where each element finds its own."""

import torch

from explorer.core.numerics.rows import distinct_rows


def test_rows_give_back_every_element() -> None:
    columns = {
        "a": torch.tensor([[1.0], [2.0], [1.0]]),
        "b": torch.tensor([3.0, 4.0, 3.0, 3.0], dtype=torch.float64),
    }
    rows, index = distinct_rows(columns)
    assert list(rows) == ["a", "b"]
    assert index.shape == (3, 4)
    assert len(rows["a"]) == 4
    for name, column in columns.items():
        assert rows[name].dtype == torch.float64
        assert torch.equal(rows[name][index], column.double().expand(3, 4))


def test_one_combination_is_one_row() -> None:
    rows, index = distinct_rows({"a": torch.tensor(1.5), "b": torch.tensor([2.0])})
    assert {name: row.tolist() for name, row in rows.items()} == {"a": [1.5], "b": [2.0]}
    assert index.tolist() == [0]
    rows, index = distinct_rows({"a": torch.full((1000,), 0.25)})
    assert rows["a"].tolist() == [0.25]
    assert not index.any()


def test_scalars_keep_the_scalar_shape() -> None:
    rows, index = distinct_rows({"a": torch.tensor(1.5), "b": torch.tensor(2.0)})
    assert rows["b"].shape == (1,)
    assert index.shape == ()


def test_runs_that_come_again_are_one_row() -> None:
    runs = torch.tensor([1.0, 1.0, 2.0, 2.0, 1.0, 3.0], requires_grad=True)
    rows, index = distinct_rows({"a": runs})
    assert not rows["a"].requires_grad
    assert sorted(rows["a"].tolist()) == [1.0, 2.0, 3.0]
    assert torch.equal(rows["a"][index], runs.detach().double())
