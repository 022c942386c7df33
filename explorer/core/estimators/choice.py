"""Several estimators side by side, each at its own settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from explorer.core.estimators.contract import Estimator, get_estimator


class Choice(Mapping[str, Estimator]):
    """Estimators by name, in the order given; iterating gives the names.

    Equal, and of one hash, when the same estimators stand in the same order at the same settings. Raises ValueError on
    an unknown name, or when one estimator is there twice: pictures and tables tell them by name.
    """

    def __init__(self, estimators: Iterable[object]) -> None:
        given = estimators.values() if isinstance(estimators, Choice) else estimators
        found = [get_estimator(each) for each in given]
        self._methods = {method.name: method for method in found}
        if len(self._methods) < len(found):
            raise ValueError(f"each estimator may be chosen once, got {', '.join(method.name for method in found)}")

    def __getitem__(self, name: str) -> Estimator:
        return self._methods[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._methods)

    def __len__(self) -> int:
        return len(self._methods)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choice) and tuple(self.values()) == tuple(other.values())

    def __hash__(self) -> int:
        return hash(tuple(self.values()))
