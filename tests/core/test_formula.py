"""A visitor's formula: what it means, how it is written back, and that nothing that is typed does harm.

The random formulas are written by a grammar of their own, which builds each one's meaning in numpy beside its
text. A point counts where it can tell: where the meaning holds still while each of its steps is wobbled by far more
than rounding, and each 0 off its place.
"""

import builtins
import math
import random
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import special

from explorer.core.formula import FUNCTIONS, HELP, MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, formula
from explorer.core.objectives import Objective

Floats = NDArray[np.float64]
X = np.linspace(-2.3, 2.9, 9)
GRID = torch.from_numpy(X)

VALUES: dict[str, Callable[[Floats], Any]] = {
    "exp(-10*x**2)": lambda x: np.exp(-10 * x**2),
    "cos(5*x)": lambda x: np.cos(5 * x),
    "-x**2": lambda x: -(x**2),
    "(-x)^2": lambda x: x**2,
    "-x²": lambda x: -(x**2),
    "x³−x": lambda x: x**3 - x,
    "x-1-2": lambda x: x - 3,
    "x-(1-2)": lambda x: x + 1,
    "8/4/2*x": lambda x: x,
    "x/2*3": lambda x: 1.5 * x,
    "x/(2*3)": lambda x: x / 6,
    "2+3*x": lambda x: 2 + 3 * x,
    "2^3^2": lambda x: 512.0,
    "(2^3)^2": lambda x: 64.0,
    "2**-x": lambda x: 0.5**x,
    "2^-x^2": lambda x: 2 ** -(x**2),
    "2^-x*3": lambda x: 3 * 2**-x,
    "2*-x": lambda x: -2 * x,
    "--x": lambda x: x,
    "+x - +1": lambda x: x - 1,
    "-2^2": lambda x: -4.0,
    "x^0": lambda x: 1.0,
    "x^-2": lambda x: x**-2,
    "x^-(2)": lambda x: x**-2,
    "x^(4/2)": lambda x: x**2,
    "2x": lambda x: 2 * x,
    "2x^2": lambda x: 2 * x**2,
    "-2x": lambda x: -2 * x,
    "1 + 2(x+1)": lambda x: 3 + 2 * x,
    "(x+1)(x-1)": lambda x: x**2 - 1,
    "x(x+1)": lambda x: x**2 + x,
    "x²(x+1)": lambda x: x**3 + x**2,
    "2 sin(x) cos(x)": lambda x: np.sin(2 * x),
    "1/2*3x": lambda x: 1.5 * x,
    "2πx": lambda x: 2 * np.pi * x,
    "3·x×2": lambda x: 6 * x,
    "pi + e": lambda x: np.pi + np.e,
    "2e": lambda x: 2 * np.e,
    "2e1": lambda x: 20.0,
    "2e-1+1E−1": lambda x: 0.3,
    ".5 + 1. + 1e-3": lambda x: 1.501,
    " \tx\n+ 1": lambda x: x + 1,
    "Exp(-X)": lambda x: np.exp(-x),
    "log(1+x^2)": lambda x: np.log1p(x**2),
    "sqrt(x)": np.sqrt,
    "tan(x)": np.tan,
    "tanh(x)": np.tanh,
    "sinh(x)": np.sinh,
    "cosh(x)": np.cosh,
    "atan(x)": np.arctan,
    "abs(x)": np.abs,
    "sigmoid(x)": special.expit,
    "softplus(x)": lambda x: np.logaddexp(x, 0),
    "relu(x)": lambda x: np.maximum(x, 0),
    "erf(x)": special.erf,
    "min(x, 1)": lambda x: np.minimum(x, 1),
    "max(x^2, 1 - x)": lambda x: np.maximum(x**2, 1 - x),
    "x^x": lambda x: np.float_power(x, x),
    "9**9**9**9": lambda x: math.inf,
    "1/0": lambda x: math.inf,
    "0/0": lambda x: math.nan,
    "log(0-1)": lambda x: math.nan,
}


@pytest.mark.parametrize("text", VALUES)
def test_values(text: str) -> None:
    with np.errstate(all="ignore"):
        expected = torch.from_numpy(np.broadcast_to(np.asarray(VALUES[text](X), dtype=float), X.shape).copy())
    torch.testing.assert_close(formula(text)(GRID), expected, rtol=1e-12, atol=1e-14, equal_nan=True)


@pytest.mark.parametrize("text", VALUES)
def test_the_title_reads_back_to_an_equal_objective(text: str) -> None:
    objective = formula(text)
    again = formula(objective.title)
    assert again == objective
    assert hash(again) == hash(objective)
    assert again.title == objective.title


def test_formulas_that_differ_are_not_equal() -> None:
    assert formula("x - 1") != formula("1 - x")
    assert formula("2*x") != formula("3*x")
    assert formula("x*x") != formula("x^2")
    assert formula(" 2 * x ") == formula("2x")


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
    "1e-6 + 1e6": ("0.000001+1000000", "0.000001 + 1000000"),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_written_as_text_and_as_latex(text: str) -> None:
    assert (formula(text).title, formula(text).latex) == WRITTEN[text]


def assert_balanced(latex: str) -> None:
    depth = 0
    for character in latex:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert latex.count(r"\left") == latex.count(r"\right")


SMOOTH = (
    "exp(-10*x**2)", "x^5 - 3x^3", "x^-2", "2^-x", "(x^2)^x", "x/(1+x^2)", "sin(x) cos(2x)", "tan(x)", "sqrt(x+3)",
    "log(x+3)", "tanh(x)", "sinh(x) cosh(x)", "atan(x)", "abs(x)", "sigmoid(3x)", "softplus(3x)", "relu(x)", "erf(x)",
    "min(x, x^3)", "max(x, 1-x)", "-x", "pi x", "x^(4/2)",
)  # fmt: skip


@pytest.mark.parametrize("text", SMOOTH)
def test_slope_equals_a_central_difference(text: str) -> None:
    """To the truncation error seen as the step halves, and rounding: 2**-50 of f, and of x through f, over the step."""
    objective, step = formula(text), 1e-4
    wide, narrow = ((objective(GRID + h) - objective(GRID - h)) / (2 * h) for h in (step, step / 2))
    rounding = 2**-50 * (objective(GRID).abs().max() + (narrow * GRID).abs().max()) / step
    assert ((objective.slope(GRID) - narrow).abs() <= (wide - narrow).abs() + rounding).all()


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [
        ("x**0", 0.0, 0.0),
        ("x**1", 0.0, 1.0),
        ("x**2", 0.0, 0.0),
        ("x**3", -2.0, 12.0),
        ("x^-1", -2.0, -0.25),
        ("x^(4/2)", -2.0, -4.0),
        ("softplus(x)", 900.0, 1.0),
        ("softplus(x)", -900.0, 0.0),
        ("sigmoid(x)", 900.0, 0.0),
        ("sigmoid(x)", -900.0, 0.0),
        ("softplus(x)", 0.0, 0.5),
        ("sqrt(x)", 0.0, math.inf),
        ("7", 1.0, 0.0),
        ("x - x", 1.0, 0.0),
    ],
)
def test_slope_by_hand(text: str, at: float, slope: float) -> None:
    assert float(formula(text).slope(torch.tensor(at, dtype=torch.float64))) == slope


@pytest.mark.parametrize("text", ["abs(x)", "relu(x)", "min(x, -x)", "max(x, 2x)"])
def test_slope_at_a_kink_is_finite(text: str) -> None:
    assert formula(text).slope(torch.zeros(1)).isfinite().all()


def test_softplus_is_exact_where_it_nearly_is_x() -> None:
    x = torch.tensor([22.0, 30.0, 1000.0], dtype=torch.float64)
    torch.testing.assert_close(
        formula("softplus(x) - x")(x)[0], torch.tensor(math.exp(-22)).double(), rtol=1e-5, atol=0
    )
    assert formula("softplus(x)")(x).isfinite().all()


@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("text", ["3", "pi/0", "x", "0.1x^2 + e", "max(1, x)", "2^3 + softplus(x^2^-1)"])
def test_shape_and_type_are_those_of_x(text: str, dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    x = torch.ones(shape, dtype=dtype)
    for value in (formula(text)(x), formula(text).slope(x)):
        assert value.shape == x.shape
        assert value.dtype == x.dtype
        assert value.device == x.device
    with torch.no_grad():
        assert not formula(text)(x).requires_grad


def test_a_constant_may_be_written_to() -> None:
    value = formula("2")(GRID)
    value[0] = 1.0
    assert value.tolist() == [1.0] + [2.0] * (len(X) - 1)


JUMPS = (
    "1/x", "1/(x-1)", "1/(1+x^2)", "x^-1", "x^(1-3)", "tan(x)", "log(x)", "1 + sin(2/x)", "exp(-1/x)", "x^x", "0^x",
    "x/0", "atan(x exp(1000))", "x^(1/0)",
)  # fmt: skip
CONTINUOUS = (
    "3", "x", "x/2", "x^3", "x^0.5", "x^(1/3)", "2^x", "2^-x", "e^(-x)", "abs(x)", "min(x, 1)", "max(x, 1)", "relu(x)",
    "sqrt(x)", "log(2) x", "tan(1) x", "x/log(3)", "x*2^-1", "sigmoid(9x)",
)  # fmt: skip


@pytest.mark.parametrize("text", [*JUMPS, *CONTINUOUS])
def test_what_may_jump(text: str) -> None:
    assert formula(text).may_jump == (text in JUMPS)
    assert formula(text).smooth


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
    for text in ("x".ljust(MAX_CHARACTERS + 1), "x" * 10**6, "1e6+" * 49 + "x"):
        with pytest.raises(ValueError, match=f"at most {MAX_CHARACTERS} characters, got"):
            formula(text)


def test_every_function_is_listed_and_works() -> None:
    for name in FUNCTIONS:
        assert name in HELP
        assert formula(f"{name}(x)" if name not in ("min", "max") else f"{name}(x, x)")(GRID).shape == GRID.shape


Wobble = Callable[[Any], Any]
Meaning = Callable[[Floats, Wobble], Any]
NUMPY: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh,
    "sinh": np.sinh, "cosh": np.cosh, "atan": np.arctan, "abs": np.abs, "sigmoid": special.expit,
    "softplus": lambda u: np.logaddexp(u, 0), "relu": lambda u: np.maximum(u, 0), "erf": special.erf,
    "min": np.minimum, "max": np.maximum,
}  # fmt: skip
NUMBERS = ("0", "1", "2", "3", "7", "0.5", ".25", "1.", "1e-3", "2.5E0", "12", "1e1")


class Writer:
    """Writes formulas by the grammar: each rule gives a text and what it means."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.budget = 0.0
        self.depth = 0
        self.deepest = 0

    def formula(self) -> tuple[str, Meaning]:
        """One of at most 120 characters, so that it stays within bounds written in full."""
        while True:
            self.budget, self.deepest = self.random.uniform(1, 25), 0
            text, meaning = self.sum()
            if len(text) <= 120 and self.deepest <= MAX_DEPTH:
                return text, meaning

    def chance(self, probability: float) -> bool:
        """True less often as the formula grows, so that it ends."""
        self.budget -= 0.3
        return self.budget > 0 and self.random.random() < probability

    def inside(self, rule: Callable[[], tuple[str, Meaning]]) -> tuple[str, Meaning]:
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        written = rule()
        self.depth -= 1
        return written

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def sum(self) -> tuple[str, Meaning]:
        text, meaning = self.product()
        while self.chance(0.4):
            sign, (more, right) = self.pick("+", "-", "−"), self.product()
            text += self.pick("", " ") + sign + self.pick("", " ") + more
            meaning = combined(np.add if sign == "+" else np.subtract, meaning, right)
        return text, meaning

    def product(self) -> tuple[str, Meaning]:
        text, meaning = self.signed()
        clear = "^" not in text and "**" not in text
        while self.chance(0.4):
            if clear and self.chance(0.3):
                more, right = self.group() if self.chance(0.5) else self.call()
                text += (" " if text[-1].isalpha() else self.pick("", " ")) + more
                meaning = combined(np.multiply, meaning, right)
                continue
            sign, (more, right) = self.pick("*", "*", "·", "×", "/"), self.signed()
            text += self.pick("", " ") + sign + self.pick("", " ") + more
            meaning = combined(np.divide if sign == "/" else np.multiply, meaning, right)
            clear = sign != "/" and "^" not in more and "**" not in more
        return text, meaning

    def signed(self) -> tuple[str, Meaning]:
        if not self.chance(0.2):
            return self.power()
        sign, (text, meaning) = self.pick("-", "−", "+"), self.inside(self.signed)
        return sign + text, meaning if sign == "+" else (lambda x, wobble: -meaning(x, wobble))

    def power(self) -> tuple[str, Meaning]:
        text, meaning = self.atom()
        if not self.chance(0.3):
            return text, meaning
        if self.chance(0.3):
            superscript = self.pick("²", "³")
            return text + superscript, combined(np.float_power, meaning, constant({"²": 2.0, "³": 3.0}[superscript]))
        more, right = self.inside(self.signed)
        return text + self.pick("^", "**") + more, combined(np.float_power, meaning, right)

    def atom(self) -> tuple[str, Meaning]:
        if self.chance(0.25):
            return self.group()
        if self.chance(0.5):
            return self.call()
        if self.random.random() < 0.6:
            return "x", lambda x, wobble: x
        if self.random.random() < 0.3:
            name = self.pick("pi", "e", "π")
            return name, constant(np.e if name == "e" else np.pi)
        number = self.pick(*NUMBERS)
        return number, constant(float(number))

    def group(self) -> tuple[str, Meaning]:
        text, meaning = self.inside(self.sum)
        return f"({text})", meaning

    def call(self) -> tuple[str, Meaning]:
        name = self.pick(*NUMPY)
        text, meaning = self.inside(self.sum)
        if name not in ("min", "max"):
            return f"{name}({text})", applied(NUMPY[name], meaning)
        more, right = self.inside(self.sum)
        return f"{name}({text},{self.pick('', ' ')}{more})", combined(NUMPY[name], meaning, right)


def constant(value: float) -> Meaning:
    return lambda x, wobble: np.float64(value)


def applied(function: Callable[[Any], Any], inner: Meaning) -> Meaning:
    return lambda x, wobble: wobble(function(inner(x, wobble)))


def combined(function: Callable[[Any, Any], Any], left: Meaning, right: Meaning) -> Meaning:
    return lambda x, wobble: wobble(function(left(x, wobble), right(x, wobble)))


def test_random_formulas_mean_what_their_grammar_says() -> None:
    writer, noise = Writer(0), random.Random(0)
    told, slowest = 0, 0.0
    for _ in range(10_000):
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
    assert told > 0.9 * 10_000 * len(X)


def test_the_latex_of_random_formulas_means_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as a reader would: braces and bars group, a space multiplies. That takes more than a visitor may write."""
    writer, noise = Writer(2), random.Random(2)
    written = [writer.formula() for _ in range(1000)]
    objectives = [formula(text) for text, _ in written]
    for bound in ("MAX_CHARACTERS", "MAX_DEPTH", "MAX_EXPONENT", "MAX_NODES"):
        monkeypatch.setattr(f"explorer.core.formula.{bound}", 10_000)
    for objective, (text, meaning) in zip(objectives, written, strict=True):
        expected, tells = understood(meaning, noise)
        value = formula(plain(objective.latex))(GRID).numpy()
        assert same(value, expected)[tells].all(), (text, objective.latex, value, expected)


def plain(latex: str) -> str:
    for mark, meant in (
        (r"\left|", "abs("), (r"\right|", ")"), (r"\left", ""), (r"\right", ""), (r"\arctan", "atan"),
        (" + ", "+"), (" - ", "-"), (r" \cdot ", "*"), (", ", ","), (" ", "*"),
    ):  # fmt: skip
        latex = latex.replace(mark, meant)
    before = ""
    while before != latex:
        before = latex
        latex = re.sub(r"\\operatorname{(\w+)}", r"\1", latex)
        latex = re.sub(r"\\frac{([^{}]*)}{([^{}]*)}", r"((\1)/(\2))", latex)
        latex = re.sub(r"(\^|\\sqrt){([^{}]*)}", r"\1(\2)", latex)
    return latex.replace("\\", "")


def understood(meaning: Meaning, noise: random.Random) -> tuple[Floats, NDArray[np.bool_]]:
    """What a formula is worth on X, and at which points that can tell."""

    def wobble(value: Any) -> Any:
        sign = noise.choice((-1, 1))
        return value * (1 + 1e-12 * sign) + 1e-300 * sign

    with np.errstate(all="ignore"):
        expected = np.broadcast_to(meaning(X, lambda value: value), X.shape)
        tells = np.logical_and.reduce([same(meaning(X, wobble), expected) for _ in range(2)])
    return expected, tells


def same(value: Any, expected: Floats) -> NDArray[np.bool_]:
    return np.isclose(value, expected, rtol=1e-6, atol=1e-9, equal_nan=True)


PAYLOADS: tuple[Any, ...] = (
    "__import__('os').system('x')", "x.__class__", "x.__class__.__mro__[1].__subclasses__()", "lambda: 0",
    "(lambda:0)()", "open('/etc/passwd')", "exec('1')", "eval('1')", "exec(x)", "eval(x)", "compile(x)", "print(x)",
    "globals()", "x.x", "f'{x}'", "f'{__import__(\"os\")}'", "'%s' % x", "{x}", "{{7*7}}", "${7*7}", "x if x else 1",
    "x;x", "x\nimport os", "x:=1", "x=1", "[x for x in x]", "*x", "**x", "x or 1", "not x", "x<1", "x//2", "x%2", "x@x",
    "~x", "x|x", "x&x", "x>>1", "0x10", "0b1", "1_000", "1j", "1e", "1e+", "1.2.3", "..", ".", "...", "None", "True",
    "nan", "inf", "-inf", "[x](http://evil.example)", "![x](http://evil.example/x.png)", "<script>alert(1)</script>",
    "<img src=x onerror=1>", "http://evil.example", "www.evil.example", "x@evil.example", ":red[x]", "$x$", "`x`",
    "**x**", "_x_", "# x", "| x |", "9**9**9**9", "9^9^9^9^9^9^9^9", "(" * 1000, ")" * 1000, "-" * 5000, "x" * 10**6,
    "(" * 90 + "x" + ")" * 90, "-" * 199 + "x", "2**" * 66 + "2", "sin(" * 49 + "x", "9" * 199, "9" * 10**6,
    "1e" + "9" * 190, "." + "0" * 190 + "1", "x" + "²" * 199, "x(" * 99, "min(" * 49, "max(x," * 33, "," * 200, "x,x",
    "\0", "x\0", "\u202ex\u202c", "\u2066x\u2069", "\ufeffx", "x\u200b", "\ud800", "\U0010ffff", "ｘ", "х", "𝑥", "١",
    "²", "²x", "x⁴", "½", "∞", "ℯ", "é", "e\u0301", "😀", "ßin(x)", "ſin(x)", "K", "\x1b[31mx", "\r\n", "\x85x", "\\x",
    "\\frac{1}{2}", None, True, 1, 1.5, math.nan, b"x", [], {}, ("x",), object(), formula, type,
)  # fmt: skip


def hostile() -> Iterator[object]:
    """A thousand: what is known to be tried, noise of several kinds, and formulas a few slips from a good one."""
    yield from PAYLOADS
    chance, writer = random.Random(1), Writer(1)
    words = (
        *FUNCTIONS,
        *"xyeπ0123456789.+-*/^(),²³−·× \n",
        "pi",
        "**",
        "1e5",
        "import",
        "__",
        "lambda ",
        "[",
        "]",
        "<",
        "'",
    )
    for index in range(1000 - len(PAYLOADS)):
        length = chance.randrange(1, 60)
        if index % 4 == 0:
            yield "".join(chr(chance.randrange(0x110000)) for _ in range(length))
        elif index % 4 == 1:
            yield chance.randbytes(length).decode("latin-1")
        elif index % 4 == 2:
            yield "".join(chance.choices(words, k=length))
        else:
            text = list(writer.formula()[0])
            for _ in range(chance.randrange(1, 4)):
                place = chance.randrange(len(text) + 1)
                text[place : place + chance.randrange(2)] = chance.choice(words) * chance.randrange(2)
            yield "".join(text)


def forbidden(*arguments: object, **options: object) -> None:
    raise AssertionError("the text was run")


def test_hostile_text_gives_an_objective_or_a_clear_error() -> None:
    accepted, slowest = 0, 0.0
    for text in hostile():
        begun = time.process_time()
        objective, message = attempt(text)
        slowest = max(slowest, time.process_time() - begun)
        if objective:
            accepted += 1
            assert objective(GRID).shape == GRID.shape
            assert formula(objective.title) == objective
            continue
        assert 20 < len(message) < 300, message
        assert message.isprintable()
        assert not any(mark in message for mark in ("[", "]", "<", ">", "`", "$", "_", "**", "://", "www.")), message
        assert "at character " in message or message.startswith(("the formula is", "a formula m")), message
    assert slowest < 1
    assert 50 < accepted < 500


def attempt(text: object) -> tuple[Objective | None, str]:
    """What `formula` makes of a text where nothing can be run, opened or imported."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("eval", "exec", "compile", "open", "__import__"):
            patch.setattr(builtins, name, forbidden)
        try:
            return formula(text), ""
        except ValueError as error:
            return None, str(error)
