"""Random formulas: what they mean is what their grammar says, and what their LaTeX says."""

import random
import re
import time

import pytest

from explorer.core.objectives.formula import formula
from tests.core.grammar import GRID, Writer, X, same, understood

FORMULAS = 10_000
"""A rule of the grammar that one formula in a thousand uses is then missed once in 22,000 seeds."""


def test_random_formulas_mean_what_their_grammar_says() -> None:
    writer, noise = Writer(0), random.Random(0)
    told, slowest = 0, 0.0
    for _ in range(FORMULAS):
        text, meaning = writer.formula()
        begun = time.process_time()
        objective = formula(text)
        value = objective(GRID).numpy()
        slowest = max(slowest, time.process_time() - begun)
        assert formula(objective.title) == objective, text
        assert_balanced(objective.latex)
        expected, tells = understood(meaning, noise)
        assert same(value, expected)[tells].all(), (text, objective.title, value, expected)
        told += int(tells.sum())
    assert slowest < 1
    assert told > 0.9 * FORMULAS * len(X)


def assert_balanced(latex: str) -> None:
    depth = 0
    for character in latex:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert latex.count(r"\left") == latex.count(r"\right")


def test_the_latex_of_random_formulas_means_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as a reader would: braces and bars group, a space multiplies. That takes more than a visitor may write."""
    writer, noise = Writer(2), random.Random(2)
    written = [writer.formula() for _ in range(1000)]
    objectives = [formula(text) for text, _ in written]
    for bound in ("MAX_CHARACTERS", "MAX_DEPTH", "MAX_EXPONENT", "MAX_NODES"):
        monkeypatch.setattr(f"explorer.core.objectives.formula.{bound}", 10_000)
    for objective, (text, meaning) in zip(objectives, written, strict=True):
        expected, tells = understood(meaning, noise)
        value = formula(plain(objective.latex))(GRID).numpy()
        assert same(value, expected)[tells].all(), (text, objective.latex, value, expected)


def plain(latex: str) -> str:
    for mark, meant in (
        (r"\begin{cases} ", "⟦"), (r" \end{cases}", "⟧"), (" & ", "⟨"), (r" \\ ", "⟩"), (r"\mathbf{1}[", "("),
        ("]", ")"), (r"\left\lfloor ", "floor("), (r"\right\rfloor", ")"), (r"\left|", "abs("), (r"\right|", ")"),
        (r"\neg", "1-"), (r"\left", ""), (r"\right", ""), (r"\arctan", "atan"), (r" \le ", "<="), (r" \ge ", ">="),
        (r" \ne ", "≠"), (" < ", "<"), (" > ", ">"), (" = ", "≐"), (" + ", "+"), (" - ", "-"), (r" \cdot ", "*"),
        (", ", ","), (" ", "*"),
    ):  # fmt: skip
        latex = latex.replace(mark, meant)
    before = ""
    while before != latex:
        before = latex
        latex = re.sub(r"\\operatorname{(\w+)}", r"\1", latex)
        latex = re.sub(r"\\frac{([^{}]*)}{([^{}]*)}", r"((\1)/(\2))", latex)
        latex = re.sub(r"(\^|\\sqrt){([^{}]*)}", r"\1(\2)", latex)
        latex = re.sub(r"⟦([^⟦-⟧]*)⟨([^⟦-⟧]*)⟩([^⟦-⟧]*)⟨([^⟦-⟧]*)⟧".replace("⟦-⟧", "⟦⟧⟨⟩"), pieces, latex)
    return latex.replace("\\", "")


def pieces(cases: re.Match[str]) -> str:
    """Undefined where neither condition holds, so that the second is read too."""
    chosen, condition, other, contrary = cases.groups()
    if contrary.endswith("≐0"):
        condition, contrary = condition.removesuffix("≠0"), f"1-abs(sign({contrary.removesuffix('≐0')}))"
    return f"where({condition},{chosen},where({contrary},{other},0/0))"
