"""Descent in words: how far the runs end from the exact path, and where they stand at each step."""

from __future__ import annotations

from explorer.core.experiments.descent import ARRIVED, EXACT, Descent, Landscape
from explorer.text import counted, short, word
from explorer.text.numbers import number
from explorer.verdicts import bias
from explorer.verdicts.words import listed, lowered, measured, plain


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
    sentences = [start, word("descent.distance", runs=rule.n_runs, distances="; ".join(parts))]
    if two := descent.flips:
        sentences.insert(1, word("descent.flips", low=number(two[0], 4), high=number(two[1], 4)))
    return " ".join(sentences)


def arriving(descent: Descent, landscape: Landscape) -> str:
    """Who has come to the best E f first, once the walk is over (Markdown); empty before, and where there is no way."""
    found = descent.arrivals(landscape) if descent.share == 1 else None
    if found is None:
        return ""
    there = sorted((steps, name) for name, steps in found.steps.items() if steps is not None and name != EXACT)
    way = word("descent.way", share=f"{100 * ARRIVED:.0f} %", start=number(found.start, 4), best=number(found.best, 4))
    if not there:
        return word("descent.nobody", way=way, steps=descent.taken)
    first = [name for steps, name in there if steps == there[0][0]]
    rest = [word("descent.later", estimator=lowered(short(name)), steps=n) for n, name in there[len(first) :]]
    names = listed([f"**{short(name) if not i else lowered(short(name))}**" for i, name in enumerate(first)])
    late = [lowered(short(name)) for name, steps in found.steps.items() if steps is None and name != EXACT]
    rest += [word("descent.not_yet", estimators=listed(late))] if late else []
    start = counted("descent.arrives", len(first), names=names, steps=there[0][0], way=way)
    return "; ".join([start, *rest]) + "."


def cautions(descent: Descent) -> str:
    """Which estimators are biased at the start, and why; empty when none is or nothing is known yet."""
    if descent.answers is None:
        return ""
    return bias.cautions(descent.problem, descent.estimators, descent.answers.biases)


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
