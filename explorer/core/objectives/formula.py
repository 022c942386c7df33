"""A visitor's own f(x): text, read by a small parser into an `Expression`, and never run as Python.

The text is a stranger's and the server is shared, so everything is bounded: characters, values and operations, nesting,
the size of numbers and of exponents. Whatever is wrong is a ValueError that says what, at which character, and what is
allowed.

    whole    sum, or sums compared: u < v is 1 where it holds and 0 elsewhere, u < v < w is 1 where both hold
    sum      product, or sums and differences of products
    product  signed, or products and quotients: 2 x, 2(x+1) and (x+1) sin(x) are products too
    signed   power, or a sign and a signed
    power    atom, or atom ^ signed, or atom ² or ³
    atom     a number, x, pi, e, (whole), |whole|, or a function's name and its arguments in parentheses
"""

from __future__ import annotations

from explorer.core.objectives.bars import without_bars
from explorer.core.objectives.breaks import breaks_of
from explorer.core.objectives.expression import CONSTANTS, LEVELS, MINUS, NEGATIVE, SUM, SUPERSCRIPTS, Expression
from explorer.core.objectives.functions import COMPARISONS, FUNCTIONS
from explorer.core.objectives.objective import Objective
from explorer.core.objectives.tokens import END, NAMES, Token, fault, tokens, unknown_name

HELP = (
    f"Numbers, x, {', '.join(CONSTANTS)}, the signs + - * / and ^ or ** for powers, parentheses, bars for abs, the "
    f"comparisons > ≥ < ≤ (1 where true, 0 where not), and the functions {', '.join(NAMES)}; where(x > 0, a, b) is a "
    "where x > 0, else b."
)

MAX_CHARACTERS = 200
MAX_NODES = 100
MAX_DEPTH = 24
MAX_EXPONENT = 20
SMALLEST, LARGEST = 1e-6, 1e6

_FORMS = {1: "{}(x)", 2: "{}(x, 1)", 3: "{}(x > 0, x, 1)"}


class _Parser:
    """Reads one text. `token` is the next token, not yet taken; positions count characters from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = iter(without_bars(text, tokens(text)))
        self.nodes = 0
        self.sign_before = ""
        """The infix sign before the latest atom."""
        self.token = next(self.tokens)

    def fault(self, what: str, position: int, hint: str = "") -> ValueError:
        return fault(self.text, what, position, hint)

    def take(self) -> Token:
        taken = self.token
        self.token = next(self.tokens, taken)
        return taken

    def node(self, position: int, head: str, *arguments: Expression, number: float = 0.0) -> Expression:
        self.count(1, position)
        return Expression(head, arguments, number)

    def count(self, nodes: int, position: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise self.fault(f"more than {MAX_NODES} values and operations", position)

    def whole(self) -> Expression:
        tree = self.comparison(0)
        self.close(END, 0)
        return tree

    def comparison(self, depth: int) -> Expression:
        """Reads a sum, or sums compared; between two signs, a sum is compared on both sides."""
        left = self.level(SUM, depth)
        held: Expression | None = None
        while self.token.text in COMPARISONS:
            _, sign, position = self.take()
            self.sign_before = sign
            right = self.level(SUM, depth)
            compared = self.node(position, sign, left, right)
            if held is not None:
                self.count(left.size, position)
                compared = self.node(position, "*", held, compared)
            held, left = compared, right
        return left if held is None else held

    def close(self, wanted: str, opened: int) -> None:
        """Checks that the next token is the one that ends what has been read."""
        kind, text, position = self.token
        if wanted in (kind, text):
            return
        if kind == END:
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
            raise unknown_name(name, position)
        self.take()
        arity = FUNCTIONS[name].arity
        form = _FORMS[arity].format(name)
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
            inside.append(self.comparison(depth + 1))
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
    return Objective(
        name="formula",
        title=title,
        latex=tree.latex,
        function=tree,
        source="the visitor's own formula",
        jumps_at=lambda values: breaks_of(tree).jumps,
        kinks_at=lambda values: breaks_of(tree).kinks,
        unlisted=lambda: tree.may_jump and not breaks_of(tree).are_all,
        tame=lambda low, high: breaks_of(tree).tame(low, high),
    )
