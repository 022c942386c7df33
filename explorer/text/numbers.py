"""Numbers as a reader meets them, one way everywhere: a true minus sign, powers of ten, per cent."""

from __future__ import annotations

LONG = 1e9
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 2) -> str:
    """To so many digits, very small and very large ones by powers of ten: 8.7 × 10⁻⁴."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{float(f'{value:.{digits}g}'):.12g}".replace("-", "−")
    front, _, power = f"{value:.{digits - 1}e}".partition("e")
    return f"{front} × 10{str(int(power)).translate(_RAISED)}".replace("-", "−")


def placed(value: float, places: int = 2) -> str:
    """To so many places: −1.00, and never −0.00."""
    return f"{round(value, places) + 0.0:.{places}f}".replace("-", "−")


def per_cent(share: float, places: int = 0) -> str:
    """A share in per cent: 95 %."""
    return f"{placed(100 * share, places)} %"


def times(ratio: float) -> str:
    """A ratio written out, 647,000, or where that is too long by a power of ten."""
    return number(ratio, 3) if ratio >= LONG else f"{float(f'{ratio:.3g}'):,.12g}"
