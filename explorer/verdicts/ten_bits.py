"""The estimators on a real model's bits, in words: what is exact, what is estimated, who varies least."""

from __future__ import annotations

from explorer.text import short, word
from explorer.text.numbers import number, placed
from explorer.vae.ten_bits import BY_SAMPLES, TenBits
from explorer.verdicts.words import listed, lowered, measured

_SURE = 2.0
"""Standard errors from which a bias is called one."""


def is_biased(film: TenBits, name: str, frame: int) -> bool:
    """Whether a bias is known: exactly, or beyond its standard errors."""
    return abs(float(film.biases[name][frame])) > _SURE * float(film.bias_errors[name][frame])


def _bit(film: TenBits, frame: int) -> str:
    return f"{int(film.order[frame]) + 1}"


def _bias(film: TenBits, name: str, frame: int) -> str:
    bias, error = float(film.biases[name][frame]), float(film.bias_errors[name][frame])
    return number(bias, 3) if error == 0 else measured(bias, error, 3)


def verdict(film: TenBits) -> str:
    """What holds in the bit of the film's `now` (Markdown)."""
    frame = film.now
    fair = [name for name in film.rows if not is_biased(film, name, frame)]
    biased = [name for name in film.rows if name not in fair]
    sentences = [
        word(
            "ten_bits.at",
            bit=_bit(film, frame),
            probability=placed(float(film.certainty[frame]), 3),
            exact=number(float(film.gradient[frame]), 4),
        )
    ]
    if biased:
        parts = [f"{lowered(short(name))} {_bias(film, name, frame)}" for name in biased]
        sentences.append(word("ten_bits.biased", estimators=listed(parts)))
    best = min(fair, key=lambda name: float(film.deviations[name][frame]))
    deviation = number(float(film.deviations[best][frame]), 3)
    sentences.append(word("ten_bits.least", estimator=short(best), deviation=deviation))
    if all(name in film.rows for name in BY_SAMPLES):
        sentences.append(word("ten_bits.estimated", estimators=listed([lowered(short(name)) for name in BY_SAMPLES])))
    else:
        sentences.append(word("ten_bits.on_the_way"))
    return " ".join(sentences)


def captions(film: TenBits) -> list[str]:
    """A sentence a bit."""
    return [_caption(film, frame) for frame in range(len(film.order))]


def _caption(film: TenBits, frame: int) -> str:
    parts = [
        word(
            "ten_bits.one",
            estimator=lowered(short(name)),
            bias=_bias(film, name, frame),
            deviation=number(float(film.deviations[name][frame]), 3),
        )
        for name in film.rows
    ]
    return word(
        "ten_bits.caption",
        bit=_bit(film, frame),
        probability=placed(float(film.certainty[frame]), 3),
        parts="; ".join(parts),
    )


def described(film: TenBits) -> str:
    """The picture in words, for a reader who cannot see it."""
    return word("ten_bits.alt", caption=_caption(film, film.now))


def table(film: TenBits) -> dict[str, list[float]]:
    """The picture's numbers, a column a name, a row a bit."""
    columns = {"bit": (film.order + 1).double().tolist(), "exact_gradient": film.gradient.tolist()}
    for name in film.rows:
        columns |= {
            f"{name}_bias": film.biases[name].tolist(),
            f"{name}_bias_error": film.bias_errors[name].tolist(),
            f"{name}_deviation": film.deviations[name].tolist(),
            f"{name}_deviation_error": film.deviation_errors[name].tolist(),
        }
    return columns
