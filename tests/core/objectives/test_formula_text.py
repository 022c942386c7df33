"""The text of a visitor's formula: how it is written back, what is wrong is said with its place, bounds hold."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from explorer.core.objectives.formula import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, formula

WRITTEN = {
    "exp(-10*x**2)": ("exp(−10·x²)", "e^{-10 x^{2}}"),
    "1/(1+x)": ("1/(1+x)", r"\frac{1}{1 + x}"),
    "(x/2)^2": ("(x/2)²", r"\left(\frac{x}{2}\right)^{2}"),
    "2*(x/3)": ("2·(x/3)", r"2 \cdot \frac{x}{3}"),
    "exp(x)^4": ("exp(x)^4", r"\left(e^{x}\right)^{4}"),
    "(x+1)^-x": ("(x+1)^−x", r"\left(x + 1\right)^{-x}"),
    "x^2^3": ("x^2³", "x^{2^{3}}"),
    "(-x)^3": ("(−x)³", r"\left(-x\right)^{3}"),
    "-(x+1)": ("−(x+1)", r"-\left(x + 1\right)"),
    "-(2*x)": ("−(2·x)", "-2 x"),
    "x-(1-x)": ("x−(1−x)", r"x - \left(1 - x\right)"),
    "x--2*x": ("x−−2·x", r"x - \left(-2 x\right)"),
    "x*-2": ("x·−2", r"x \cdot \left(-2\right)"),
    "2*3*x": ("2·3·x", r"2 \cdot 3 x"),
    "pi (x+1)": ("π·(x+1)", r"\pi \left(x + 1\right)"),
    "abs(sqrt(x))": ("abs(sqrt(x))", r"\left|\sqrt{x}\right|"),
    "min(x,sin(x))": ("min(x, sin(x))", r"\min\left(x, \sin\left(x\right)\right)"),
    "|x-1|": ("abs(x−1)", r"\left|x - 1\right|"),
    "LN(x)": ("log(x)", r"\log\left(x\right)"),
    "x>1": ("x > 1", r"\mathbf{1}[x > 1]"),
    "0<x<=1": ("0 < x ≤ 1", r"\mathbf{1}[0 < x \le 1]"),
    "(0<x)*(x<1)": ("0 < x < 1", r"\mathbf{1}[0 < x < 1]"),
    "2(0<x<1)": ("2·(0 < x < 1)", r"2 \cdot \mathbf{1}[0 < x < 1]"),
    "(x>=1)^2>0": ("(x ≥ 1)² > 0", r"\mathbf{1}[\mathbf{1}[x \ge 1]^{2} > 0]"),
    "(x<1)<2": ("(x < 1) < 2", r"\mathbf{1}[\mathbf{1}[x < 1] < 2]"),
    "3step(x-1)": ("3·step(x−1)", r"3 \cdot \mathbf{1}[x - 1 > 0]"),
    "sign(x)": ("sign(x)", r"\operatorname{sign}\left(x\right)"),
    "floor(x)^2": ("floor(x)²", r"\left\lfloor x\right\rfloor^{2}"),
    "where(x>0,x,0)": ("where(x > 0, x, 0)", r"\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}"),
    "where(x<0,x,0)": ("where(x < 0, x, 0)", r"\begin{cases} x & x < 0 \\ 0 & x \ge 0 \end{cases}"),
    "where(x>=0,x,0)": ("where(x ≥ 0, x, 0)", r"\begin{cases} x & x \ge 0 \\ 0 & x < 0 \end{cases}"),
    "where(x<=0,x,0)": ("where(x ≤ 0, x, 0)", r"\begin{cases} x & x \le 0 \\ 0 & x > 0 \end{cases}"),
    "where(step(x),x,0)": ("where(step(x), x, 0)", r"\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}"),
    "2where(x,1,2)": (
        "2·where(x, 1, 2)",
        r"2 \left(\begin{cases} 1 & x \ne 0 \\ 2 & x = 0 \end{cases}\right)",
    ),
    "where(0<x<1,1,2)": (
        "where(0 < x < 1, 1, 2)",
        r"\begin{cases} 1 & 0 < x < 1 \\ 2 & \neg\left(0 < x < 1\right) \end{cases}",
    ),
    "1e-6 + 1e6": ("0.000001+1000000", "0.000001 + 1000000"),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_written_as_text_and_as_latex(text: str) -> None:
    assert (formula(text).title, formula(text).latex) == WRITTEN[text]


FAULTS: dict[Any, str] = {
    None: "a formula must be text such as .*, got NoneType",
    3: "a formula must be text such as .*, got int",
    b"x": "a formula must be text such as .*, got bytes",
    "": "the formula is empty",
    " \n": "the formula is empty",
    "x + y": "unknown name 'y' at character 5; allowed: x, pi, e and exp, log, .*max",
    "abcdefghijklmnop(x)": "unknown name 'abcdefghijkl…' at character 1",
    "xx": "unknown name 'xx' at character 1",
    "x + ": "a value is missing at character 5",
    "(x+1": r"a parenthesis is never closed: it opens at character 1, near '\(x\+1'",
    "x+1)": "a closing parenthesis too many at character 4",
    "()": "a value is missing at character 2",
    "sin()": "a value is missing at character 5",
    "2 * / x": "a value is missing at character 5, near '2 · / x'",
    "1,5": "unexpected comma at character 2, near '1,5'; a decimal number is written with a point",
    "sin(x, 1)": "unexpected comma at character 6",
    "min(x, 1, 2)": "unexpected comma at character 9",
    "1 + min(x)": r"min needs 2 arguments at character 5, near '.*'; write min\(x, 1\)",
    "sin x": r"sin without parentheses at character 1, near 'sin x'; write sin\(x\)",
    "sin^2(x)": "sin without parentheses at character 1",
    "x 2": r"a sign is missing at character 3, near 'x 2'; write \* to multiply",
    "(x+1)2": "a sign is missing at character 6",
    "1/2x": r"unclear product at character 4, near '1/2x'; write \*",
    "1/(2)x": "unclear product at character 6",
    "1/-2x": "unclear product at character 5",
    "e^2x": "unclear product at character 4",
    "x²²": "a power after a superscript at character 3",
    "x²^2": "a power after a superscript at character 3",
    "x = 1": "unexpected equals sign at character 3, near 'x . 1'; allowed: x, pi, e",
    "|x": "a bar is never closed: it opens at character 1, near '∣x'",
    "|(x|)": "a bar closes nothing at character 4|a bar is never closed: it opens at character 1",
    "|x, 1|": "a bar is never closed: it opens at character 1",
    "||": "a bar is never closed: it opens at character 2",
    "||x|": "a bar is never closed: it opens at character 1",
    "x|": "a bar closes nothing at character 2",
    "|x|x|x|": r"unclear bars at character 3, near '∣x∣x∣x∣'; write abs\(\) in place of the bars, or \* between",
    "|x|(x+1)|x|": "unclear bars at character 3",
    "|x|2": "a sign is missing at character 4",
    "1/2|x|": "unclear product at character 4",
    "sin|x|": "sin without parentheses at character 1",
    "|*x|": "a value is missing at character 2, near '∣·x∣'",
    "x >": "a value is missing at character 4",
    "x >> 1": "a value is missing at character 4, near 'x > > 1'",
    "x<-": "a value is missing at character 4, near 'x < -'",
    "x => 1": "unexpected equals sign at character 3",
    "where(x > 0, 1)": r"where needs 3 arguments at character 1, near '.*'; write where\(x > 0, x, 1\)",
    "where": r"where without parentheses at character 1, near 'where'; write where\(x > 0, x, 1\)",
    "x\u202e": "unexpected right-to-left override at character 2",
    "x\0": r"unexpected U\+0000 at character 2",
    "x^21": "exponent too large at character 3, near 'x.21'; allowed: -20 to 20",
    "x^-(20.5)": "exponent too large at character 3",
    "1 + 1000001": "number out of range at character 5, near .*; allowed: 0, and 0.000001 to 1000000",
    "1e999": "number out of range at character 1",
    "9e-7": "number out of range at character 1",
    "1e-999": "number out of range at character 1",
}


@pytest.mark.parametrize("text", FAULTS)
def test_what_is_wrong_is_said_with_its_place(text: object) -> None:
    with pytest.raises(ValueError, match=f"^{FAULTS[text]}"):
        formula(text)


def nested(depth: int) -> Iterator[str]:
    yield "(" * depth + "x" + ")" * depth
    yield "-" * depth + "x"
    yield "+" * depth + "x"
    yield "sin(" * depth + "x" + ")" * depth
    yield "^".join("x" * (depth + 1))
    yield "(" * depth + "0 < x < 2" + ")" * depth
    yield "|" * depth + "x" + "|" * depth
    yield "-" * (depth % 2) + "-(" * (depth // 2) + "x" + ")" * (depth // 2)


def test_bounds_are_met_and_not_passed() -> None:
    for text in nested(MAX_DEPTH):
        assert formula(formula(text).title) == formula(text)
    for text in [*nested(MAX_DEPTH + 1), "(" * 100, "-" * 200, "2^-" * 60]:
        with pytest.raises(ValueError, match=f"more than {MAX_DEPTH} levels .* at character"):
            formula(text)
    long = "+".join("x" * (MAX_NODES // 2))
    assert float(formula(long)(torch.tensor(2.0))) == MAX_NODES
    with pytest.raises(ValueError, match=f"more than {MAX_NODES} values and operations at character {MAX_NODES}"):
        formula(long + "+x")
    assert formula("x".ljust(MAX_CHARACTERS)) == formula("x")
    with pytest.raises(ValueError, match=f"more than {MAX_NODES} values and operations"):
        formula("0 < (" * 6 + "x" + " < 1) < 1" * 6)
    for text in ("x".ljust(MAX_CHARACTERS + 1), "x" * 10**6, "1e6+" * 49 + "x"):
        with pytest.raises(ValueError, match=f"at most {MAX_CHARACTERS} characters, got"):
            formula(text)
