"""Descent in words: how far the runs end from the exact path, and where they stand at each step."""

from __future__ import annotations

from explorer.core.experiments.descent import Descent
from explorer.text import short


def ending(descent: Descent) -> str:
    """How far each estimator's runs end from the exact path, and how many times the least (Markdown)."""
    if descent.reason:
        return f"The exact path ends after {len(descent.exact) - 1} steps: {descent.reason}."
    found = {name: descent.distance(name) for name in descent.estimators}
    known = {name: distance for name, distance in found.items() if distance}
    least = min((distance.root_mean_square for distance in known.values()), default=0.0)
    rule = descent.rule
    parts = []
    for name, distance in known.items():
        times = f" (× {distance.root_mean_square / least:.2g})" if distance.root_mean_square > 1.005 * least > 0 else ""
        edge = f", {distance.at_edge} of {rule.n_runs} met an edge" if distance.at_edge else ""
        size = f"{distance.root_mean_square:.3g} ± {distance.standard_error:.2g}"
        parts.append(f"{short(name)} **{size}**{times}{edge}")
    parts += [f"{short(name)} broke off: {reason}" for name, reason in descent.lost.items()]
    steps = "1 step" if descent.taken == 1 else f"{descent.taken} steps"
    samples = "1 sample" if rule.n_samples == 1 else f"{rule.n_samples:,} samples"
    start = f"After {steps} of {samples} the exact path is at **{descent.exact[-1]:.4g}**."
    return f"{start} Distance from it, root mean square over {rule.n_runs} runs: {'; '.join(parts)}."


def at_each_step(descent: Descent) -> list[str]:
    """A sentence for each step: the exact path, and the mean of each estimator's runs."""
    symbol = descent.problem.family.parameter(descent.problem.parameter).letter
    exact, captions = descent.exact.tolist(), []
    runs = {name: run.mean(1).tolist() for name, run in descent.runs.items()}
    for step in range(descent.taken + 1):
        parts = [f"{short(name)} {means[step]:.3g}" for name, means in runs.items() if step < len(means)]
        truth = f"exact {symbol} = {exact[step]:.3g}; " if step < len(exact) else ""
        captions.append(f"Step {step}: {truth}mean of the runs: {', '.join(parts)}.")
    return captions
