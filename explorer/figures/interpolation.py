"""Two ways between two latent points: |z| and the prior's log density along each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from explorer.figures import theme
from explorer.figures.panels import axis, scatter, stacked
from explorer.figures.picture import Picture
from explorer.text import word

LOOKS = {"straight": (theme.CURVE, "solid", "square"), "spherical": (theme.SAMPLE, "dash", "circle")}
"""Colour, dash and marker of a way."""


def path_curves(
    t: Tensor, norms: dict[str, Tensor], log_prior: dict[str, Tensor], band: tuple[float, float], at: Sequence[float]
) -> Picture:
    """At shares t (T,) of the way |z| above and log p(z) below, (T,) a way; the band of |z| is shaded.

    Markers stand where t is one of `at`, the columns of the pictures.
    """
    upper, lower = stacked([1, 1], 0.1)
    marked = [int((t - each).abs().argmin()) for each in at]
    data = []
    for on, curves in ((("x", "y"), norms), (("x", "y2"), log_prior)):
        for name, values in curves.items():
            colour, dash, symbol = LOOKS[name]
            data.append(
                scatter(
                    "lines",
                    on,
                    x=t.numpy(),
                    y=values.numpy(),
                    line={"color": colour, "dash": dash, "width": 3},
                    name=word(f"interpolation.way.{name}"),
                    legendgroup=name,
                    showlegend=False,
                    hoverinfo="skip",
                )
            )
            data.append(
                scatter(
                    "markers",
                    on,
                    x=t[marked].numpy(),
                    y=values[marked].numpy(),
                    marker={"color": colour, "symbol": symbol, "size": 8},
                    name=word(f"interpolation.way.{name}"),
                    legendgroup=name,
                    showlegend=on == ("x", "y"),
                    hovertemplate="t = %{x:.2f}: %{y:.2f}<extra>%{fullData.name}</extra>",
                )
            )
    low, high = band
    every = np.concatenate([values.numpy() for values in norms.values()] + [np.array([low, high])])
    pad = 0.08 * float(every.max() - every.min())
    shade = {"type": "rect", "xref": "x domain", "yref": "y", "x0": 0, "x1": 1, "y0": low, "y1": high}
    layout = {
        "xaxis": axis("t", range=[-0.03, 1.03], anchor="y2"),
        "yaxis": axis("|z|", domain=upper, range=[max(0.0, float(every.min()) - pad), float(every.max()) + pad]),
        "yaxis2": axis("log p(z)", domain=lower),
        "shapes": [{**shade, "fillcolor": theme.FAINT, "line": {"width": 0}, "layer": "below"}],
    }
    return Picture({"data": data, "layout": layout})
