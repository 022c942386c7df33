"""Live histograms of gradient samples, one panel an estimator on a common axis, and the running means beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.core.experiments.answers import Answers
from explorer.core.experiments.gradient_stream import Step
from explorer.core.numerics.summaries import Histogram
from explorer.figures import theme
from explorer.text import short


def _panel_axis(index: int) -> str:
    return "" if index == 0 else str(index + 1)


def gradient_histogram(
    histograms: Mapping[str, Histogram], answers: Answers, *, logarithmic: bool = False
) -> go.Figure:
    """One panel an estimator, one above the other on the same gradient axis; the density `logarithmic` on request.

    Drawn in: the density of the samples so far, the exact gradient (dashed), and one exact standard deviation to each
    side of the estimator's expectation (a bar under the histogram).
    """
    fig = make_subplots(rows=len(histograms), cols=1, shared_xaxes=True, vertical_spacing=0.13)
    fig.update_layout(theme.figure().layout)
    fig.update_layout(showlegend=False, bargap=0)
    for row, (name, histogram) in enumerate(histograms.items(), start=1):
        colour = theme.ESTIMATOR_COLOURS[name]
        density = histogram.density.numpy()
        edges = np.linspace(histogram.window.low, histogram.window.high, histogram.window.n_bins + 1)
        fig.add_scatter(
            x=edges.astype(np.float32),
            y=np.append(density, density[-1:]).astype(np.float32),
            mode="lines",
            line={"shape": "hv", "color": colour, "width": 2},
            fill="tozeroy",
            fillcolor=theme.with_alpha(colour, 0.3),
            name=short(name),
            hovertemplate="gradient %{x:.3g}<br>density %{y:.3g}<extra></extra>",
            row=row,
            col=1,
        )
        peak = max(float(density.max()), 1e-12)
        if logarithmic:
            # The least that one sample makes; below it there is nothing to see.
            least = 0.5 / (max(1, histogram.n) * histogram.window.width)
            log_range = [float(np.log10(least)) - 0.6, float(np.log10(peak)) + 0.15]
            fig.data[-1].y = np.maximum(fig.data[-1].y, least).astype(np.float32)
            _spread_bar(fig, answers, name, float(10 ** (log_range[0] + 0.3)), row)
            fig.update_yaxes(
                type="log", range=log_range, showticklabels=False, showgrid=False, zeroline=False, row=row, col=1
            )
        else:
            _spread_bar(fig, answers, name, -0.08 * peak, row)
            fig.update_yaxes(
                range=[-0.16 * peak, 1.12 * peak], showticklabels=False, showgrid=False, zeroline=False, row=row, col=1
            )
        fig.add_annotation(
            text=f"<b>{short(name)}</b>{_outside(histogram)}",
            xref="paper",
            yref=f"y{_panel_axis(row - 1)} domain",
            x=0.005,
            y=1.0,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"color": colour, "size": theme.FONT_SIZE},
        )
    if answers.gradient is not None:
        fig.add_vline(x=answers.gradient, line=theme.EXACT_LINE, row="all", col=1)
    window = next(iter(histograms.values())).window
    fig.update_xaxes(range=[window.low, window.high], zeroline=False)
    exact = "" if answers.gradient is None else f"   ┅ exact: {answers.gradient:.4g}"
    fig.update_xaxes(title_text=f"one sample's gradient{exact}", row=len(histograms), col=1)
    return fig


def _spread_bar(fig: go.Figure, answers: Answers, name: str, height: float, row: int) -> None:
    """A bar of one exact standard deviation to each side of the exact expectation, at a height under the histogram."""
    mean, deviation = answers.expectations[name], answers.deviations[name]
    if mean is None or deviation is None or not np.isfinite(deviation):
        return
    fig.add_scatter(
        x=[mean - deviation, mean, mean + deviation],
        y=[height] * 3,
        mode="lines+markers",
        line={"color": theme.TEXT, "width": 3},
        marker={"symbol": ["line-ns-open", "diamond", "line-ns-open"], "size": 10, "color": theme.TEXT},
        hovertemplate=f"exact mean {mean:.4g} ± one standard deviation {deviation:.4g}<extra></extra>",
        showlegend=False,
        row=row,
        col=1,
    )


def _outside(histogram: Histogram) -> str:
    share = histogram.share_outside
    return f"  <span style='font-size:0.8em'>{share:.2%} outside</span>" if share > 0 else ""


def running_means(trail: Mapping[str, Sequence[Step]], answers: Answers) -> go.Figure:
    """Each estimator's running mean against the number of samples, with a band of ± 1.96 standard errors."""
    fig = theme.figure()
    lows, highs, n_max = [], [], 1000
    for name, steps in trail.items():
        if not steps:
            continue
        colour = theme.ESTIMATOR_COLOURS[name]
        n = np.array([step.n for step in steps], dtype=np.float64)
        mean = np.array([step.mean for step in steps])
        reach = 1.96 * np.nan_to_num(np.array([step.standard_error for step in steps]))
        n_max = max(n_max, int(n[-1]))
        # The view keeps the later nine tenths of the trail in sight; the first few means may leave it.
        later = slice(len(steps) // 10, None)
        lows.append(float((mean - reach)[later].min()))
        highs.append(float((mean + reach)[later].max()))
        fig.add_scatter(
            x=np.concatenate([n, n[::-1]]),
            y=np.concatenate([mean + reach, (mean - reach)[::-1]]),
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=theme.with_alpha(colour, 0.22),
            hoverinfo="skip",
            showlegend=False,
        )
        fig.add_scatter(
            x=n,
            y=mean,
            mode="lines+markers",
            marker={"color": colour, "size": 4},
            line={"color": colour, "dash": theme.ESTIMATOR_DASHES[name], "width": 2.5},
            name=short(name),
            hovertemplate="%{x:,.0f} samples<br>mean %{y:.4g}<extra></extra>",
        )
    if answers.gradient is not None:
        fig.add_hline(y=answers.gradient, line=theme.EXACT_LINE)
        lows.append(answers.gradient)
        highs.append(answers.gradient)
    if lows:
        pad = 0.08 * (max(highs) - min(lows)) or 0.1
        fig.update_yaxes(range=[min(lows) - pad, max(highs) + pad])
    fig.update_xaxes(type="log", title_text="samples", exponentformat="power", dtick=1)
    fig.update_yaxes(title_text="running mean", zeroline=False)
    return fig
