"""`docs/statistics.md` says what the engine does."""

import doctest
import re
from pathlib import Path

from experiments.stats import WHY_NOT, Method
from experiments.views.figures import METHODS

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"


def test_every_example_on_the_page_is_true():
    results = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert results.attempted > 30
    assert results.failed == 0


def test_the_table_of_methods_is_the_list_that_pages_and_json_share():
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|", PAGE.read_text("utf-8"), re.M)
    documented = {name: words.strip() for name, words in rows if name in set(Method)}
    assert documented == {str(method): METHODS[method] for method in Method}


def test_every_reason_why_not_is_explained():
    text = PAGE.read_text("utf-8")
    assert [name for name in WHY_NOT if f"`{name}`" not in text] == []
