"""One image's bound: the KL by dimension as bars, and the estimate of log p(x) against the number of weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor

from explorer.figures import theme
from explorer.figures.panels import axis, scatter
from explorer.figures.picture import Picture
from explorer.text import word
from explorer.vae.importance import Running

LOOKS = {"active": (theme.SAMPLE, ""), "inactive": (theme.CURVE, "/"), "rest": (theme.NOISE, "x")}
"""Colour and pattern of a bar."""


def kl_bars(labels: Sequence[str], values: Tensor, kinds: Sequence[str]) -> Picture:
    """Nats (n,), a bar each under its label; a kind is one of LOOKS. Each kind at hand has its place in the legend."""
    data = []
    for kind, (colour, pattern) in LOOKS.items():
        chosen = [place for place, each in enumerate(kinds) if each == kind]
        if not chosen:
            continue
        name = word(f"image_bound.kind.{kind}")
        data.append(
            {
                "type": "bar",
                "x": [labels[place] for place in chosen],
                "y": [float(values[place]) for place in chosen],
                "name": name,
                "showlegend": True,
                "marker": {"color": colour, "pattern": {"shape": pattern}},
                "hovertemplate": f"%{{x}}: %{{y:.3~r}} {word('image_bound.nats')}<extra>{name}</extra>",
            }
        )
    layout = {
        "xaxis": axis(type="category", categoryorder="array", categoryarray=list(labels)),
        "yaxis": axis(word("image_bound.kl_axis"), rangemode="tozero"),
        "barmode": "overlay",
        "bargap": 0.25,
    }
    return Picture({"data": data, "layout": layout})


def running_estimate(found: Running, exact: float | None) -> Picture:
    """The mean of the log of the mean of K weights with its standard error, the spread of one, and log p(x)."""
    counts, low, high = list(found.counts), found.mean - found.spread, found.mean + found.spread
    data = [
        scatter(
            "lines",
            x=[*counts, *reversed(counts)],
            y=[*high.tolist(), *low.flip(0).tolist()],
            fill="toself",
            fillcolor=theme.with_alpha(theme.SAMPLE, 0.18),
            line={"width": 0},
            name=word("image_bound.spread"),
            showlegend=True,
            hoverinfo="skip",
        ),
        scatter(
            "lines+markers",
            x=counts,
            y=found.mean.numpy(),
            error_y={"type": "data", "array": (1.96 * found.error).numpy(), "color": theme.SAMPLE},
            line={"color": theme.SAMPLE, "width": 3},
            marker={"color": theme.SAMPLE, "size": 7, "symbol": "circle"},
            name=word("image_bound.mean"),
            showlegend=True,
            hovertemplate=f"K = %{{x}}: %{{y:.2f}} {word('image_bound.nats')}<extra></extra>",
        ),
    ]
    ends = [float(low.min()), float(high.max())]
    if exact is not None:
        ends.append(exact)
        name = word("image_bound.exact")
        data.append(
            scatter("lines", x=counts, y=[exact] * len(counts), line=theme.EXACT_LINE, name=name, showlegend=True)
        )
    pad = max(0.05, 0.08 * (max(ends) - min(ends)))
    layout = {
        "xaxis": axis(
            "K",
            type="log",
            range=[math.log10(counts[0]) - 0.08, math.log10(counts[-1]) + 0.08],
            tickvals=counts,
            ticktext=[f"{count:,}" for count in counts],
        ),
        "yaxis": axis(word("image_bound.nats_axis"), range=[min(ends) - pad, max(ends) + pad]),
    }
    return Picture({"data": data, "layout": layout})
