"""Calibration against numbers from elsewhere, and against what it must not say."""

import math

import numpy as np
import pytest
from scipy import stats

from experiments.learning.calibration import PREDICTORS, TARGETS, calibrate, calibrate_scopes
from experiments.learning.records import (
    NEEDED,
    DecidedExperiment,
    Gap,
    mean_of,
    shrunk_lifts,
)
from experiments.quarter.capacity import correction
from experiments.stats import brier, rank_agreement

PEOPLE = frozenset("abcd")


def rows_of(n=30, *, pod="A", scorers=PEOPLE, seed=5):
    """A team that claims three times what it gets, and is too sure by ten points."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        claim, chance = random.uniform(0.01, 0.09), random.uniform(0.2, 0.9)
        days = random.uniform(2, 20)
        lift = claim / 3 + random.normal(0, 0.005)
        rows.append(
            DecidedExperiment(
                f"{pod}-{number}", pod, scorers, ice=random.uniform(1, 10), impact=claim * 100,
                confidence=chance * 10, ease=20 - days, claim_low=claim * 0.5, claim_high=claim * 1.5,
                chance=chance, won=bool(random.random() < chance - 0.1), lift=float(lift),
                variance=0.00004, days_forecast=days, days_taken=days * random.uniform(1.2, 2.0),
            )
        )  # fmt: skip
    return rows


def test_the_bias_of_impact_is_students_mean_of_claimed_minus_measured():
    rows = rows_of()
    gaps = [row.claim - row.lift for row in rows]
    low, high = stats.t.interval(0.95, len(gaps) - 1, np.mean(gaps), stats.sem(gaps))
    bias = calibrate(rows).impact.bias
    assert (bias.value, bias.low, bias.high) == pytest.approx((np.mean(gaps), low, high))
    assert bias.n == 30


def test_the_ratio_of_impact_is_that_of_sums_with_an_interval_like_that_of_days():
    """`correction` has the same parts, on the logarithm."""
    rows = rows_of()
    impact = calibrate(rows).impact
    lifts = [max(row.lift, 0.001) for row in rows]
    same = [DecidedExperiment(r.key, claim_low=r.claim, claim_high=r.claim, lift=lift, variance=1e-6)
            for r, lift in zip(rows, lifts, strict=True)]  # fmt: skip
    ratio = calibrate(same).impact.ratio
    held = correction([(r.claim, r.lift) for r in same], confidence=0.95)
    assert ratio.value == pytest.approx(held.factor)
    assert (ratio.high - ratio.value) / ratio.value == pytest.approx(
        math.log(held.high / held.factor)
    )
    assert 0.2 < impact.ratio.low < 1 / 3 < impact.ratio.high < 0.5


def test_the_promise_counts_what_impact_and_confidence_said_together():
    rows = [
        DecidedExperiment(str(n), claim_low=0.1, claim_high=0.1, chance=0.25, won=n % 4 == 0,
                          lift=0.1 if n % 4 == 0 else 0.0, variance=1e-4)
        for n in range(40)
    ]  # fmt: skip
    impact = calibrate(rows).impact
    assert impact.ratio.value == pytest.approx(0.25)
    assert impact.promise.value == pytest.approx(1.0)


def test_a_band_is_hit_by_the_shrunk_lift_and_not_by_the_measured_one():
    """All lifts are of one mean, 0.05, and differ by chance only."""
    rows = [
        DecidedExperiment(str(n), claim_low=0.04, claim_high=0.06, variance=0.0016,
                          lift=0.05 + 0.03 * (-1) ** n)
        for n in range(30)
    ]  # fmt: skip
    rate = calibrate(rows).impact.hit_rate
    assert not any(row.claim_low <= row.lift <= row.claim_high for row in rows)
    assert rate.value == 1.0
    assert rate.low == pytest.approx(1 / (1 + 1.959964**2 / 30))


def test_confidence_is_held_against_the_outcome():
    rows = rows_of(200)
    confidence = calibrate(rows).confidence
    gaps = [row.chance - row.won for row in rows]
    assert confidence.bias.value == pytest.approx(np.mean(gaps))
    assert confidence.bias.excludes(0.0)
    assert confidence.score.value == pytest.approx(np.mean(np.square(gaps)))
    won = np.array([row.won for row in rows], dtype=float)
    assert confidence.gain.value == pytest.approx(won.var(ddof=1) - np.mean(np.square(gaps)))


def test_briers_parts_are_those_of_ten_groups_and_add_up():
    rows = rows_of(200)
    confidence = calibrate(rows).confidence
    chances = np.array([row.chance for row in rows])
    groups = np.minimum((chances * 10).astype(int), 9)
    means = [chances[groups == group].mean() for group in groups]
    assert confidence.brier == brier(means, [float(row.won) for row in rows])
    parts = confidence.brier
    assert parts.score == pytest.approx(parts.reliability - parts.resolution + parts.uncertainty)
    assert sum(point.n for point in confidence.groups) == 200
    assert sum(point.n for point in confidence.curve) == 200
    rates = [point.rate for point in confidence.curve]
    assert rates == sorted(rates)
    assert all(point.low <= point.rate <= point.high for point in confidence.groups)


def test_ranks_are_held_against_value_and_speed():
    rows = rows_of(40)
    shrunk = shrunk_lifts(rows)
    ranks = calibrate(rows).ranks
    assert set(ranks) == {(predictor, target) for predictor in PREDICTORS for target in TARGETS}
    value = rank_agreement([row.impact for row in rows], [shrunk[row.key] for row in rows])
    speed = rank_agreement([row.ease for row in rows], [-row.days_taken for row in rows])
    assert ranks["impact", "value"].value == value.tau
    assert (ranks["ease", "speed"].low, ranks["ease", "speed"].high) == (speed.low, speed.high)
    assert ranks["ease", "speed"].low > 0


def test_scores_that_are_all_alike_have_a_code_and_no_rank():
    rows = [
        DecidedExperiment(str(n), impact=5, lift=n / 100, variance=0.0001, days_taken=n + 1)
        for n in range(30)
    ]
    assert calibrate(rows).ranks["impact", "value"].why_not == Gap.ALL_ALIKE


def test_claims_of_nothing_have_no_ratio():
    rows = [
        DecidedExperiment(str(n), claim_low=0.0, claim_high=0.0, lift=n / 100, variance=0.0001)
        for n in range(30)
    ]
    impact = calibrate(rows).impact
    assert impact.ratio.why_not == Gap.ALL_ALIKE
    assert impact.bias.value == pytest.approx(-0.145)


def test_days_are_corrected_by_the_calendars_own_factor():
    rows = rows_of()
    days = calibrate(rows).days
    factor = correction([(row.days_forecast, row.days_taken) for row in rows], confidence=0.95)
    assert (days.value, days.low, days.high) == (factor.factor, factor.low, factor.high)
    assert days.excludes(1.0)


def every_estimate(calibration):
    impact, confidence = calibration.impact, calibration.confidence
    return [
        impact.bias, impact.ratio, impact.promise, impact.hit_rate, confidence.bias, confidence.score,
        confidence.gain, calibration.days, *calibration.ranks.values(),
    ]  # fmt: skip


def test_seven_of_twenty_is_said_and_no_number_given():
    calibration = calibrate(rows_of(7))
    for estimate in every_estimate(calibration):
        assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
        assert (estimate.n, estimate.why_not) == (7, Gap.NOT_ENOUGH_DATA)
    assert calibration.confidence.brier is None
    assert NEEDED == 20


def test_twenty_are_enough():
    assert all(estimate.why_not is None for estimate in every_estimate(calibrate(rows_of(20))))


def test_each_estimate_counts_the_rows_that_it_can_use():
    rows = rows_of(25) + [
        DecidedExperiment(f"old-{n}", chance=0.5, won=n % 2 == 0) for n in range(10)
    ]
    calibration = calibrate(rows)
    assert (calibration.confidence.bias.n, calibration.impact.bias.n, calibration.n) == (35, 25, 35)


def test_a_pod_of_three_scorers_has_no_calibration_and_one_of_four_has():
    three = rows_of(30, pod="A", scorers=frozenset("abc"))
    four = (
        rows_of(15, pod="B", scorers=frozenset("ab"))
        + rows_of(30, pod="B", scorers=frozenset("cd"), seed=2)[15:]
    )
    scopes = calibrate_scopes([*three, *four])
    assert {estimate.why_not for estimate in every_estimate(scopes.pods["A"])} == {
        Gap.TOO_FEW_SCORERS
    }
    assert scopes.pods["A"].confidence.brier is None
    assert scopes.pods["B"].confidence.bias.value is not None
    assert scopes.workspace.confidence.bias.n == 60


def test_a_pods_lifts_are_shrunk_over_the_whole_workspace():
    rows = [*rows_of(30, pod="A"), *rows_of(30, pod="B", seed=2)]
    pods = calibrate_scopes(rows).pods
    own = [row for row in rows if row.pod == "A"]
    assert pods["A"] == calibrate(own, shrunk=shrunk_lifts(rows))
    assert shrunk_lifts(rows)["A-0"] != shrunk_lifts(own)["A-0"]


def test_a_higher_confidence_gives_wider_intervals():
    rows = rows_of(60)
    for wide, narrow in zip(
        every_estimate(calibrate(rows, confidence=0.99)),
        every_estimate(calibrate(rows, confidence=0.8)),
        strict=True,
    ):
        assert wide.low < narrow.low <= narrow.value <= narrow.high < wide.high


def test_a_mean_of_equal_values_is_certain():
    assert mean_of(np.array([2.0, 2.0, 2.0]), 0.95).high == 2.0
