"""Bars |u| in a formula become abs(u).

A bar says not whether it opens or closes. Every reading in which the bars pair within their parentheses is followed; a
text with none, or with two, is refused. A bar where a value is expected opens. After a value it closes, or opens a
factor of a product, as in 2|x|: it does not open before a sign inside other bars (2|x| + 3|x| is a sum), nor before
what cannot begin a value.
"""

from __future__ import annotations

from explorer.core.objectives.tokens import BAR, END, Token, fault

_ASK = "write abs() in place of the bars"
_Roles = dict[int, bool]
"""Whether a bar, by its token's index, opens."""


def without_bars(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens with abs( and ) in place of bars. Raises ValueError where they pair in no way, or in two."""
    roles: _Roles = {}
    for bars in _by_parentheses(tokens):
        roles |= _pair(text, tokens, bars)
    written: list[Token] = []
    for index, token in enumerate(tokens):
        if index not in roles:
            written.append(token)
        elif roles[index]:
            written += (Token("name", "abs", token.position), Token("sign", "(", token.position))
        else:
            written.append(Token("sign", ")", token.position))
    return written


def _by_parentheses(tokens: list[Token]) -> list[list[int]]:
    """The indices of the bars that may pair: in the same parentheses, and on the same side of a comma."""
    groups: list[list[int]] = []
    open_groups: list[list[int]] = [[]]
    for index, token in enumerate(tokens):
        if token.text == BAR:
            open_groups[-1].append(index)
        elif token.text == "(":
            open_groups.append([])
        elif token.text in (")", ",") or token.kind == END:
            groups.append(open_groups.pop())
            if token.text == "," or not open_groups:
                open_groups.append([])
    return groups + open_groups


def _pair(text: str, tokens: list[Token], bars: list[int]) -> _Roles:
    """The one reading of these bars."""
    readings: list[tuple[int, _Roles]] = [(0, {})]
    """How many bars are open, and how each was read. Of those that end alike, two tell that there is more than one."""
    for index in bars:
        longer: dict[tuple[int, bool], list[_Roles]] = {}
        for depth, roles in readings:
            for opens in _choices(tokens, index, depth, roles):
                alike = longer.setdefault((depth + (1 if opens else -1), opens), [])
                if len(alike) < 2:
                    alike.append({**roles, index: opens})
        if not longer:
            raise fault(text, "a bar closes nothing", tokens[index].position, _ASK)
        readings = [(depth, roles) for (depth, _), found in longer.items() for roles in found]
    whole = [roles for depth, roles in readings if depth == 0]
    if not whole:
        _, roles = min(readings, key=lambda reading: reading[0])
        raise fault(text, "a bar is never closed: it opens", tokens[_last_open(roles)].position, _ASK)
    if len(whole) > 1:
        unclear = next(index for index in bars if whole[0][index] != whole[1][index])
        raise fault(text, "unclear bars", tokens[unclear].position, f"{_ASK}, or * between factors")
    return whole[0]


def _choices(tokens: list[Token], index: int, depth: int, roles: _Roles) -> list[bool]:
    """Whether the bar may open (True), close (False), or either."""
    before, after = tokens[index - 1] if index else None, tokens[index + 1]
    if before is None or roles.get(index - 1, not _ends_a_value(before)):
        return [True]
    begins = after.kind in ("number", "name") or after.text in ("(", BAR)
    opens = begins or (after.text in ("+", "-") and depth == 0)
    return [True] * opens + [False] * (depth > 0)


def _ends_a_value(token: Token) -> bool:
    return token.kind in ("number", "name") or token.text in (")", "²", "³")


def _last_open(roles: _Roles) -> int:
    """The bar that is still open, the innermost of them."""
    still_open: list[int] = []
    for index, opens in roles.items():
        if opens:
            still_open.append(index)
        else:
            still_open.pop()
    return still_open[-1]
