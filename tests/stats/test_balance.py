"""The sample ratio: flagged where it is surprising, and let pass where the caller says it can't matter."""

import math

import numpy as np
import pytest
import scipy.stats

from experiments.stats import sample_ratio, sample_ratio_sequential
from experiments.stats.multinomial import exact_multinomial

BOTH = pytest.mark.parametrize("test", [sample_ratio, sample_ratio_sequential])


@pytest.mark.parametrize(
    ("observed", "weights", "is_mismatch"),
    [
        ([44700, 45489], [1, 1], False),  # p = .0086: chance
        ([821588, 815482], [1, 1], True),  # p = 1.8e-6: the example of Kohavi, Tang & Xu 2020 ch. 3
        ([10**9, 10**9 + 400_000], [1, 1], True),
        ([5000, 5600], [1, 1], True),
        ([9000, 1200], [9, 1], True),
        ([9000, 1010], [9, 1], False),
        ([999_900, 100], [9999, 1], False),
        ([199, 1], [99.99, 0.01], False),  # χ² would say 4e-12; exact .0198
        ([100, 100, 100, 400], [1, 1, 1, 1], True),
        ([500] * 14, [1] * 14, False),
    ],
)
def test_a_mismatch_is_what_chance_does_not_explain(observed, weights, is_mismatch):
    balance = sample_ratio(observed, weights)
    assert balance.is_mismatch == is_mismatch
    assert balance.code == ("mismatch" if is_mismatch else "by-chance")
    assert balance.explanation


@BOTH
def test_a_deviation_that_cannot_matter_is_named_so_and_never_as_planned(test):
    observed = [821588, 815482]
    assert test(observed, [1, 1]).is_mismatch
    harmless = test(observed, [1, 1], tolerance=0.005)
    assert (harmless.is_mismatch, harmless.code) == (False, "too-small-to-matter")
    assert "which chance explains" not in harmless.explanation
    assert "too small to matter" in harmless.explanation
    assert test(observed, [1, 1], tolerance=0.003).is_mismatch
    assert test([5000, 5100], [1, 1], tolerance=0.5).code == "by-chance"
    for tolerance in (-0.1, math.nan):
        with pytest.raises(ValueError, match="tolerance"):
            test([1, 2], [1, 1], tolerance=tolerance)


@pytest.mark.parametrize("share", [0.0001, 0.004, 0.3])
def test_two_arms_are_exact_where_one_expects_few(share):
    for n in (1, 7, 25, 200):
        for few in range(min(n, 9) + 1):
            exact = scipy.stats.binomtest(few, n, share).pvalue
            balance = sample_ratio([n - few, few], [1 - share, share])
            if min(balance.expected) < 10:
                assert balance.p_value == pytest.approx(exact, rel=1e-9), (n, few)


def test_three_arms_are_exact_where_one_expects_few():
    seen, share = np.array([9.0, 2.0, 1.0]), np.array([0.5, 0.3, 0.2])
    chance = scipy.stats.multinomial(12, share)
    outcomes = [(a, b, 12 - a - b) for a in range(13) for b in range(13 - a)]
    chances = chance.pmf(outcomes)
    exact = chances[chances <= chance.pmf(seen) * (1 + 1e-7)].sum()
    assert sample_ratio(seen, share).p_value == pytest.approx(exact, rel=1e-9)


def test_p_of_few_units_goes_on_in_logs():
    p_value, log10_p = exact_multinomial(np.array([1e9 - 5000, 5000.0]), np.array([1 - 5e-9, 5e-9]))
    assert 0 < p_value < 1e-300
    log_pmf = scipy.stats.poisson.logpmf(5000, 5) / math.log(10)
    assert log10_p == pytest.approx(log_pmf, abs=0.01)


@pytest.mark.parametrize(
    ("n", "weights"),
    [
        (200, [9999, 1]),
        (200, [99, 1]),
        (3000, [500, 490, 4]),
        (3000, [500, 490, 3, 3, 2, 2, 2]),
        (100, [1] * 14),
    ],
)
def test_false_alarms_are_as_rare_as_promised(n, weights):
    share = np.array(weights) / sum(weights)
    units = np.random.default_rng(20261129).multinomial(n, share, 4000)
    rows, counts = np.unique(units, axis=0, return_counts=True)
    p = np.repeat([sample_ratio(row, weights).p_value for row in rows], counts)
    assert (p < 0.001).mean() <= 0.001 + 0.002
    assert (p < 0.05).mean() <= 0.05 + 0.008
    if len(weights) > 2:
        assert (p < 0.05).mean() >= 0.03


@pytest.mark.parametrize(
    ("n", "weights"), [(200, [9999, 1]), (2000, [99, 1]), (2000, [1, 1]), (10**6, [1, 1])]
)
def test_the_sequential_ratio_keeps_its_rate_over_28_looks(n, weights):
    rng = np.random.default_rng(20261129)
    share, runs, hits = np.array(weights) / sum(weights), 1500, 0
    for _ in range(runs):
        looks = rng.multinomial(
            np.diff(np.round(np.arange(29) * n / 28)).astype(int), share
        ).cumsum(0)
        hits += any(sample_ratio_sequential(look, weights).is_mismatch for look in looks)
    assert hits / runs <= 0.001 + 2 * math.sqrt(0.001 / runs)


def test_the_sequential_ratio_sees_a_loss():
    looks = [sample_ratio_sequential([500 * day, 430 * day], [1, 1]) for day in range(1, 29)]
    assert looks[-1].is_mismatch
    assert not looks[0].is_mismatch


@BOTH
@pytest.mark.parametrize("odd", [-1.0, math.nan, math.inf, -math.inf])
def test_units_that_cannot_be_have_a_name(test, odd):
    balance = test([odd, 2.0], [1, 1])
    assert (balance.why_not, balance.is_mismatch, balance.p_value) == (
        "impossible-numbers",
        False,
        None,
    )
    assert balance.explanation


def test_expected_counts_follow_the_designed_weights():
    balance = sample_ratio([700, 300], [3, 1])
    assert balance.expected == (750, 250)
    assert balance.observed == (700, 300)
    assert balance.max_deviation == pytest.approx(0.2)


def test_p_goes_on_in_logs_where_it_underflows():
    balance = sample_ratio([10**6, 2 * 10**6], [1, 1])
    assert 0 < balance.p_value < 1e-300
    assert balance.log10_p == pytest.approx(-72385.273, abs=1e-3)


@pytest.mark.parametrize(
    ("observed", "weights", "why_not", "is_mismatch"),
    [
        ([0, 0], [1, 1], "no-units", False),
        ([10, 0], [1, 0], "one-arm", False),
        ([10, 5], [1, 0], "unplanned-arm", True),
    ],
)
def test_what_cannot_be_tested_has_a_name(observed, weights, why_not, is_mismatch):
    balance = sample_ratio(observed, weights)
    assert (balance.why_not, balance.is_mismatch, balance.p_value) == (why_not, is_mismatch, None)


@pytest.mark.parametrize(
    ("observed", "weights"), [([1, 2], [1]), ([1, 2], [0, 0]), ([1, 2], [1, -1])]
)
def test_weights_that_cannot_be_are_refused(observed, weights):
    with pytest.raises(ValueError, match="weight"):
        sample_ratio(observed, weights)
