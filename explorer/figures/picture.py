"""What a figure function returns: a plain Plotly specification in two parts.

What does not change while a picture lives is built once and held by the browser; what changes is sent as arrays. A film
and a live update move the same things in the same way.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from torch import Tensor

Moving: TypeAlias = tuple[int, str, Any]
"""(trace index, attribute such as "y" or "marker.size", its values): an array, a tensor or a list."""
Update: TypeAlias = tuple[int, str, Tensor]
"""(trace index, attribute, (F, n) values): what moves in a film, a row a frame; one row where all frames are alike."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A Plotly figure: the still part, and what is put into it. Nothing of it has been validated; the tests do that."""

    still: dict[str, Any]
    """{"data": [trace, …], "layout": {…}}, plain: numbers, strings, lists, mappings and arrays."""
    moving: Sequence[Moving] = ()
    layout: Sequence[tuple[str, Any]] = ()
    """Values of the layout that move: ("yaxis.range", [0, 1]), ("annotations.0.text", "…")."""

    def whole(self) -> dict[str, Any]:
        """Both parts in one specification."""
        both = copy.deepcopy(self.still)
        for trace, attribute, values in self.moving:
            put(both["data"][trace], attribute, values)
        for path, value in self.layout:
            put(both["layout"], path, value)
        return both


def put(target: Any, path: str, value: Any) -> None:
    """Sets target["a"][0]["b"] for the path "a.0.b"; mappings on the way are made where they are missing."""
    *before, last = (int(part) if part.isdigit() else part for part in path.split("."))
    for part in before:
        target = target[part] if isinstance(part, int) else target.setdefault(part, {})
    target[last] = value


def at_frame(updates: Sequence[Update], frame: int) -> list[Moving]:
    """What a film moves, as it stands at one of its frames."""
    return [(trace, attribute, values[frame if len(values) > 1 else 0]) for trace, attribute, values in updates]
