"""What some experiments say together, and what only looks as if they said it."""

import datetime as dt
import math
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.learning.evidence import Backing, EvidenceState, Trial, TrialOutcome, pool

DAY = dt.date(2026, 11, 2)
WON, LOST, FLAT = TrialOutcome.WON, TrialOutcome.LOST, TrialOutcome.INCONCLUSIVE


def trial(key, log, error, *, outcome=FLAT, **fields):
    """A lift whose interval is symmetric on the logarithm."""
    ends = [math.expm1(log + side * 1.959964 * error) for side in (-1, 1)]
    return Trial(str(key), outcome, fields.pop("day", DAY), math.expm1(log), *ends, **fields)


LOGS = [0.10, 0.02, -0.04, 0.16, 0.06]


def test_equal_spreads_give_the_mean_with_students_interval():
    """With equal variances the weights are equal and Hartung and Knapp’s interval is Student’s."""
    evidence = pool([trial(key, log, 0.02) for key, log in enumerate(LOGS)])
    reach = stats.t.ppf(0.975, 4) * stdev(LOGS) / 5**0.5
    assert evidence.state == EvidenceState.POOLED
    assert evidence.lift == pytest.approx(math.expm1(mean(LOGS)))
    assert evidence.low == pytest.approx(math.expm1(mean(LOGS) - reach))
    assert evidence.high == pytest.approx(math.expm1(mean(LOGS) + reach))
    tau2 = stdev(LOGS) ** 2 - 0.02**2
    next_reach = stats.t.ppf(0.975, 4) * (stdev(LOGS) ** 2 / 5 + tau2) ** 0.5
    assert evidence.prediction_high == pytest.approx(math.expm1(mean(LOGS) + next_reach), rel=1e-5)
    assert [row.weight for row in evidence.rows] == pytest.approx([0.2] * 5)


def test_lifts_that_happen_to_be_alike_do_not_look_certain():
    """Hartung and Knapp’s own interval would be 12.7 × 0.0005 wide on each side."""
    evidence = pool([trial(1, 0.050, 0.06), trial(2, 0.051, 0.06)])
    assert evidence.low < 0 < evidence.high


def test_shrunk_lifts_lie_between_their_own_and_the_pooled_one():
    evidence = pool([trial(key, log, 0.04) for key, log in enumerate(LOGS)])
    for row in evidence.rows:
        ends = sorted([row.lift, evidence.lift])
        assert ends[0] <= row.shrunk <= ends[1]
    assert any(abs(row.shrunk - row.lift) > 0.001 for row in evidence.rows)


def test_under_four_lifts_nothing_is_shrunk_and_under_three_nothing_is_predicted():
    two = pool([trial(1, 0.1, 0.02), trial(2, 0.0, 0.02)])
    assert [row.shrunk for row in two.rows] == pytest.approx([row.lift for row in two.rows])
    assert two.prediction_low is None
    three = pool([trial(key, log, 0.02) for key, log in enumerate(LOGS[:3])])
    assert three.prediction_low < three.low


def test_one_lift_is_shown_as_it_was_measured():
    evidence = pool([Trial("EXP-1", WON, DAY, 0.05, 0.011, 0.1)])
    assert evidence.state == EvidenceState.ONE
    assert (evidence.lift, evidence.low, evidence.high) == (pytest.approx(0.05), 0.011, 0.1)
    assert evidence.i2 is None


def test_words_count_in_the_share_won_and_never_in_the_pooled_lift():
    measured = [trial(1, 0.1, 0.02, outcome=WON), trial(2, 0.0, 0.02)]
    words = [
        Trial("old-1", WON, DAY, 0.9, 0.8, 1.0, backing=Backing.WORDS, imported=True),
        Trial("old-2", LOST, DAY, imported=True),
    ]
    evidence = pool([*measured, *words])
    alone = pool(measured)
    assert (evidence.lift, evidence.low, evidence.high) == (alone.lift, alone.low, alone.high)
    assert (evidence.trials, evidence.words_only, evidence.imported) == (4, 2, 2)
    assert (evidence.won, evidence.share_won) == (2, 0.5)
    assert (evidence.share_low, evidence.share_high) == pytest.approx((0.15004, 0.84996), abs=1e-5)


def test_only_words_are_not_a_lift():
    evidence = pool([Trial("old", WON, DAY, backing=Backing.WORDS, imported=True)])
    assert (evidence.state, evidence.lift, evidence.rows) == (EvidenceState.WORDS_ONLY, None, ())


def test_without_a_trial_there_is_a_code_and_no_number():
    evidence = pool([])
    assert evidence.state == EvidenceState.NONE
    assert evidence.share_won is None


@pytest.mark.parametrize(
    "fields",
    [
        {"lift": -1.0, "low": -1.0, "high": -0.5},
        {"lift": 0.1},
        {"lift": 0.1, "variance": 0.0},
        {"lift": math.nan, "low": 0.0, "high": 1.0},
        {"lift": math.inf, "low": 0.0, "high": math.inf},
        {"lift": 0.1, "low": 0.1, "high": 0.1},
    ],
)
def test_a_lift_without_a_spread_counts_like_words(fields):
    evidence = pool([Trial("EXP-1", WON, DAY, **fields)])
    assert (evidence.state, evidence.words_only) == (EvidenceState.WORDS_ONLY, 1)


def test_an_open_interval_gives_the_spread_of_its_other_half():
    closed = Trial("a", WON, DAY, 0.0, math.expm1(-0.1), math.expm1(0.1))
    opened = Trial("b", WON, DAY, 0.0, None, math.expm1(0.1))
    assert opened.log_effect == pytest.approx(closed.log_effect)
    assert pool([opened]).low is None


def test_an_interval_of_another_confidence_is_the_same_spread():
    narrow = Trial("a", WON, DAY, 0.0, math.expm1(-0.1), math.expm1(0.1), confidence=0.80)
    error = 0.1 / stats.norm.ppf(0.9)
    assert narrow.log_effect.variance == pytest.approx(error**2)
    low, high = narrow.interval(0.95)
    assert (low, high) == pytest.approx(
        (math.expm1(-1.959964 * error), math.expm1(1.959964 * error))
    )


def test_a_variance_does_where_there_is_no_interval():
    """Delta method: the spread of ln(1 + lift) is that of the lift over 1 + lift."""
    assert Trial("a", WON, DAY, 0.25, variance=0.01).log_effect.variance == pytest.approx(0.0064)


def test_each_experiment_counts_once():
    with pytest.raises(ValueError, match="once"):
        pool([trial(1, 0.1, 0.02), trial(1, 0.0, 0.02)])


def test_rows_are_in_the_order_of_decisions():
    later = trial("a", 0.1, 0.02, day=DAY + dt.timedelta(days=9))
    assert [row.trial.key for row in pool([later, trial("b", 0.0, 0.02)]).rows] == ["b", "a"]


LIFTS = st.tuples(st.floats(-0.9, 5), st.floats(1e-4, 2))


@given(st.lists(LIFTS, min_size=1, max_size=12))
def test_every_number_is_finite_and_in_order(lifts):
    evidence = pool(
        [trial(key, math.log1p(lift), error) for key, (lift, error) in enumerate(lifts)]
    )
    lower = [evidence.prediction_low, evidence.low, evidence.lift]
    upper = [evidence.lift, evidence.high, evidence.prediction_high]
    for ends in (lower, upper):
        known = [value for value in ends if value is not None]
        assert all(math.isfinite(value) for value in known)
        assert known == sorted(known) or np.ptp(known) < 1e-9
    assert 0 <= evidence.share_low <= evidence.share_won <= evidence.share_high <= 1
    assert sum(row.weight for row in evidence.rows) == pytest.approx(1)


def test_pooled_intervals_hold_the_true_mean_and_ranges_for_the_next_are_a_little_short():
    """With seven lifts, half of their spread chance: docs/calibration.md has the figures."""
    random = np.random.default_rng(5)
    held = predicted = 0
    for _ in range(400):
        errors = random.uniform(0.02, 0.08, 7)
        true = random.normal(0.03, 0.04, 8)
        logs = random.normal(true[:7], errors)
        rows = [trial(key, *pair) for key, pair in enumerate(zip(logs, errors, strict=True))]
        evidence = pool(rows)
        held += evidence.low <= math.expm1(0.03) <= evidence.high
        predicted += evidence.prediction_low <= math.expm1(true[7]) <= evidence.prediction_high
    assert 0.93 <= held / 400 <= 1
    assert 0.82 <= predicted / 400 <= 0.97
