"""A visitor's own f(x): text, read by a small parser into an `Expression`, and never run as Python.

The text is a stranger's and the server is shared, so everything is bounded: characters, values and operations, nesting,
the size of numbers and of exponents. Whatever is wrong is a ValueError that says what, at which character, and what is
allowed. Its text may be shown as Markdown: it quotes a few characters of the formula at most, and of those only what
Markdown and HTML leave alone.

    sum      product, or sums and differences of products
    product  signed, or products and quotients: 2 x, 2(x+1) and (x+1) sin(x) are products too
    signed   power, or a sign and a signed
    power    atom, or atom ^ signed, or atom ² or ³
    atom     a number, x, pi, e, (sum), or a function's name and its arguments in parentheses
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from explorer.core.objectives import expression
from explorer.core.objectives.breaks import breaks_of
from explorer.core.objectives.expression import CONSTANTS, LEVELS, MINUS, NEGATIVE, SUM, SUPERSCRIPTS, Expression
from explorer.core.objectives.objective import Objective

FUNCTIONS: tuple[str, ...] = tuple(expression.FUNCTIONS)
HELP = (
    f"Numbers, x, {', '.join(CONSTANTS)}, the signs + - * / and ^ or ** for powers, parentheses, "
    f"and the functions {', '.join(FUNCTIONS)}."
)
_ALLOWED = f"allowed: x, {', '.join(CONSTANTS)} and {', '.join(FUNCTIONS)}"

MAX_CHARACTERS = 200
MAX_NODES = 100
MAX_DEPTH = 24
MAX_EXPONENT = 20
SMALLEST, LARGEST = 1e-6, 1e6

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+−]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*|π)"
    r"|(?P<sign>\*\*|[-+*/^(),²³−·×])"
)
_SPACE = re.compile(r"\s*")
_SPELLINGS = {"**": "^", "−": "-", "·": "*", "×": "*", "π": "pi"}
_EXCERPT = 12
_UNSAFE = re.compile(r"[^A-Za-z0-9+/^(),. ·−²³π-]|(?<=[A-Za-z])\.|\.(?=[A-Za-z])")


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


def _harmless(fragment: str) -> str:
    """A fragment that forms no link, image, tag, emphasis or mathematics where Markdown is shown."""
    return _UNSAFE.sub("?", fragment.replace("**", "^").replace("*", "·"))


class _Parser:
    """Reads one text. `token` is the next token, not yet taken; positions count characters from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = 0
        self.nodes = 0
        self.sign_before = ""
        """The infix sign before the latest atom."""
        self.token = self.next_token()

    def fault(self, what: str, position: int, hint: str = "") -> ValueError:
        start = max(0, position - 1 - _EXCERPT // 2)
        excerpt = _harmless(self.text[start : start + _EXCERPT])
        return ValueError(f"{what} at character {position}, near '{excerpt}'{hint and '; '}{hint}")

    def next_token(self) -> _Token:
        space = _SPACE.match(self.text, self.end)
        start = space.end() if space else self.end
        if start == len(self.text):
            return _Token("end", "", start + 1)
        match = _TOKEN.match(self.text, start)
        if match is None or match.lastgroup is None:
            character = self.text[start]
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            raise self.fault(f"unexpected {name if name.startswith('U+') else name.lower()}", start + 1, _ALLOWED)
        self.end = match.end()
        text = match.group().lower() if match.lastgroup == "name" else match.group()
        return _Token(match.lastgroup, _SPELLINGS.get(text, text), start + 1)

    def take(self) -> _Token:
        taken, self.token = self.token, self.next_token()
        return taken

    def node(self, position: int, head: str, *arguments: Expression, number: float = 0.0) -> Expression:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fault(f"more than {MAX_NODES} values and operations", position)
        return Expression(head, arguments, number)

    def whole(self) -> Expression:
        tree = self.level(SUM, 0)
        self.close("end", 0)
        return tree

    def close(self, wanted: str, opened: int) -> None:
        """Checks that the next token is the one that ends what has been read."""
        kind, text, position = self.token
        if wanted in (kind, text):
            return
        if kind == "end":
            raise self.fault("a parenthesis is never closed: it opens", opened)
        if kind == "number":
            raise self.fault("a sign is missing", position, "write * to multiply, ^ for a power")
        if text == ",":
            raise self.fault("unexpected comma", position, "a decimal number is written with a point, as 0.5")
        raise self.fault("a closing parenthesis too many", position)

    def level(self, least: int, depth: int) -> Expression:
        """Reads operations that bind at least as tightly as `least`."""
        left = self.signed(depth)
        while True:
            kind, text, position = self.token
            beside = kind == "name" or text == "("
            sign = "*" if beside else text
            if sign in SUPERSCRIPTS:
                left = self.superscript(left)
                continue
            binding = LEVELS.get(sign, 0)
            if binding < least:
                return left
            if beside and self.sign_before in ("/", "^"):
                raise self.fault("unclear product", position, "write * to multiply, or parentheses")
            if not beside:
                self.take()
            self.sign_before = sign
            if sign == "^":
                left = self.node(position, "^", left, self.exponent(depth + 1))
            else:
                left = self.node(position, sign, left, self.level(binding + 1, depth))

    def exponent(self, depth: int) -> Expression:
        position = self.token.position
        exponent = self.level(LEVELS["^"], depth)
        if exponent.literal is not None and abs(exponent.literal) > MAX_EXPONENT:
            raise self.fault("exponent too large", position, f"allowed: -{MAX_EXPONENT} to {MAX_EXPONENT}")
        return exponent

    def superscript(self, base: Expression) -> Expression:
        _, text, position = self.take()
        if self.token.text == "^" or self.token.text in SUPERSCRIPTS:
            raise self.fault("a power after a superscript", self.token.position, "write parentheses")
        return self.node(position, "^", base, self.node(position, "number", number=SUPERSCRIPTS[text]))

    def signed(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise self.fault(f"more than {MAX_DEPTH} levels of parentheses, signs and powers", self.token.position)
        if self.token.text in ("+", "-"):
            _, sign, position = self.take()
            operand = self.level(MINUS, depth + 1)
            return operand if sign == "+" else self.node(position, NEGATIVE, operand)
        return self.atom(depth)

    def atom(self, depth: int) -> Expression:
        kind, text, position = self.token
        if kind == "number":
            return self.number()
        if kind == "name":
            return self.name(depth)
        if text != "(":
            raise self.fault("a value is missing", position, "expected a number, x, a function or a parenthesis")
        return self.group(depth)[0]

    def number(self) -> Expression:
        _, text, position = self.take()
        number = float(text.replace("−", "-"))
        is_zero = not text.lower().partition("e")[0].strip("0.")
        if not (is_zero or SMALLEST <= number <= LARGEST):
            raise self.fault("number out of range", position, f"allowed: 0, and {SMALLEST:f} to {LARGEST:.0f}")
        return self.node(position, "number", number=number)

    def name(self, depth: int) -> Expression:
        _, name, position = self.token
        if name == "x" or name in CONSTANTS:
            self.take()
            return self.node(position, name)
        if name not in FUNCTIONS:
            shown = _harmless(name[:_EXCERPT]) + "…" * (len(name) > _EXCERPT)
            raise ValueError(f"unknown name '{shown}' at character {position}; {_ALLOWED}")
        self.take()
        arity = expression.FUNCTIONS[name].arity
        form = f"{name}(x)" if arity == 1 else f"{name}(x, 1)"
        if self.token.text != "(":
            raise self.fault(f"{name} without parentheses", position, f"write {form}")
        arguments = self.group(depth, arity)
        if len(arguments) != arity:
            raise self.fault(f"{name} needs {arity} arguments", position, f"write {form}")
        return self.node(position, name, *arguments)

    def group(self, depth: int, most: int = 1) -> list[Expression]:
        """Reads up to `most` expressions in parentheses."""
        before = self.sign_before
        opened = self.take().position
        inside: list[Expression] = []
        while not inside or (self.token.text == "," and len(inside) < most):
            if inside:
                self.take()
            self.sign_before = ""
            inside.append(self.level(SUM, depth + 1))
        self.close(")", opened)
        self.take()
        self.sign_before = before
        return inside


def formula(text: object) -> Objective:
    """The objective that a text such as "exp(-10*x**2)" writes. Raises ValueError: what is wrong and where.

    Its title is the canonical text, which `formula` reads back to an equal objective.
    """
    if not isinstance(text, str):
        raise ValueError(f"a formula must be text such as exp(-10*x^2), got {type(text).__name__}")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"a formula may have at most {MAX_CHARACTERS} characters, got {len(text)}")
    if not text.strip():
        raise ValueError("the formula is empty; write one such as exp(-10*x^2)")
    tree = _Parser(text).whole()
    title = str(tree)
    if len(title) > MAX_CHARACTERS:
        raise ValueError(f"a formula may have at most {MAX_CHARACTERS} characters, got {len(title)} written in full")
    return _objective(tree, title)


def _objective(tree: Expression, title: str) -> Objective:
    return Objective(
        name="formula",
        title=title,
        latex=tree.latex,
        function=tree,
        source="the visitor's own formula",
        jumps_at=lambda values: breaks_of(tree).jumps,
        kinks_at=lambda values: breaks_of(tree).kinks,
        may_jump=tree.may_jump and not breaks_of(tree).are_all,
        tame=lambda low, high: breaks_of(tree).tame(low, high),
    )
