"""Credit against experiments: only a lift whose whole interval is above zero confirms it."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.learning.credit import (
    CreditCheck,
    CreditVerdict,
    check_credit,
    confirmed_conversions,
    incremental_share,
    sum_credit,
)
from experiments.learning.evidence import (
    Backing,
    Evidence,
    EvidenceState,
    Trial,
    TrialOutcome,
    pool,
)

DAY = dt.date(2026, 11, 2)
lifts = st.floats(-0.9, 5)


def of(lift, low, high):
    return check_credit(Evidence(EvidenceState.POOLED, 3, lift=lift, low=low, high=high))


@given(st.tuples(lifts, lifts, lifts).map(sorted))
def test_credit_is_confirmed_where_the_whole_interval_lies_above_zero(ends):
    low, lift, high = ends
    check = of(lift, low, high)
    assert (check.verdict == CreditVerdict.CONFIRMED) == (low > 0)
    assert check.share_low <= check.share <= check.share_high < 1
    confirmed = confirmed_conversions(1000, check)
    if low > 0:
        assert 0 < confirmed.low <= confirmed.value <= confirmed.high < 1000
    else:
        assert confirmed is None
    assert check.is_harm == (high < 0)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_the_share_is_what_the_treated_have_more_than_the_control(control, treated):
    """The definition, worked out from counts in arms of one size."""
    assert math.isclose(
        incremental_share(treated / control - 1), (treated - control) / treated, abs_tol=1e-9
    )


@pytest.mark.parametrize("trials", [
    [],
    [Trial("EXP-1", TrialOutcome.WON, DAY, backing=Backing.WORDS)],
    [Trial("EXP-1", TrialOutcome.WON, DAY, -1.0, -1.0, -1.0)],
])  # fmt: skip
def test_without_a_lift_there_is_no_test(trials):
    """“Won” in words, without a number, confirms nothing."""
    assert check_credit(pool(trials)).verdict == CreditVerdict.NO_TEST


def test_one_lift_counts_with_its_own_interval():
    one = Trial("EXP-1", TrialOutcome.WON, DAY, 0.25, 0.1, 0.4)
    check = check_credit(pool([one]))
    assert (check.verdict, check.tests, check.lift) == (CreditVerdict.CONFIRMED, 1, 0.25)
    again = Trial("EXP-2", TrialOutcome.LOST, DAY, -0.25, -0.4, -0.1)
    assert check_credit(pool([one, again])).verdict == CreditVerdict.NOT_CONFIRMED


def test_an_open_end_confirms_nothing_below_and_at_most_everything_above():
    assert of(0.2, None, 0.5).verdict == CreditVerdict.NOT_CONFIRMED
    open_above = of(0.2, 0.1, None)
    assert (open_above.verdict, open_above.share_high) == (CreditVerdict.CONFIRMED, 1.0)
    assert of(-0.5, -1.0, -0.1).share_low is None


@given(st.lists(st.tuples(st.floats(0, 1e9), st.sampled_from(CreditVerdict))))
def test_the_parts_add_up_to_what_was_credited(rows):
    total = sum_credit([(credited, CreditCheck(verdict)) for credited, verdict in rows])
    parts = total.confirmed + total.not_confirmed + total.no_test
    assert math.isclose(parts, total.credited, rel_tol=1e-9, abs_tol=1e-6)


def test_what_cannot_be_is_refused():
    for lift in (-1, -2, -math.inf):
        with pytest.raises(ValueError, match="leaves no conversions"):
            incremental_share(lift)
    for credited in (-1, math.nan):
        with pytest.raises(ValueError, match="0 or more"):
            confirmed_conversions(credited, of(0.2, 0.1, 0.3))
