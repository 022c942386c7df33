"""A flow in words: where the star is at each frame, its density taken apart by layers, whether all can be undone."""

from __future__ import annotations

from torch import Tensor

from explorer.core.experiments.normalizing_flow import LAYERS, FlowFilm, log_noise, outside
from explorer.text import word
from explorer.text.numbers import placed


def captions(film: FlowFilm, eps: Tensor, marked: int) -> list[str]:
    """A sentence a frame: where the star's noise has come, and its log density."""
    log_p = float(log_noise(eps[marked].double()))
    totals = film.log_dets[:, marked].sum(-1).tolist()
    away, n = outside(film.samples).tolist(), film.samples.shape[1]
    said = [
        word(
            "normalizing_flow.star",
            parameter=film.parameter.letter,
            value=placed(value),
            eps=_pair(eps[marked]),
            x=_pair(film.samples[frame, marked]),
            log_p=placed(log_p),
            total=placed(totals[frame]),
            log_q=placed(log_p - totals[frame]),
        )
        for frame, value in enumerate(film.values.tolist())
    ]
    lost = [" " + word("noise_transform.outside", n=each, total=n) if each else "" for each in away]
    return [star + rest for star, rest in zip(said, lost, strict=True)]


def verdict(film: FlowFilm, eps: Tensor, marked: int, strength: float) -> str:
    """log q at the star by layers, and the condition under which the flow can be undone (Markdown)."""
    log_p = float(log_noise(eps[marked].double()))
    parts = film.log_dets[film.start, marked].tolist()
    products = [strength * layer.product for layer in LAYERS]
    return word(
        "normalizing_flow.verdict",
        log_p=placed(log_p),
        parts="".join(f" − {f'({placed(part)})' if part < 0 else placed(part)}" for part in parts),
        log_q=placed(log_p - sum(parts)),
        products=", ".join(placed(product) for product in products),
        least=placed(min(products)),
    )


def described(n: int, caption: str) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("normalizing_flow.alt", n=n, layers=len(LAYERS), caption=caption)


def _pair(vector: Tensor) -> str:
    return ", ".join(placed(value) for value in vector.tolist())
