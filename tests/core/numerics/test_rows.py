"""Rows of parameters: each distinct combination once, and where each element finds its own."""

import torch

from explorer.core.numerics.rows import distinct_rows


def test_rows_give_back_every_element() -> None:
    columns = [torch.tensor([[1.0], [2.0], [1.0]]), torch.tensor([3.0, 4.0, 3.0, 3.0], dtype=torch.float64)]
    rows, index = distinct_rows(columns)
    assert index.shape == (3, 4)
    assert [len(row) for row in rows] == [4, 4]
    for row, column in zip(rows, columns, strict=True):
        assert row.dtype == torch.float64
        assert torch.equal(row[index], column.double().expand(3, 4))


def test_one_combination_is_one_row() -> None:
    rows, index = distinct_rows([torch.tensor(1.5), torch.tensor([2.0])])
    assert [row.tolist() for row in rows] == [[1.5], [2.0]]
    assert index.tolist() == [0]
    rows, index = distinct_rows([torch.full((1000,), 0.25)])
    assert rows[0].tolist() == [0.25]
    assert not index.any()


def test_scalars_keep_the_scalar_shape() -> None:
    rows, index = distinct_rows([torch.tensor(1.5), torch.tensor(2.0)])
    assert rows[1].shape == (1,)
    assert index.shape == ()


def test_runs_that_come_again_are_one_row() -> None:
    runs = torch.tensor([1.0, 1.0, 2.0, 2.0, 1.0, 3.0], requires_grad=True)
    rows, index = distinct_rows([runs])
    assert not rows[0].requires_grad
    assert sorted(rows[0].tolist()) == [1.0, 2.0, 3.0]
    assert torch.equal(rows[0][index], runs.detach().double())
