"""The fields of a page's state: what they allow they write and read back, and nothing else do they read."""

from __future__ import annotations

import pytest

from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.core.parameters import Parameter
from explorer.pages import PAGES
from explorer.text import catalogue, languages
from explorer.visit.fields import Bytes, Field, Menu, Number, Point, Several, Text
from explorer.visit.places import Along, Places
from explorer.visit.state import PLAY, SEED, family, moved, objective, table

FIELDS = [(page.stem, field) for page in PAGES.values() for field in page.state.values()]


def values_of(field: Field) -> list[object]:
    """The default and values at the ends of what is allowed."""
    if isinstance(field, Menu):
        return list(field.names)
    if isinstance(field, Several):
        return [field.default, field.menu.names[: field.most], field.menu.names[-1:]]
    if isinstance(field, Number):
        return [field.default, *field.parameter.slider]
    if isinstance(field, Point):
        return [(0.25, -1.0), (field.extent, -field.extent)]
    if isinstance(field, Along):
        return [(0, -0.125), (field.most, field.extent)]
    if isinstance(field, Places):
        return [(0.25,), (-field.extent,) * field.most]
    if isinstance(field, Text):
        return [field.default, "x"]
    if isinstance(field, Bytes):
        return [bytes(field.length), b"\xfb" * field.length]
    return [True, False] if isinstance(field.default, bool) else [0, field.most]  # type: ignore[union-attr]


def texts(written: str | list[str]) -> list[str]:
    return written if isinstance(written, list) else [written]


@pytest.mark.parametrize("page", PAGES)
def test_a_link_says_every_value_and_no_other(page: str) -> None:
    for key, field in PAGES[page].state.items():
        assert field.key == key
        for value in values_of(field):
            assert field.allows(value), key
            assert field.read(texts(field.write(value))) == value, key  # type: ignore[arg-type]
        assert field.default is None or field.allows(field.default), key
        for bad in ("nope!", "", "nan", "inf", "1e999", "9" * 5000, "<script>alert(1)</script>", "日本語"):
            assert field.read([bad]) is None or isinstance(field, Text), f"{key}: {bad[:9]}"


@pytest.mark.parametrize("language", languages())
def test_a_menu_understands_its_labels_in_every_language(language: str) -> None:
    """Links made before keys were the state carry labels, and so do those made by hand."""
    for stem, field in FIELDS:
        menu = field.menu if isinstance(field, Several) else field
        for name in menu.names if isinstance(menu, Menu) and menu.words else ():
            assert menu.name(catalogue(language)[menu.entry(name)]) == name, f"{stem} {field.key}"
            assert menu.name(name) == name


@pytest.mark.parametrize(
    ("page", "key", "label", "name"),
    [
        ("gradient_stream", "family", "Log-Normal", "log_normal"),
        ("gradient_stream", "objective", "x²", "square"),
        ("gradient_stream", "objective", "your own f(x)", "formula"),
        ("gradient_stream", "batch", "8,000", "8000"),
        ("descent", "direction", "Uphill", "up"),
        ("latent_space", "mnist-2d.view", "Prior", "prior"),
    ],
)
def test_links_of_the_first_days_still_open(page: str, key: str, label: str, name: str) -> None:
    assert PAGES[page].state[key].read([label]) == name


def test_labels_of_estimators_in_old_links() -> None:
    field = PAGES["descent"].state["estimators"]
    assert field.read(["Score function", "nope", "Finite differences, independent"]) == (
        *("score_function", "finite_differences_independent"),
    )


def test_registries_are_the_menus() -> None:
    fields = table([*family(FAMILIES), *objective()])
    assert fields["family"] == Menu("family", tuple(FAMILIES), "normal", "family", "family", ".title")
    for owner in (*FAMILIES.values(), *OBJECTIVES.values()):
        for parameter in owner.parameters:
            assert fields[f"{owner.name}.{parameter.name}"] == Number(f"{owner.name}.{parameter.name}", parameter)


def test_a_parameter_moves_to_where_it_is_not() -> None:
    for field in moved(FAMILIES):
        assert isinstance(field, Number)
        low, high = field.parameter.slider
        assert low <= field.default <= high


@pytest.mark.parametrize("text", ["12.5", "-1", "+1", "1_0", "2147483648", " 7"])
def test_whole_numbers_are_digits(text: str) -> None:
    assert SEED.read([text]) is None


def test_the_last_of_repeated_keys_counts() -> None:
    assert SEED.read(["x", "7"]) == 7
    assert PLAY.read(["true", "false"]) is False
    assert Number("a", Parameter("a", "a", 0.0, (-1.0, 1.0))).read(["5", "0.5"]) == 0.5
