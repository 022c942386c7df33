"""The law of |z| under the prior, and where an encoder puts images."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from explorer.figures import theme
from explorer.figures.panels import axis, scatter, upright
from explorer.figures.picture import Picture
from explorer.text import word

BINS = 24


def radius_density(
    radii: Tensor,
    density: Tensor,
    *,
    mean: float,
    band: tuple[float, float],
    encoded: tuple[Tensor, Tensor],
    rows: Tensor,
) -> Picture:
    """The density (n,) of |z| at radii (n,), its mean dashed, its band shaded; rings where a row of pictures is.

    encoded: |mean of q(z|x)| and |z| of a draw of q(z|x) for each image, (B,) each, none beyond the last of
    `radii`, as histograms on the same scale.
    """
    top = float(radii[-1])
    edges = np.linspace(0, top, BINS + 1)
    means, draws = (
        np.histogram(values.numpy(), edges)[0] / (max(1, len(values)) * (edges[1] - edges[0])) for values in encoded
    )
    data = [
        {
            "type": "bar",
            "x": (edges[1:] + edges[:-1]) / 2,
            "y": means,
            "name": word("typical_set.means"),
            "showlegend": True,
            "marker": {"color": theme.CURVE, "opacity": 0.55, "line": {"width": 0}},
            "hoverinfo": "skip",
        },
        scatter(
            "lines",
            x=edges,
            y=[*draws, draws[-1]],
            line={"color": theme.NOISE, "width": 2.5, "shape": "hv", "dash": "4px,2px"},
            name=word("typical_set.draws"),
            showlegend=True,
            hoverinfo="skip",
        ),
    ]
    line = {"color": theme.SAMPLE, "width": 3}
    data.append(
        scatter("lines", x=radii.numpy(), y=density.numpy(), line=line, name=word("typical_set.law"), showlegend=True)
    )
    inside = np.interp(rows.numpy(), radii.numpy(), density.numpy())
    ring = {"symbol": "diamond", "size": 9, "color": theme.TEXT}
    data.append(
        scatter("markers", x=rows.numpy(), y=inside, marker=ring, name=word("typical_set.rows"), showlegend=True)
    )
    shade = {"type": "rect", "xref": "x", "yref": "y domain", "x0": band[0], "x1": band[1], "y0": 0, "y1": 1}
    layout = {
        "xaxis": axis("|z|", range=[0, top]),
        "yaxis": axis(word("typical_set.density"), rangemode="tozero"),
        "bargap": 0,
        "shapes": [
            {**shade, "fillcolor": theme.FAINT, "line": {"width": 0}, "layer": "below"},
            upright(mean, theme.EXACT_LINE),
        ],
    }
    return Picture({"data": data, "layout": layout})
