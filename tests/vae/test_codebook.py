"""All codes on a grid, and where an image lies among them."""

from __future__ import annotations

import pytest
import torch

import explorer
from explorer.vae.codebook import beliefs, codebook
from explorer.vae.codes import all_codes


@pytest.mark.parametrize(("n_bits", "shape"), [(1, (1, 2)), (4, (4, 4)), (5, (4, 8))])
def test_every_code_is_on_the_grid_beside_those_one_bit_away(make_vae, n_bits, shape):
    vae = make_vae(n_bits, "bernoulli")
    book = codebook(vae)
    assert book.numbers.shape == shape
    assert book.pictures.shape == (*shape, 28, 28)
    assert sorted(book.numbers.flatten().tolist()) == list(range(2**n_bits))
    for first, second in ((book.numbers[1:], book.numbers[:-1]), (book.numbers[:, 1:], book.numbers[:, :-1])):
        assert all(bin(change).count("1") == 1 for change in (first ^ second).flatten().tolist())
    codes = all_codes(n_bits, torch.zeros(()))
    torch.testing.assert_close(book.pictures.flatten(0, 1), vae.decode(codes[book.numbers.flatten()])[:, 0])


def test_beliefs_are_q_and_bayes(make_vae, in_float64, binary_image):
    vae = make_vae(4, "bernoulli")
    found = beliefs(vae, binary_image)
    codes = all_codes(4, torch.zeros(()))
    p = vae.encode(binary_image)[0].sigmoid()
    expected = (codes * p + (1 - codes) * (1 - p)).prod(-1)
    torch.testing.assert_close(found.encoder.float(), expected)
    assert float(found.posterior.sum()) == pytest.approx(1)
    # log p(x) - ELBO is the KL between them.
    gap = explorer.log_likelihood(vae, binary_image) - explorer.elbo(vae, binary_image)
    kl = (found.encoder * (found.encoder / found.posterior).log()).sum()
    assert float(gap) == pytest.approx(float(kl), abs=1e-3)


def test_other_models_have_no_codebook(make_vae):
    for other in (make_vae(2), make_vae(13, "bernoulli")):
        with pytest.raises(ValueError, match="at most 12 bits for a codebook, it has"):
            codebook(other)
