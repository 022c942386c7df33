"""Whatever is typed as a formula does no harm: it is not run, not shown as anything but text, and answered in time."""

import builtins
import math
import random
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from explorer.core.objectives.formula import formula
from explorer.core.objectives.objective import Objective
from explorer.core.objectives.tokens import NAMES
from tests.core.grammar import GRID, Writer

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
        *NAMES,
        *"xyeπ0123456789.+-*/^(),²³−·× \n",
        "pi",
        "**",
        "1e5",
        "import",
        "__",
        "lambda ",
        "[",
        "]",
        "|",
        "<",
        ">=",
        "≤",
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
        assert not harmful(objective.title if objective else message), text
        if objective:
            accepted += 1
            assert objective(GRID).shape == GRID.shape
            assert formula(objective.title) == objective
            continue
        assert 20 < len(message) < 300, message
        assert message.isprintable()
        assert "at character " in message or message.startswith(("the formula is", "a formula m")), message
    assert slowest < 1
    assert 50 < accepted < 500


HARM = re.compile(r"[]\[`$_~|\\\n]|\*\*|://|www\.|<(?! )|^\s*[>#]")


def harmful(shown: str) -> bool:
    """Whether Markdown or HTML takes a part of it for its own: a < before a space opens no tag."""
    return bool(HARM.search(shown))


def test_what_is_harmful_is_found() -> None:
    assert all(map(harmful, ("x<y", "a|b", "[x](y)", "> x", "# x", "<b>")))
    assert not any(map(harmful, ("0 < x < 1", "x > 1 − x", "a bar, near '∣x∣'", "exp(−10·x²)")))


def attempt(text: object) -> tuple[Objective | None, str]:
    """What `formula` makes of a text where nothing can be run, opened or imported."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("eval", "exec", "compile", "open", "__import__"):
            patch.setattr(builtins, name, forbidden)
        try:
            return formula(text), ""
        except ValueError as error:
            return None, str(error)
