"""Known factors across, the posterior mean of the latent that tells most of each upwards: a panel a factor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.figures import theme
from explorer.figures.panels import axis, beside, scatter
from explorer.figures.picture import Picture
from explorer.vae.recovered_factors import Recovered


@dataclass(frozen=True)
class Panel:
    """A factor: what it and its latent are called, its values, and the names at them where they are no numbers."""

    title: str
    latent: str
    values: Sequence[float]
    names: Sequence[str] = ()


def recovered_factors(found: Sequence[Recovered], panels: Sequence[Panel]) -> Picture:
    """A thin line a setting of the other factors, a thick one with dots for the mean over all of them."""
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"showlegend": False}
    domains = beside([1.0] * len(panels), 0.06)
    for k, (each, panel) in enumerate(zip(found, panels, strict=True)):
        number = "" if k == 0 else f"{k + 1}"
        on = (f"x{number}", f"y{number}")
        across = np.array(panel.values, dtype=float)
        ends = np.append(across, np.nan)
        lines = np.concatenate([np.append(line, np.nan) for line in each.lines.numpy().astype(float)])
        thin = {"color": theme.FAINT, "width": 1}
        data.append(scatter("lines", on, x=np.tile(ends, len(each.lines)), y=lines, line=thin, hoverinfo="skip"))
        data.append(
            scatter(
                "lines+markers",
                on,
                x=across,
                y=each.means.numpy(),
                line={"color": theme.SAMPLE, "width": 3},
                marker={"color": theme.SAMPLE, "size": 7},
                hovertemplate="%{y:.3~f}<extra></extra>",
            )
        )
        named = {"tickvals": list(panel.values), "ticktext": list(panel.names)} if panel.names else {"nticks": 5}
        layout[f"xaxis{number}"] = axis(panel.title, domain=domains[k], anchor=on[1], **named)
        layout[f"yaxis{number}"] = axis(panel.latent, anchor=on[0], nticks=5)
    return Picture({"data": data, "layout": layout})
