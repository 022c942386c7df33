"""The prose: a file a page, each section used, formulas closed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from explorer import text
from explorer.pages import PAGES
from explorer.text import LANGUAGE, sections
from explorer.visit.page import FOLDS

ROOT = Path(text.__file__).parents[2]
PROSE = Path(text.__file__).parent / LANGUAGE
NAMES = list(PAGES)


def test_every_page_has_its_prose_and_every_prose_its_page() -> None:
    assert sorted(prose.stem for prose in PROSE.glob("*.md")) == sorted(NAMES)


def test_every_script_is_a_page() -> None:
    scripts = (ROOT / "explorer" / "pages").glob("*/*.py")
    assert {path.stem for path in scripts} - {"__init__"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_sections_are_those_the_frame_shows(name: str) -> None:
    assert {"question", "derivation", "sources"} <= set(sections(name)) <= {"question", "lead", *FOLDS}
    assert all(sections(name).values())


@pytest.mark.parametrize("name", NAMES)
def test_headings_are_not_repeated(name: str) -> None:
    headings = re.findall(r"^## .*", (PROSE / f"{name}.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(headings) == len(set(headings)) == len(sections(name))


@pytest.mark.parametrize("name", NAMES)
def test_formulas_are_closed(name: str) -> None:
    for section, prose in sections(name).items():
        where = f"{name}, {section}"
        assert prose.count("$$") % 2 == 0, where
        inline = re.sub(r"\$\$.*?\$\$", "", prose, flags=re.DOTALL)
        assert len(re.findall(r"(?<!\\)\$", inline)) % 2 == 0, where
        for formula in re.findall(r"\$\$(.*?)\$\$", prose, re.DOTALL) + re.findall(r"\$([^$]*)\$", inline):
            plain = re.sub(r"\\[{}]", "", formula)
            assert plain.count("{") == plain.count("}"), f"{where}: {formula}"
            assert formula.count(r"\left") - formula.count(r"\leftarrow") == formula.count(r"\right") - formula.count(
                r"\rightarrow"
            ), f"{where}: {formula}"


def test_a_question_is_one_question() -> None:
    for name in NAMES:
        question = sections(name)["question"]
        assert question.startswith("### ")
        assert question.count("?") == 1
        assert "\n" not in question


@pytest.mark.parametrize("name", NAMES)
def test_display_formulas_stand_on_lines_of_their_own(name: str) -> None:
    # Otherwise the browser's Markdown reads the text after a formula as part of it.
    lines = (PROSE / f"{name}.md").read_text(encoding="utf-8").splitlines()
    assert all(line == "$$" for line in lines if "$$" in line)
