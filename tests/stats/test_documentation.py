"""`docs/statistics.md` says what the engine does."""

import doctest
from pathlib import Path

from experiments.stats import WHY_NOT

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"


def test_every_example_on_the_page_is_true():
    results = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert results.attempted > 30
    assert results.failed == 0


def test_every_reason_why_not_is_explained():
    text = PAGE.read_text("utf-8")
    assert [name for name in WHY_NOT if f"`{name}`" not in text] == []
