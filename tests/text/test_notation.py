"""Notation in every text: DESIGN.md, Words. A minus sign is "−", a power of ten is written out, N is the notebook's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import explorer
from explorer.core.by_name import exact_variance
from explorer.text import catalogue, sections
from explorer.text.numbers import number, per_cent, placed

PROSE = sorted((Path(explorer.__path__[0]) / "text" / "en").glob("*.md"))
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
CODE = re.compile(r"`[^`]*`|\]\([^)]*\)")
BAD = {
    "a power of ten as computers write it": re.compile(r"\de[-+]?\d"),
    "a hyphen for a minus sign": re.compile(r"(?<![\w.\])])-\d"),
    "per cent without its space": re.compile(r"\d%"),
    "a distribution's N beside the notebook's": re.compile(r"(?<![\w(])N(?![\w(’'])(?!\. [A-Z]\w+(,| \())"),
    "the average's old name": re.compile(r"F\(θ\)|F\(\\theta\)"),
    "a phrase that stops a reader": re.compile(
        r"without bound|Who minds|calls of f|two ways on|stand open|How well are|not to be had", re.IGNORECASE
    ),
}


def faults(text: str, *, notebook: bool = False) -> list[str]:
    """What a reader would stumble on."""
    plain = CODE.sub("", FORMULA.sub(" ", text))
    found = [name for name, pattern in BAD.items() if pattern.search(text if "name" in name else plain)]
    return [name for name in found if not (notebook and "notebook" in name)]


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.stem)
def test_prose_has_one_notation(path: Path) -> None:
    assert not faults(path.read_text(encoding="utf-8"), notebook=path.stem == "repeated_means")


def test_short_strings_have_one_notation() -> None:
    # The last is said on the notebook's page alone.
    named = {"repeated_means", "prediction.repeated_means", "page.repeated_means", "message"}
    for key, text in catalogue().items():
        notebook = any(key.startswith(f"{start}.") for start in named)
        assert not faults(text, notebook=notebook), (key, text)


def test_what_is_not_the_notation_is_found() -> None:
    for text in ("8e-05", "1e9", "from -2 to 2", "95%", "N samples", "without bound", r"$F(\theta)$"):
        assert faults(text), text
    assert not faults("8.0 × 10⁻⁵, −2, 95 %, the N(0, I) prior, x-axis 1-2, N. Otsu (1979)")


def test_numbers_are_written_one_way() -> None:
    assert [number(8e-5), number(-12.5, 3), placed(-0.001), placed(-1), per_cent(0.95)] == [
        *("8.0 × 10⁻⁵", "−12.5", "0.00", "−1.00", "95 %"),
    ]


def test_the_numbers_of_the_prose_are_the_engines() -> None:
    at = {"loc": 2.0, "scale": 1.0}
    coupled, apart = (
        exact_variance("normal", "square", name, at) for name in ("measure_valued", "measure_valued_independent")
    )
    prose = sections("gradient_stream")["derivation"].replace("\n", " ")
    said = f"is {number(coupled['loc'], 3)} coupled and {number(apart['loc'], 3)} independent"
    assert said in prose
    assert f"in σ it is {number(coupled['scale'])} and {number(apart['scale'])}" in prose
    assert coupled["loc"] > apart["loc"]
    for loc, score in ((0.0, 15), (2.0, 87)):
        assert exact_variance("normal", "square", "score_function", {**at, "loc": loc})["loc"] == pytest.approx(score)
        assert exact_variance("normal", "square", "pathwise", {**at, "loc": loc})["loc"] == pytest.approx(4)
    assert "score function has v = 15 and pathwise v = 4" in sections("descent")["derivation"].replace("\n", " ")
    assert "At θ = 2 these are 87 and 4." in sections("repeated_means")["derivation"]


def test_a_mean_baseline_can_raise_the_variance() -> None:
    """As the page says; and b* is never worse than either."""
    at = {"loc": 1.0, "scale": 1.0}
    for parameter in at:
        plain, mean, best = (
            exact_variance("normal", "cosine", name, at)[parameter]
            for name in ("score_function", "mean_baseline", "optimal_baseline")
        )
        assert best <= plain * (1 + 1e-9) < mean


def test_pathwise_too_is_infinite_up_to_four_degrees() -> None:
    for df, finite in ((3.0, False), (5.0, True)):
        at = {"df": df, "loc": 0.0, "scale": 1.0}
        for name in ("score_function", "pathwise"):
            assert (exact_variance("student_t", "square", name, at)["scale"] < float("inf")) == finite
