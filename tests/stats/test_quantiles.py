"""Quantiles of two arms: limits from the units themselves, for any distribution and any ties."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.stats import WHY_NOT, compare_quantiles
from experiments.stats.quantiles import _arm

LIFT_ONLY = ("control-mean-may-be-zero", "lift-has-no-interval")
values = st.lists(st.integers(-50, 50).map(float), max_size=60)


def test_an_arms_limits_are_order_statistics_at_their_binomial_chances():
    units = np.random.default_rng(2).permutation(np.arange(1.0, 201.0) ** 1.5)
    arm, in_order = _arm(units, 0.3), np.sort(units)
    for rank in (40, 50, 55):
        z = -scipy.stats.norm.ppf(scipy.stats.binom.cdf(rank - 1, 200, 0.3))
        assert arm.limits(z)[0] == pytest.approx(in_order[rank - 1], rel=1e-12)
    for rank in (66, 75, 80):
        z = -scipy.stats.norm.ppf(scipy.stats.binom.sf(rank - 1, 200, 0.3))
        assert arm.limits(z)[1] == pytest.approx(in_order[rank - 1], rel=1e-12)


def test_an_arms_limits_agree_with_scipy():
    """`scipy.stats.quantile_test` takes whole ranks on the outside; ours are within one of them."""
    units = np.sort(np.random.default_rng(3).lognormal(0, 1, 400))
    limits = scipy.stats.quantile_test(units, q=0.0, p=0.9).confidence_interval(0.95)
    low, high = _arm(units, 0.9).limits(1.959964)
    place_low, place_high = np.searchsorted(units, [limits.low, limits.high])
    assert units[place_low] <= low <= units[place_low + 1]
    assert units[place_high - 1] <= high <= units[place_high]


def test_a_shift_is_found_and_the_interval_agrees_with_p():
    rng = np.random.default_rng(6)
    control, treatment = rng.exponential(10, 800), rng.exponential(10, 900) + 1.5
    effect = compare_quantiles(control, treatment)
    assert effect.difference == pytest.approx(np.median(treatment) - np.median(control))
    assert effect.low < 1.5 < effect.high
    edge = compare_quantiles(control, treatment, confidence=1 - effect.p_value)
    assert edge.low == pytest.approx(0, abs=1e-9)
    assert effect.method == "quantile"
    greater = compare_quantiles(control, treatment, alternative="greater")
    less = compare_quantiles(control, treatment, alternative="less")
    assert greater.p_value == pytest.approx(effect.p_value / 2)
    assert less.p_value == pytest.approx(1 - effect.p_value / 2)
    assert (greater.high, less.low, greater.lift_high) == (None, None, None)
    assert greater.low > effect.low


def test_the_standard_error_is_that_of_the_textbook():
    """√(q(1−q)/n)/f at the quantile, for exponential units of mean 1: f = 1 − q."""
    rng = np.random.default_rng(9)
    effect = compare_quantiles(rng.exponential(1, 20_000), rng.exponential(1, 20_000), q=0.9)
    expected = math.sqrt(2 * 0.9 * 0.1 / 20_000) / 0.1
    assert effect.standard_error == pytest.approx(expected, rel=0.1)


@settings(deadline=None, max_examples=120)
@given(values, values, st.floats(0.01, 0.99), st.sampled_from(["two-sided", "greater", "less"]))
def test_any_units_give_finite_numbers_or_a_name(control, treatment, q, side):
    effect = compare_quantiles(control, treatment, q=q, alternative=side)
    for name, value in vars(effect).items():
        assert not isinstance(value, float) or math.isfinite(value), name
    assert effect.why_not is None or effect.why_not in WHY_NOT
    assert (effect.difference is None) == (not control or not treatment)
    if effect.p_value is None:
        assert effect.why_not is not None
    else:
        assert 0 < effect.p_value <= 1


@settings(deadline=None, max_examples=60)
@given(values, values, st.floats(0.05, 0.95), st.integers(1, 9), st.integers(-9, 9))
def test_arms_swap_and_units_scale_and_shift(control, treatment, q, scale, shift):
    effect = compare_quantiles(control, treatment, q=q)
    swapped = compare_quantiles(treatment, control, q=q)
    moved = compare_quantiles(
        [v * scale + shift for v in reversed(control)],
        [v * scale + shift for v in treatment],
        q=q,
    )
    for other in (swapped, moved):
        assert (other.p_value is None) == (effect.p_value is None)
    if effect.p_value is not None:
        assert swapped.p_value == pytest.approx(effect.p_value)
        assert (swapped.low, swapped.high) == (
            pytest.approx(-effect.high), pytest.approx(-effect.low)
        )  # fmt: skip
        assert moved.p_value == pytest.approx(effect.p_value, rel=1e-6)
        assert moved.low == pytest.approx(effect.low * scale, rel=1e-6, abs=1e-9)


def test_ties_do_not_raise_false_alarms():
    rng = np.random.default_rng(12)
    alarms = [
        (compare_quantiles(*rng.poisson(3, (2, 200)), q=q).p_value or 1.0) <= 0.05
        for q in (0.5, 0.9)
        for _ in range(200)
    ]
    assert np.mean(alarms) < 0.03


@pytest.mark.parametrize(
    ("control", "treatment", "q", "why_not"),
    [
        ([], [1.0], 0.5, "no-units"),
        (range(1, 6), range(1, 6), 0.5, "too-few-for-quantile"),
        (range(1, 368), range(1, 400), 0.99, "too-few-for-quantile"),
        ([3] * 500, [3] * 500, 0.5, "tied-at-quantile"),
        ([0] * 60 + [5] * 40, range(100), 0.5, "control-mean-may-be-zero"),
        (range(1, 101), range(-45, 55), 0.5, "lift-has-no-interval"),
    ],
)
def test_what_cannot_be_told_has_a_name(control, treatment, q, why_not):
    effect = compare_quantiles(list(control), list(treatment), q=q)
    assert effect.why_not == why_not
    assert (effect.p_value is None) == (why_not not in LIFT_ONLY)


def test_far_out_a_quantile_needs_as_many_units_as_the_binomial_says():
    """0.99 ** 368 is the first power that is at most 0.025."""
    assert compare_quantiles(range(1, 369), range(1, 369), q=0.99).low is not None


def test_a_lift_lies_on_the_log_scale_on_either_side_of_zero():
    rng = np.random.default_rng(4)
    control, treatment = rng.lognormal(2, 1, 500), rng.lognormal(2.3, 1, 500)
    above, below = (compare_quantiles(s * control, s * treatment) for s in (1, -1))
    assert above.lift == pytest.approx(np.median(treatment) / np.median(control) - 1)
    assert above.lift_low < math.expm1(0.3) < above.lift_high
    assert (below.lift, below.lift_low) == (
        pytest.approx(-above.lift), pytest.approx(-above.lift_high)
    )  # fmt: skip
    logs = compare_quantiles(np.log(control) + 5, np.log(treatment) + 5)
    assert math.log1p(above.lift_low) == pytest.approx(logs.low, abs=0.01)


@pytest.mark.parametrize("q", [0.0, 1.0, 1.5])
def test_a_quantile_lies_between_0_and_1(q):
    with pytest.raises(ValueError, match="between 0 and 1"):
        compare_quantiles([1, 2], [1, 2], q=q)


def test_values_that_are_missing_have_a_name():
    effect = compare_quantiles([1.0, math.nan] * 50, range(100))
    assert (effect.why_not, effect.difference) == ("missing-numbers", None)
    assert compare_quantiles([1.0, math.inf] * 50, range(100), q=0.9).difference is None
