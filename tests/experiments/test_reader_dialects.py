"""Tables in random dialects: the reader returns the values that were written, or asks, never others.

2,000 tables on every full run, fewer at the desk; `benchmarks/dialects.py` reads 50,000.
"""

from collections import Counter

import pytest
from hypothesis import settings

from tests.dialects import outcome, written

HONEST = ("same", "asked", "refused")
IS_DESK = settings.get_current_profile_name() == "desk"
CHUNKS = 20
OF_EACH = 8 if IS_DESK else 100


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_table_is_read_as_other_values_than_it_holds(tmp_path, chunk):
    seeds = range(chunk * 100, chunk * 100 + OF_EACH)
    outcomes = {seed: outcome(written(seed), tmp_path) for seed in seeds}
    other = {seed: result for seed, result in outcomes.items() if result not in HONEST}
    assert other == {}


def test_of_ordinary_tables_few_ask_and_hardly_any_is_refused(tmp_path):
    count = 60 if IS_DESK else 300
    outcomes = Counter(outcome(written(seed), tmp_path) for seed in range(0, 2 * count, 2))
    assert outcomes["asked"] <= 0.05 * count
    assert outcomes["same"] >= 0.94 * count


def test_a_table_is_the_same_whenever_it_is_written():
    assert written(7) == written(7)
    assert {written(seed).shape for seed in range(20)} == {"units", "totals"}
