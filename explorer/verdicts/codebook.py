"""The codes of a model of bits in words: where the encoder puts an image, and where it truly lies."""

from __future__ import annotations

from torch import Tensor

from explorer.text import word
from explorer.text.numbers import per_cent, placed


def bits(number: int, n_bits: int) -> str:
    """A code as it is written: the first bit first."""
    return "".join(str(number >> d & 1) for d in range(n_bits))


def described(n_codes: int, encoder: Tensor, n_bits: int) -> str:
    """The picture of all codes in words."""
    best = int(encoder.argmax())
    return word("codebook.alt", n=f"{n_codes:,}", code=bits(best, n_bits), share=_share(encoder[best]))


def belief(encoder: Tensor, posterior: Tensor, gap: float, n_bits: int) -> str:
    """The likeliest code by q and by the true posterior, and what lies between them (Markdown).

    encoder, posterior (C,): probabilities; gap: log p(x) - ELBO in nats.
    """
    mine, true = int(encoder.argmax()), int(posterior.argmax())
    shares = {"code": bits(mine, n_bits), "share": _share(encoder[mine])}
    if mine == true:
        first = word("codebook.same", **shares, true=_share(posterior[mine]))
    else:
        first = word("codebook.other", **shares, best=bits(true, n_bits), true=_share(posterior[true]))
    return f"{first} {word('codebook.gap', gap=placed(gap))}"


def _share(probability: Tensor) -> str:
    """Per cent, and never all of it where it is not."""
    share = float(probability)
    return word("codebook.nearly") if 0.995 <= share < 1 else per_cent(share)
