"""The catalogue of short strings: each key used exists, each that exists is used, each part is filled in.

And what a visitor reads stands nowhere else: the code of pages, of the visit and of verdicts holds keys alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import explorer
from explorer.core.estimators import ESTIMATORS, Estimator
from explorer.core.families import FAMILIES
from explorer.core.objectives.catalogue import OBJECTIVES
from explorer.pages import PAGES
from explorer.text import catalogue, counted, languages, understood, word
from explorer.vae.gradients import BERNOULLI, NORMAL
from explorer.visit.fields import Menu, Several, Switch, Whole
from explorer.visit.state import FORMULA

ROOT = Path(explorer.__path__[0])
FILES = [path for path in (ROOT.parent / "app.py", *sorted(ROOT.rglob("*.py"))) if path.parent.name != "text"]
SPEAKING = [
    path for path in FILES if path.relative_to(ROOT.parent).parts[1:2] in {("pages",), ("visit",), ("verdicts",)}
]
ANY = "[a-z0-9_-]+"


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name and node.args:
                yield path, node


def patterns(node: ast.expr) -> list[str]:
    """The keys an expression may be, as regular expressions; none for one that is made elsewhere."""
    if isinstance(node, ast.Constant):
        return [re.escape(str(node.value))]
    if isinstance(node, ast.IfExp):
        return [*patterns(node.body), *patterns(node.orelse)]
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        return ["".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ANY for part in node.values)]
    return []


def uses() -> Iterator[tuple[str, str, set[str] | None]]:
    """(where, key as a regular expression, the parts filled in; None where they are not spelt out)."""
    for path, node in calls("word"):
        named = {keyword.arg for keyword in node.keywords}
        # What a component's own script shows, that script fills in.
        parts = None if None in named or "components" in path.parts else {str(name) for name in named}
        for key in patterns(node.args[0]):
            yield f"{path.name}:{node.lineno}", key, parts
    for path, node in calls("counted"):
        for key in patterns(node.args[0]):
            for form in ("one", "many"):
                named = {str(keyword.arg) for keyword in node.keywords}
                yield f"{path.name}:{node.lineno}", rf"{key}\.{form}", {"n", *named}


def fields_keys() -> set[str]:
    """The keys that the fields of the pages name."""
    found = set()
    for page in PAGES.values():
        for field in page.state.values():
            if isinstance(field, Menu | Whole | Switch):
                found.add(f"control.{field.label}")
            menu = field.menu if isinstance(field, Several) else field
            if isinstance(field, Several):
                found.add(f"control.{field.menu.label}")
            if isinstance(menu, Menu) and menu.words:
                found |= {menu.entry(name) for name in menu.names}
    return found


def test_every_key_that_is_used_exists_and_every_key_that_exists_is_used() -> None:
    known, used = set(catalogue()), fields_keys()
    assert used <= known
    for where, pattern, _ in uses():
        found = {key for key in known if re.fullmatch(pattern, key)}
        assert found, f"{where}: {pattern}"
        # A menu's own labels are named by its fields, which say exactly which.
        if pattern != rf"control\.{ANY}":
            used |= found
    for node in (tree for path in SPEAKING for tree in ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Constant) and node.value in known:
            used.add(str(node.value))
    assert known - used == set()


IN_THE_BROWSER = r"(chart|latent_pad|path_pad)\."
"""What components say by themselves: its parts are filled in by the browser."""


def test_every_part_is_filled_in_and_no_other() -> None:
    for where, pattern, parts in uses():
        if re.match(IN_THE_BROWSER, pattern.replace("\\", "")):
            continue
        for key, text in catalogue().items():
            if parts is not None and re.fullmatch(pattern, key):
                wanted = {name for _, name, _, _ in Formatter().parse(text) if name} if parts else set()
                assert wanted <= parts, f"{where}: {key} wants {wanted - parts}"
                assert parts or "{" not in text, f"{where}: {key} has parts that nobody fills in"


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_key_with_the_same_parts(language: str) -> None:
    def parts(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text)} - {None}

    strings = catalogue(language)
    assert strings.keys() == catalogue().keys()
    assert all(parts(strings[key]) == parts(text) for key, text in catalogue().items())


def test_registries_are_named() -> None:
    for name in FAMILIES:
        assert word(f"family.{name}.title")
    for name in (*OBJECTIVES, FORMULA):
        assert word(f"objective.{name}.title")
    for name in (*ESTIMATORS, *NORMAL, *BERNOULLI):
        assert word(f"estimator.{name}.title")
        assert word(f"estimator.{name}.short")
        assert word(f"estimator.{name}.fails")
    for page in PAGES.values():
        assert word(f"page.{page.stem}.title")
        assert word(f"room.{page.room}")


def test_titles_are_those_of_the_notebooks() -> None:
    """English is the language of error messages too: there and on the screen a thing has one name."""
    for kind, registry in {"family": FAMILIES, "objective": OBJECTIVES, "estimator": ESTIMATORS}.items():
        for name, entry in registry.items():
            said = entry.said if isinstance(entry, Estimator) else {}
            assert word(f"{kind}.{name}.title", **said) == entry.title  # type: ignore[attr-defined]


def test_one_and_many() -> None:
    assert counted("descent.steps", 1) == "1 step"
    assert counted("descent.steps", 1_000) == "1,000 steps"


def test_a_label_is_understood() -> None:
    assert "family.log_normal.title" in understood("Log-Normal")
    assert not understood("nobody says this")


WORD = re.compile("[A-Za-zÀ-ɏऀ-ॿ]{2,}")


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Every text of a file but docstrings, names of types and the scripts that a page offers, which are code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spared = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            spared.add(node.value)
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id.endswith("SNIPPET")
        ):
            spared.add(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cast":
            spared.add(node.args[0])
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in spared:
            yield node.lineno, node.value


def speaks(text: str) -> bool:
    """Whether a text has a word in it that is no key: with a capital, or beside a space, or not of a key's letters."""
    return bool(WORD.search(text)) and (" " in text or not re.fullmatch(r"[a-z0-9_./:+-]+", text))


CODE = {"LA", "explorer.OBJECTIVES[", "explorer.ESTIMATORS[", "explorer.formula(", ".at(", "exp(-x**2) * sin(3*x)"}
"""Pieces of code: what `as_code` and `estimators_as_code` write, the formula that a visitor's own starts from, and the
mode of a photo with transparent parts."""


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_code_speaks_to_a_visitor(path: Path) -> None:
    """A text in code is a key, a file's name, a format or a sign: one lower-case token without a space, or no word."""
    said = [(line, text) for line, text in literals(path) if speaks(text) and text.strip() not in CODE]
    assert not said


def test_a_sentence_in_code_is_found() -> None:
    assert all(map(speaks, ("Play", "how far", "Exact gradient **", " times", "Score")))
    assert not any(map(speaks, ("family.title", ":material/casino:", " · ", "{:.3g}", "text/x-python", ", ", "2")))
