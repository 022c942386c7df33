"""Descent in words: how far the runs end from the exact path, and where they stand at each step."""

from __future__ import annotations

from explorer.core.experiments.descent import Descent
from explorer.text import counted, short, word
from explorer.verdicts.words import measured, number, plain


def ending(descent: Descent) -> str:
    """How far each estimator's runs end from the exact path, and how many times the least (Markdown)."""
    if descent.reason:
        return word("descent.ends", n=len(descent.exact) - 1, reason=descent.reason)
    found = {name: descent.distance(name) for name in descent.estimators}
    known = {name: distance for name, distance in found.items() if distance}
    least = min((distance.root_mean_square for distance in known.values()), default=0.0)
    rule, parts = descent.rule, []
    for name, distance in known.items():
        size = distance.root_mean_square
        ratio = f" (× {number(size / least)})" if size > 1.005 * least > 0 else ""
        edge = word("descent.edge", n=distance.at_edge, runs=rule.n_runs) if distance.at_edge else ""
        parts.append(f"{short(name)} **{measured(size, distance.standard_error, 3)}**{ratio}{edge}")
    parts += [word("descent.lost", estimator=short(name), reason=reason) for name, reason in descent.lost.items()]
    start = word(
        "descent.after",
        steps=counted("descent.steps", descent.taken),
        samples=counted("descent.samples", rule.n_samples),
        exact=number(float(descent.exact[-1]), 4),
    )
    return f"{start} {word('descent.distance', runs=rule.n_runs, distances='; '.join(parts))}"


def at_each_step(descent: Descent) -> list[str]:
    """A sentence for each step: the exact path, and the mean of each estimator's runs."""
    symbol = descent.problem.family.parameter(descent.problem.parameter).letter
    exact, captions = descent.exact.tolist(), []
    runs = {name: run.mean(1).tolist() for name, run in descent.runs.items()}
    for step in range(descent.taken + 1):
        means = [f"{short(name)} {number(at[step], 3)}" for name, at in runs.items() if step < len(at)]
        truth = word("descent.truth", symbol=symbol, exact=number(exact[step], 3)) if step < len(exact) else ""
        captions.append(word("descent.at_step", step=step, truth=truth, means=", ".join(means)))
    return captions


def described(descent: Descent, step: int) -> str:
    """The picture in words, for a reader who cannot see it."""
    label = descent.problem.family.parameter(descent.problem.parameter).label
    start = word("descent.alt", parameter=label, ending=plain(ending(descent)))
    return f"{start} {at_each_step(descent)[step]}"


def table(descent: Descent) -> dict[str, list[float]]:
    """The paths, a column a run."""
    runs = descent.runs.items()
    return {"exact": descent.exact.tolist()} | {
        f"{name}_run_{i + 1}": run[:, i].tolist() for name, run in runs for i in range(run.shape[1])
    }
