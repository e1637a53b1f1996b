"""The arithmetic from scores to ranks with ranges."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlog import calendar_days, claims, influence, ranking
from backlog.ranking import aggregate, places

TRIPLE = st.tuples(*[st.integers(1, 10)] * 3)


@pytest.mark.parametrize("module", [ranking, calendar_days, claims, influence])
def test_its_examples_hold(module):
    assert doctest.testmod(module).failed == 0


@given(st.lists(TRIPLE, min_size=1, max_size=8), st.sampled_from(["mean", "product"]))
def test_the_range_holds_the_value_and_stays_on_the_scale(scores, formula):
    ice = aggregate(scores, formula)
    bottom, top = ranking.SCALE[formula]
    assert bottom <= ice.value <= top
    if len(scores) > 1:
        assert bottom <= ice.low <= ice.value + 1e-9
        assert ice.value - 1e-9 <= ice.high <= top


@given(st.lists(TRIPLE, min_size=2, max_size=8), st.randoms())
def test_the_order_of_scorers_does_not_matter(scores, random):
    mixed = random.sample(scores, len(scores))
    assert aggregate(mixed).value == pytest.approx(aggregate(scores).value)
    assert aggregate(mixed).low == pytest.approx(aggregate(scores).low)


def test_the_interval_covers_the_truth_about_eight_times_in_ten():
    random = np.random.default_rng(1)
    draws = np.clip(random.normal(5.5, 1.5, size=(4000, 5, 3)).round(), 1, 10).astype(int)
    truth = draws.mean()
    ices = [aggregate([tuple(row) for row in draw]) for draw in draws]
    covered = np.mean([ice.low <= truth <= ice.high for ice in ices])
    assert 0.78 < covered < 0.83


def _places(table, **options):
    """`table`: idea → {scorer: (i, c, e)}."""
    rows = [(i, s, *t) for i, by in enumerate(table) for s, t in by.items()]
    array = np.array(rows)
    return places(array[:, 0], array[:, 1], array[:, 2:].astype(float), **options)


def test_clear_scores_leave_no_doubt_about_the_rank():
    table = [dict.fromkeys(range(5), (v, v, v)) for v in (9, 5, 2)]
    assert [(p.rank, p.low, p.high) for p in _places(table)] == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]


def test_split_scores_widen_the_range_of_the_rank():
    split = {0: (1, 1, 1), 1: (10, 10, 10), 2: (1, 1, 1), 3: (10, 10, 10)}
    calm = [dict.fromkeys(range(4), (v, v, v)) for v in (8, 7, 4, 3)]
    places = _places([split, *calm])
    # Of four drawn, 0 to 4 say ten: 1/16, 4/16, 6/16, 4/16, 1/16. The ends hold 6 % each, so the
    # middle 80 % runs from three tens (7.75, between 8 and 7) to one ten (3.25, between 4 and 3).
    assert (places[0].low, places[0].rank, places[0].high) == (2, 3, 4)


def test_one_scorer_gets_a_rank_and_no_made_up_range():
    places = _places([{0: (9, 9, 9)}, {0: (5, 5, 5), 1: (6, 6, 6)}])
    assert (places[0].rank, places[0].low, places[0].high) == (1, None, None)


def test_the_same_scores_give_the_same_ranges():
    table = [{s: ((s * 3 + v) % 10 + 1, 5, 5) for s in range(4)} for v in range(6)]
    assert _places(table) == _places(table)


def test_the_product_can_rank_differently_from_the_mean():
    table = [{0: (10, 10, 1), 1: (10, 10, 1)}, {0: (6, 6, 6), 1: (6, 6, 6)}]
    assert [p.rank for p in _places(table)] == [1, 2]
    assert [p.rank for p in _places(table, formula="product")] == [2, 1]


@given(
    st.lists(st.lists(TRIPLE, min_size=1, max_size=4), min_size=2, max_size=12),
    st.sampled_from(["mean", "product"]),
)
def test_ranks_follow_the_stored_ice_and_ties_the_earlier_idea(scores, formula):
    """The list is ordered by the stored number, so a rank must not tell apart, or lump together,
    what that number does not."""
    placed = _places([dict(enumerate(of_one)) for of_one in scores], formula=formula)
    ices = [aggregate(of_one, formula).value for of_one in scores]
    in_order = sorted(range(len(ices)), key=lambda n: (-ices[n], n))
    assert sorted(range(len(ices)), key=lambda n: placed[n].rank) == in_order


def test_equal_on_paper_is_equal():
    first = aggregate([(7, 5, 9), (6, 6, 8), (6, 6, 9)])
    second = aggregate([(8, 6, 7), (8, 6, 7), (7, 6, 7)])
    assert sum((19, 17, 26)) == sum((23, 18, 21))
    assert first.value == second.value
