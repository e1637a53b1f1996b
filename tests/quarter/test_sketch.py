"""What two lists have in common, from sketches without ids: against the truth, over many lists."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.quarter.sketch import K, merge, overlap_of, size_of_list, sketch_of

KEY = b"a secret of this workspace"
IDS = st.sets(st.integers(0, 60).map(str), max_size=40)


def people(first, after):
    return [f"reader-{number}@example.com" for number in range(first, after)]


@given(IDS, IDS)
def test_short_lists_are_compared_exactly(one, other):
    estimate = overlap_of(sketch_of(one, KEY), sketch_of(other, KEY))
    both = len(one & other)
    assert (estimate.both, estimate.low, estimate.high, estimate.is_exact) == (
        both,
        both,
        both,
        True,
    )
    assert estimate.first_in_second == (both / len(one) if one else None)
    assert estimate.second_in_first == (both / len(other) if other else None)


@given(IDS, IDS)
def test_merging_is_the_sketch_of_both_lists(one, other):
    both = sketch_of(one | other, KEY)
    assert merge(sketch_of(one, KEY), sketch_of(other, KEY)) == both
    assert size_of_list(both) == len(one | other)


@given(st.lists(st.text(), max_size=20), st.randoms(use_true_random=False))
def test_order_repetition_case_and_blanks_do_not_matter(ids, random):
    shuffled = [*ids, *ids]
    random.shuffle(shuffled)
    spoilt = [
        f" {one.upper() if one.upper().casefold() == one.casefold() else one}\t" for one in shuffled
    ]
    assert sketch_of(spoilt, KEY) == sketch_of(ids, KEY)


LISTS = [
    (20_000, 30_000, 6_000),
    (9_000, 60_000, 300),
    (12_000, 12_000, 12_000),
    (40_000, 15_000, 0),
]


@pytest.mark.parametrize(("first", "second", "both"), LISTS)
def test_the_range_holds_the_truth_for_nearly_all_keys(first, second, both):
    """95 % are promised: of 40 keys at most six miss it, as in 997 of 1,000 runs of a right one."""
    one, other = people(0, first), people(first - both, first - both + second)
    misses = 0
    for number in range(40 if both else 5):
        key = f"key {number}".encode()
        estimate = overlap_of(sketch_of(one, key), sketch_of(other, key))
        misses += not estimate.low - 1e-6 <= both <= estimate.high + 1e-6
        assert abs(estimate.both - both) <= 0.05 * min(first, second)
        assert estimate.low <= estimate.both <= estimate.high
        assert estimate.both == pytest.approx(estimate.first_in_second * first)
        assert estimate.both == pytest.approx(estimate.second_in_first * second)
    assert misses <= 6


@settings(max_examples=10)
@given(st.integers(0, 20_000), st.integers(K + 1, 20_000), st.integers(0, 10**6))
def test_it_is_the_same_both_ways_round(first, second, shift):
    one, other = (sketch_of(people(n, n + size), KEY) for n, size in ((0, first), (shift, second)))
    one_way, other_way = overlap_of(one, other), overlap_of(other, one)
    assert (one_way.both, one_way.low, one_way.high) == (
        other_way.both,
        other_way.low,
        other_way.high,
    )
    assert one_way.first_in_second == other_way.second_in_first
    assert merge(one, other) == merge(other, one)


def test_a_merged_sketch_estimates_its_size_and_is_compared_like_any_other():
    merged = merge(sketch_of(people(0, 30_000), KEY), sketch_of(people(20_000, 50_000), KEY))
    assert size_of_list(merged) == pytest.approx(50_000, rel=0.05)
    estimate = overlap_of(merged, sketch_of(people(40_000, 60_000), KEY))
    assert estimate.both == pytest.approx(10_000, rel=0.1)


def test_a_sketch_is_small_and_holds_no_id_and_nothing_that_can_be_tried_without_its_key():
    listed = people(0, 20_000)
    sketch = sketch_of(listed, KEY)
    assert len(sketch) < 8 * K + 64
    assert not any(one.encode() in sketch for one in listed)
    other = sketch_of(listed, b"another key")
    same = np.intersect1d(
        np.frombuffer(sketch[24:], dtype="<u8"), np.frombuffer(other[24:], dtype="<u8")
    )
    assert len(same) == 0


def test_sketches_of_different_keys_strangers_and_damaged_ones_are_refused():
    sketch = sketch_of(["a"], KEY)
    with pytest.raises(ValueError, match="different keys"):
        overlap_of(sketch, sketch_of(["a"], b"another"))
    for broken in (b"", b"nothing of ours, though it is long enough", sketch[:-1], sketch + b"x"):
        with pytest.raises(ValueError, match=r"not a sketch|damaged"):
            overlap_of(broken, sketch)
    for key in (b"", b"x" * 65):
        with pytest.raises(ValueError, match="1 to 64 bytes"):
            sketch_of(["a"], key)
