"""The text of a visitor's formula: what is wrong is said with its place, bounds hold, nothing typed does harm."""

import builtins
import math
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from explorer.core.objectives.formula import FUNCTIONS, MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, formula
from explorer.core.objectives.objective import Objective
from tests.core.grammar import GRID, Writer

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
