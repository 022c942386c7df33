"""Live histograms of gradient samples, one panel an estimator on a common axis, and the running means beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from explorer.core.experiments.gradient_stream import Step
from explorer.core.numerics.summaries import Histogram
from explorer.figures import theme
from explorer.figures.panels import UNMARKED, axis, level, note, scatter, stacked, upright
from explorer.figures.picture import Moving, Picture
from explorer.text import short
from explorer.text.numbers import number, per_cent

GAP, GAP_WITH_TICKS = 0.13, 0.2
"""Between two panels, of the picture's height; with an axis of its own for each."""


class Marks(Protocol):
    """What is known exactly and drawn in. All are None where they are not known."""

    @property
    def gradient(self) -> float | None: ...

    @property
    def expectations(self) -> Mapping[str, float | None]: ...

    @property
    def deviations(self) -> Mapping[str, float | None]:
        """The standard deviation of one sample of each estimator."""
        ...


def gradient_histogram(
    histograms: Mapping[str, Histogram], answers: Marks | None, *, logarithmic: bool = False, known: str = "exact"
) -> Picture:
    """One panel an estimator, one above the other; the density `logarithmic` on request.

    They have one gradient axis where all windows are the same, else one each. Drawn in, where the answers are known:
    the exact gradient (dashed), and one exact standard deviation to each side of the estimator's expectation (a bar
    under the histogram); `known` says what they are, exact or a reference. Moving: the densities, their axes, the bars.
    """
    windows = [histogram.window for histogram in histograms.values()]
    one_axis = len(set(windows)) == 1
    domains = stacked([1.0] * len(histograms), GAP if one_axis else GAP_WITH_TICKS)
    gradient = answers.gradient if answers else None
    data: list[dict[str, Any]] = []
    moving: list[Moving] = []
    moved_layout: list[tuple[str, Any]] = []
    layout: dict[str, Any] = {"showlegend": False, "annotations": [], "shapes": []}
    for index, (name, histogram) in enumerate(histograms.items()):
        number = str(index + 1) if index else ""
        on, colour, is_last = (f"x{number}", f"y{number}"), theme.ESTIMATOR_COLOURS[name], index == len(histograms) - 1
        window = histogram.window
        edges = np.linspace(window.low, window.high, window.n_bins + 1).astype(np.float32)
        density, range_, foot = _density(histogram, logarithmic)
        moving.append((len(data), "y", density))
        data.append(
            scatter(
                "lines",
                on,
                x=edges,
                line={"shape": "hv", "color": colour, "width": 2},
                fill="tozeroy",
                fillcolor=theme.with_alpha(colour, 0.3),
                name=short(name),
                hovertemplate="gradient %{x:.3~r}<br>density %{y:.3~r}<extra></extra>",
            )
        )
        if bar := _spread_bar(answers, name, on, known):
            moving.append((len(data), "y", np.full(3, foot)))
            data.append(bar)
        below = {} if is_last or not one_axis else {"showticklabels": False, "matches": f"x{len(histograms)}"}
        layout[f"xaxis{number}"] = axis(
            _gradient_title(gradient, known) if is_last else "", anchor=on[1], range=[window.low, window.high], **below
        )
        layout[f"yaxis{number}"] = axis(
            anchor=on[0], domain=domains[index], **UNMARKED, **({"type": "log"} if logarithmic else {})
        )
        moved_layout.append((f"yaxis{number}.range", range_))
        title = f"{theme.badge(colour)}<b>{short(name)}</b>{_outside(histogram)}"
        moved_layout.append((f"annotations.{index}.text", title))
        place = {"xref": "paper", "yref": f"{on[1]} domain", "xanchor": "left", "yanchor": "bottom"}
        layout["annotations"].append(note("", 0.005, 1.0, **place))
        if gradient is not None and (one_axis or window.low <= gradient <= window.high):
            layout["shapes"].append(upright(gradient, theme.EXACT_LINE, on))
    return Picture({"data": data, "layout": layout}, moving, moved_layout)


def _gradient_title(gradient: float | None, known: str) -> str:
    return "one sample's gradient" + ("" if gradient is None else f"   ┅ {known}: {number(gradient, 4)}")


def _density(histogram: Histogram, logarithmic: bool) -> tuple[np.ndarray, list[float], float]:
    """The heights at the edges of the bins, the range of their axis, and the height of the bar under them."""
    density = histogram.density.numpy()
    peak = max(float(density.max()), 1e-12)
    heights = np.append(density, density[-1:])
    if not logarithmic:
        return heights.astype(np.float32), [-0.16 * peak, 1.12 * peak], -0.08 * peak
    # The least that one sample makes; below it there is nothing to see.
    least = 0.5 / (max(1, histogram.n) * histogram.window.width)
    low = float(np.log10(least)) - 0.6
    return np.maximum(heights, least).astype(np.float32), [low, float(np.log10(peak)) + 0.15], 10 ** (low + 0.3)


def _spread_bar(answers: Marks | None, name: str, on: tuple[str, str], known: str) -> dict[str, Any] | None:
    """A bar of one exact standard deviation to each side of the exact expectation, where both are known."""
    mean, deviation = (answers.expectations[name], answers.deviations[name]) if answers else (None, None)
    if mean is None or deviation is None or not np.isfinite(deviation):
        return None
    return scatter(
        "lines+markers",
        on,
        x=[mean - deviation, mean, mean + deviation],
        line={"color": theme.TEXT, "width": 3},
        marker={"symbol": ["line-ns-open", "diamond", "line-ns-open"], "size": 10, "color": theme.TEXT},
        hovertemplate=f"{known} mean {number(mean, 4)} ± one standard deviation {number(deviation, 4)}<extra></extra>",
    )


def _outside(histogram: Histogram) -> str:
    share = histogram.share_outside
    return f"  <span style='font-size:0.8em'>{per_cent(share, 2)} outside</span>" if share > 0 else ""


def running_means(trail: Mapping[str, Sequence[Step]], answers: Marks | None) -> Picture:
    """Each estimator's running mean against the number of samples, with a band of ± 1.96 standard errors.

    Moving: the means, their bands and both axes.
    """
    gradient = answers.gradient if answers else None
    data: list[dict[str, Any]] = []
    moving: list[Moving] = []
    lows, highs = ([], []) if gradient is None else ([gradient], [gradient])
    ends: list[float] = []
    for name, steps in trail.items():
        if not steps:
            continue
        colour = theme.ESTIMATOR_COLOURS[name]
        n, mean, error = np.array([(step.n, step.mean, step.standard_error) for step in steps]).T
        reach = 1.96 * np.nan_to_num(error)
        high, low = mean + reach, mean - reach
        # The view keeps the later nine tenths of the trail in sight; the first few means may leave it.
        later = slice(len(steps) // 10, None)
        lows.append(float(low[later].min()))
        highs.append(float(high[later].max()))
        ends += [float(n[0]), float(n[-1])]
        samples = n.astype(np.float32)
        band, line = len(data), len(data) + 1
        moving += [
            (band, "x", np.concatenate([samples, samples[::-1]])),
            (band, "y", np.concatenate([high, low[::-1]])),
            (line, "x", samples),
            (line, "y", mean),
        ]
        data.append(
            scatter(
                "lines",
                line={"width": 0},
                fill="toself",
                fillcolor=theme.with_alpha(colour, 0.22),
                hoverinfo="skip",
                showlegend=False,
            )
        )
        data.append(
            scatter(
                "lines+markers",
                marker={"color": colour, "size": 4, "symbol": theme.ESTIMATOR_MARKERS[name]},
                line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 2.5},
                name=short(name),
                hovertemplate="%{x:,.0f} samples<br>mean %{y:.4~r}<extra></extra>",
            )
        )
    layout = {
        "xaxis": axis("samples", type="log", dtick=1),
        "yaxis": axis("running mean"),
        "shapes": [] if gradient is None else [level(gradient, theme.EXACT_LINE)],
    }
    moved_layout: list[tuple[str, Any]] = []
    if lows:
        pad = 0.08 * (max(highs) - min(lows)) or 0.1
        moved_layout.append(("yaxis.range", [min(lows) - pad, max(highs) + pad]))
    if ends:
        first, last = np.log10([min(ends), max(ends)]).tolist()
        pad = 0.06 * (last - first) or 1.0
        moved_layout.append(("xaxis.range", [first - pad, last + pad]))
    return Picture({"data": data, "layout": layout}, moving, moved_layout)
