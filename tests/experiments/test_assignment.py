"""Assignment as arithmetic: uniform, independent, stable, as documented."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from experiments.units.assignment import (
    BUCKETS,
    ELSEWHERE,
    HELD_OUT,
    NOT_YET,
    RAMP_STEPS,
    WHY,
    Assigner,
    buckets,
    cuts,
    fingerprint_of_list,
    free_ranges,
    held_out,
    positions,
)

UNITS = [f"reader-{number}" for number in range(40_000)]
SALTS = st.text("0123456789abcdef", min_size=16, max_size=16)
ONE_IN_A_BILLION = 1e-9  # of all draws of a property test so few may fail by chance


def arms(count=2, weights=(), **more):
    names = tuple("ABCDE"[:count])
    return {"arms": names, "weights": tuple(weights or [1.0] * count), **more}


@given(SALTS)
@settings(max_examples=15, deadline=None)
def test_units_fall_evenly_into_the_buckets(salt):
    seen = np.bincount(buckets(positions(salt, UNITS)) // 100, minlength=100)
    assert chisquare(seen).pvalue > ONE_IN_A_BILLION


@given(SALTS, st.lists(st.integers(1, 90), min_size=2, max_size=5))
@settings(max_examples=15, deadline=None)
def test_arms_get_their_weights(salt, weights):
    codes = Assigner(salt, **arms(len(weights), weights)).codes(UNITS)
    expected = np.array(weights) / sum(weights) * len(UNITS)
    assert chisquare(np.bincount(codes, minlength=len(weights)), expected).pvalue > ONE_IN_A_BILLION


def test_weights_are_honoured_exactly():
    """Thirds of 2⁶⁴, not of ten thousand buckets; the decimals are those that were typed."""
    third, two = cuts([1, 1, 1])
    assert (third, two) == (2**64 // 3, 2 * 2**64 // 3)
    assert cuts([0.1, 0.9]) == [2**64 // 10]


@given(SALTS, SALTS)
@settings(max_examples=15, deadline=None)
def test_experiments_are_independent_of_each_other(one, other):
    if one == other:
        return
    first, second = (Assigner(salt, **arms(3)).codes(UNITS) for salt in (one, other))
    table = np.histogram2d(first, second, bins=(3, 3))[0]
    assert chi2_contingency(table).pvalue > ONE_IN_A_BILLION


@given(SALTS)
@settings(max_examples=10, deadline=None)
def test_a_ramp_lets_in_more_and_moves_nobody(salt):
    whole = Assigner(salt, **arms(3)).codes(UNITS)
    before = np.zeros(len(UNITS), dtype=bool)
    for step in RAMP_STEPS:
        codes = Assigner(salt, **arms(3), ramp=step).codes(UNITS)
        is_in = codes != NOT_YET
        assert (codes[is_in] == whole[is_in]).all()
        assert not (before & ~is_in).any()
        assert abs(is_in.mean() - step / 100) < 0.012
        before = is_in


@given(SALTS)
@settings(max_examples=10, deadline=None)
def test_the_ramp_the_arm_the_holdout_and_the_namespace_do_not_lean_on_each_other(salt):
    """Among those let in by 20 % the arms have their shares; a holdout is as large in each arm."""
    codes = Assigner(salt, **arms(2), ramp=20).codes(UNITS)
    seen = np.bincount(codes[codes >= 0], minlength=2)
    assert chisquare(seen).pvalue > ONE_IN_A_BILLION
    arm = Assigner(salt, **arms(2)).codes(UNITS)
    table = np.histogram2d(arm, held_out(salt, 20, UNITS), bins=(2, 2))[0]
    assert chi2_contingency(table).pvalue > ONE_IN_A_BILLION


def test_tests_of_one_namespace_share_no_unit_and_leave_the_rest_out():
    first = Assigner("a", **arms(2), namespace="mail", ranges=((0, 3000),))
    second = Assigner("b", **arms(2), namespace="mail", ranges=((3000, 5000), (8000, 9000)))
    in_first, in_second = (one.codes(UNITS) >= 0 for one in (first, second))
    assert not (in_first & in_second).any()
    assert abs(in_first.mean() - 0.3) < 0.012
    assert abs(in_second.mean() - 0.3) < 0.012
    assert set(first.codes(UNITS)[~in_first].tolist()) == {ELSEWHERE}


def test_who_is_held_out_is_so_in_every_test():
    one = Assigner("a", **arms(2), holdout_salt="q4", holdout_share=5)
    other = Assigner("b", **arms(3), ramp=1, holdout_salt="q4", holdout_share=5)
    held = one.codes(UNITS) == HELD_OUT
    assert (held == (other.codes(UNITS) == HELD_OUT)).all()
    assert (held == held_out("q4", 5, UNITS)).all()
    assert abs(held.mean() - 0.05) < 0.006


def test_an_even_split_fits_in_every_stratum_to_the_unit_and_is_repeatable():
    strata = ["new" if number % 7 else "lapsed" for number in range(len(UNITS))]
    assigner = Assigner("a", **arms(3, (50, 25, 25)))
    codes = assigner.evenly(UNITS, strata)
    for stratum in ("new", "lapsed"):
        mine = codes[np.array(strata) == stratum]
        exact = np.array([0.5, 0.25, 0.25]) * len(mine)
        assert (abs(np.bincount(mine, minlength=3) - exact) < 1).all()
    backwards = assigner.evenly(UNITS[::-1], strata[::-1])
    assert (backwards[::-1] == codes).all()


def test_a_list_of_nobody_and_odd_ids_are_no_trouble():
    assigner = Assigner("a", **arms(2))
    assert assigner.codes([]).tolist() == []
    assert len(assigner.codes(["Ünïcode", "=1+1", "😀", "a" * 400])) == 4
    assert assigner.codes(["A"]).tolist() != [] != assigner.codes(["a"]).tolist()
    assert fingerprint_of_list(["a", "a"]) != fingerprint_of_list(["a"])


@given(st.lists(st.integers(1, 4000), max_size=5), st.integers(1, BUCKETS))
@settings(max_examples=60, deadline=None)
def test_free_buckets_are_nobodys_and_as_many_as_wanted(sizes, wanted):
    booked = []
    for size in sizes:
        if (free := free_ranges(booked, size)) is not None:
            booked.append(free)
    left = BUCKETS - sum(end - start for ranges in booked for start, end in ranges)
    free = free_ranges(booked, wanted)
    if wanted > left:
        assert free is None
        return
    taken = {one for ranges in booked for start, end in ranges for one in range(start, end)}
    mine = [one for start, end in free for one in range(start, end)]
    assert len(mine) == len(set(mine)) == wanted
    assert not taken & set(mine)


@pytest.mark.parametrize("share", [0.1, 5, 20])
def test_a_holdout_is_a_whole_number_of_buckets(share):
    place = buckets(positions("holdout:s", UNITS))
    assert (held_out("s", share, UNITS) == (place < share * 100)).all()


def test_the_vectors_in_the_docs_are_those_of_the_code():
    """Computed here from the words of the page, with nothing of the code's, and by the code."""
    text = Path("docs/assignment.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(.+?)` \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\S+) \|$", text, re.M)
    assert len(rows) >= 12
    assert {row[-1] for row in rows} == {"A", "B", "C", "held-out", "other-experiment", "not-yet"}
    salt = "8a5c0ffee1234567"
    assigner = Assigner(
        salt, **arms(3, (50, 25, 25)), ramp=50, namespace="mail",
        ranges=((0, 6000), (8000, 9000)), holdout_salt="q4-2026", holdout_share=10,
    )  # fmt: skip

    def at(under, unit):
        return int.from_bytes(hashlib.sha256(f"{under}:{unit}".encode()).digest()[:8], "big")

    for unit, *numbers, answer in rows:
        position, held, namespace, ramp = map(int, numbers)
        assert at(f"{salt}:arm", unit) == position
        unders = ("holdout:q4-2026", "namespace:mail", f"{salt}:ramp")
        assert [at(u, unit) * 10_000 // 2**64 for u in unders] == [held, namespace, ramp]
        by_hand = ("A", "A", "B", "C")[position * 4 // 2**64]
        if ramp >= 5000:
            by_hand = "not-yet"
        if not (namespace < 6000 or 8000 <= namespace < 9000):
            by_hand = "other-experiment"
        if held < 1000:
            by_hand = "held-out"
        code = int(assigner.codes([unit])[0])
        assert answer == by_hand == (assigner.arms[code] if code >= 0 else WHY[code])
