"""Readings at any time: how often they err at uneven arms, and that p and interval agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.stats import (
    AnyTime,
    Mean,
    Proportion,
    confidence_sequence,
    running,
    sample_size,
    superseded,
)

LOOKS = 28


def arms_over(rng, runs, rates, planned_n, control_share):
    """Both arms at the end of each of 28 days: arrays of runs × days."""
    units = np.diff(np.round(np.arange(LOOKS + 1) * planned_n / LOOKS)).astype(int)
    control = rng.binomial(units, control_share, (runs, LOOKS))
    counts = control, units - control
    return [
        Proportion(n.cumsum(1), rng.binomial(n, rate).cumsum(1))
        for n, rate in zip(counts, rates, strict=True)
    ]


def planned(rate, lift, control_share, **design):
    weights = [control_share, 1 - control_share]
    size = sample_size(rate, relative_effect=lift, weights=weights, **design)
    return size / control_share


def wins(look):
    """Runs in which p was at most .05 at any look."""
    return (np.nan_to_num(look.p_value, nan=1.0) <= 0.05).any(axis=1)


def clear(look, truth):
    """Runs in which the interval missed the truth at any look."""
    return ((look.low > truth) | (look.high < truth)).any(axis=1)


SHARES = (0.5, 0.1, 0.05, 0.02, 0.01)
PLANS = [(rate, lift) for rate in (0.1, 0.05, 0.01, 0.001) for lift in (0.2, 0.5, 1.0)]


@pytest.mark.parametrize("share", SHARES)
def test_a_sequence_of_shares_errs_at_most_as_promised(share):
    """F1: 42.8 of 100 tests of nothing won at 2:98 by each arm's own spread."""
    rng = np.random.default_rng(20261129)
    for rate, lift in PLANS:
        planned_n = planned(rate, lift, share)
        arms = arms_over(rng, 300, (rate, rate), planned_n, share)
        for side in ("two-sided", "greater", "less"):
            look = confidence_sequence(*arms, planned_n=planned_n, alternative=side)
            assert wins(look).mean() <= 0.05, (rate, lift, side)
        two_sided = confidence_sequence(*arms, planned_n=planned_n)
        assert clear(two_sided, 0.0).mean() <= 0.05


@pytest.mark.parametrize("share", [0.1, 0.02])
def test_the_old_sequence_is_caught_by_the_same_test(share):
    rng = np.random.default_rng(20261129)
    planned_n = planned(0.01, 1.0, share)
    arms = arms_over(rng, 400, (0.01, 0.01), planned_n, share)
    old = superseded.confidence_sequence(*arms, planned_n=planned_n, confidence=0.95)
    assert wins(old).mean() > 0.1


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("part", [0.25, 1.0])
def test_the_watch_of_a_guardrail_errs_at_most_as_promised(share, part):
    """The treatment is worse by just the margin; “unsubscribed” of .1 % too."""
    rng = np.random.default_rng(20261129)
    for rate, lift in PLANS:
        margin, planned_n = part * rate, planned(rate, lift, share)
        arms = arms_over(rng, 400, (rate, rate + margin), planned_n, share)
        watched = confidence_sequence(*arms, planned_n=planned_n)
        assert clear(watched, margin).mean() <= 0.05, (rate, lift)
        look = confidence_sequence(*arms, planned_n=planned_n, alternative="less", margin=margin)
        assert wins(look).mean() <= 0.06, (rate, lift)


def test_a_guardrail_of_one_per_mille_with_40_000_planned_stays_silent():
    """F1: 30 of 100 were false alarms at 10:90."""
    rng = np.random.default_rng(20261129)
    arms = arms_over(rng, 1500, (0.001, 0.001), 40_000, 0.1)
    assert clear(confidence_sequence(*arms, planned_n=40_000), 0.0).mean() <= 0.02


@pytest.mark.parametrize(
    ("rate", "lift", "share"),
    [(0.1, 0.2, 0.5), (0.01, 0.5, 0.5), (0.001, 1.0, 0.5), (0.01, 1.0, 0.1), (0.1, 0.2, 0.05)],
)
def test_a_sequence_of_shares_keeps_the_power_that_was_planned(rate, lift, share):
    rng = np.random.default_rng(20261129)
    planned_n = planned(rate, lift, share, monitoring=AnyTime())
    arms = arms_over(rng, 1500, (rate, rate * (1 + lift)), planned_n, share)
    assert wins(confidence_sequence(*arms, planned_n=planned_n)).mean() >= 0.8
    if share == 0.5:
        old = superseded.confidence_sequence(*arms, planned_n=planned_n, confidence=0.95)
        look = confidence_sequence(*arms, planned_n=planned_n)
        assert wins(look).mean() >= wins(old).mean() - 0.01


counts = st.integers(2, 400)


@st.composite
def shares(draw):
    n = draw(st.one_of(counts, st.integers(2, 100_000)))
    return Proportion(n, draw(st.integers(0, n)))


@settings(max_examples=300, deadline=None)
@given(shares(), shares(), st.sampled_from([0.8, 0.95, 0.99]), st.sampled_from([500.0, 1e5]))
def test_an_interval_of_shares_leaves_zero_out_where_p_says_so(
    control, treatment, level, planned_n
):
    look = confidence_sequence(control, treatment, confidence=level, planned_n=planned_n)
    assert look.low <= look.difference + 1e-12
    assert look.high >= look.difference - 1e-12
    assert -1 <= look.low <= look.high <= 1
    if look.p_value is not None and abs(look.p_value - (1 - level)) > 1e-9:
        is_out = look.low > 0 or look.high < 0
        touches = 0.0 in (look.low, look.high)
        assert is_out == (look.p_value < 1 - level) or (touches and look.method == "e-process")
    assert (look.caution == "few-events") == (look.method == "e-process")


@settings(max_examples=150, deadline=None)
@given(shares(), shares(), st.floats(0.001, 0.4), st.sampled_from(["greater", "less"]))
def test_against_a_margin_too(control, treatment, margin, side):
    look = confidence_sequence(control, treatment, planned_n=5000, alternative=side, margin=margin)
    null = -margin if side == "greater" else margin
    end = look.low if side == "greater" else look.high
    assert (look.low is None) != (look.high is None)
    if look.p_value is not None and abs(look.p_value - 0.05) > 1e-6 and abs(end - null) > 1e-9:
        assert (end > null if side == "greater" else end < null) == (look.p_value < 0.05)


def test_it_turns_with_the_arms_and_with_what_counts_as_a_success():
    arms = Proportion(300, 4), Proportion(2700, 90)
    turned = [Proportion(arm.n, arm.n - arm.successes) for arm in arms]
    for options, back in (({}, {}), ({"alternative": "greater"}, {"alternative": "less"})):
        forth = confidence_sequence(*arms, planned_n=9000, **options)
        other = confidence_sequence(*turned, planned_n=9000, **back)
        swapped = confidence_sequence(*reversed(arms), planned_n=9000, **back)
        assert forth.p_value == pytest.approx(other.p_value) == pytest.approx(swapped.p_value)
        assert forth.low == pytest.approx(-other.high) == pytest.approx(-swapped.high)


def test_nothing_is_won_with_no_conversion_in_a_small_control():
    """F1: “Ship” at 0 of 54 against 15 of 486; p = .043 at 0 of 140 against 11 of 1,260."""
    for control, treatment in (
        (Proportion(54, 0), Proportion(486, 15)),
        (Proportion(140, 0), Proportion(1260, 11)),
    ):
        look = confidence_sequence(control, treatment, planned_n=5600)
        assert look.p_value > 0.5
        assert look.low < 0 < look.high
        assert look.method == "e-process"


def test_an_arm_with_no_conversions_has_an_interval_as_wide_as_its_units_allow():
    few = confidence_sequence(Proportion(100, 0), Proportion(100, 0), planned_n=1000)
    many = confidence_sequence(Proportion(10_000, 0), Proportion(10_000, 0), planned_n=1000)
    assert (few.why_not, few.p_value) == ("no-conversions", None)
    assert few.low < -0.05 < 0.05 < few.high
    assert -0.01 < many.low < 0 < many.high < 0.01


def revenue_over(rng, runs, per_day, sigma, zeros):
    """Revenue per unit of one arm at the end of each day."""
    units = (runs, LOOKS, per_day)
    values = rng.lognormal(0, sigma, units) * (rng.random(units) >= zeros)
    n = per_day * np.arange(1.0, LOOKS + 1)
    mean = values.sum(2).cumsum(1) / n
    squares = (values**2).sum(2).cumsum(1) / n
    return Mean(n, mean, np.maximum(squares - mean**2, 0) * n / (n - 1))


@pytest.mark.parametrize(
    ("per_day", "sigma", "zeros", "runs"),
    [
        ((20, 180), 1, 0.95, 800),
        ((20, 180), 1, 0.0, 800),
        ((200, 1800), 1, 0.95, 150),
        ((200, 1800), 2, 0.95, 150),
        ((180, 20), 2, 0.95, 400),
        ((100, 100), 1, 0.95, 800),
    ],
)
def test_a_sequence_of_revenue_errs_at_most_as_promised(per_day, sigma, zeros, runs):
    """F1: 16.8 of 100 at 20:180 a day, 13.1 at 200:1,800 with σ 2."""
    rng = np.random.default_rng(20261129)
    hits, old_hits = [], []
    planned_n = LOOKS * sum(per_day)
    for _ in range(runs // 50):
        arms = [revenue_over(rng, 50, n, sigma, zeros) for n in per_day]
        hits.append(wins(confidence_sequence(*arms, planned_n=planned_n)))
        old = superseded.confidence_sequence(*arms, planned_n=planned_n, confidence=0.95)
        old_hits.append(wins(old))
    assert np.mean(hits) <= 0.05
    if sigma == 2 or per_day == (20, 180):
        assert np.mean(old_hits) >= np.mean(hits)


def test_equal_arms_of_means_are_read_as_before():
    arms = Mean(2500, 100, 900), Mean(2500, 102, 961)
    old = superseded.confidence_sequence(*arms, planned_n=5000, confidence=0.95)
    assert confidence_sequence(*arms, planned_n=5000) == old


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.05]), st.sampled_from([0.5, 0.05]))
def test_p_and_interval_agree_over_all_looks_so_far(seed, effect, share):
    rng = np.random.default_rng(seed)
    control, treatment = arms_over(rng, 1, (0.1, 0.1 + effect), 6000, share)
    looks = [
        confidence_sequence(
            Proportion(control.n[0, day], control.successes[0, day]),
            Proportion(treatment.n[0, day], treatment.successes[0, day]),
            planned_n=6000,
        )
        for day in range(LOOKS)
    ]
    p_so_far, low_so_far = 1.0, -1.0
    for look in running(looks):
        if look.p_value is None:
            continue
        assert look.p_value <= p_so_far
        assert look.low >= low_so_far
        p_so_far, low_so_far = look.p_value, look.low
        assert look.low <= look.high
        if look.p_value > 0.05:
            assert look.low <= 0 <= look.high
        else:
            assert look.low >= 0 or look.high <= 0


def test_an_open_end_stays_open_and_what_is_left_is_never_empty():
    one_side = [
        confidence_sequence(
            Mean(n, 0.0, 1.0), Mean(n, d, 1.0), planned_n=2000, alternative="greater"
        )
        for n, d in ((500, 0.3), (900, 0.2))
    ]
    low = max(look.low for look in one_side)
    assert [(look.low, look.high) for look in running(one_side)][-1] == (low, None)
    apart = [
        confidence_sequence(Mean(900, 0.0, 1.0), Mean(900, d, 1.0), planned_n=2000)
        for d in (2.0, -2.0)
    ]
    last = running(apart)[-1]
    assert last.low == last.high == apart[0].low


def test_one_side_is_won_by_the_arm_that_is_ahead():
    behind, ahead = Proportion(3000, 2), Proportion(3000, 27)
    for arms, side, other in (
        ((behind, ahead), "greater", "less"),
        ((ahead, behind), "less", "greater"),
        ([Proportion(3000, 3000 - arm.successes) for arm in (behind, ahead)], "less", "greater"),
    ):
        won = confidence_sequence(*arms, planned_n=6000, alternative=side)
        lost = confidence_sequence(*arms, planned_n=6000, alternative=other)
        both = confidence_sequence(*arms, planned_n=6000)
        assert (won.method, lost.p_value) == ("e-process", 1.0)
        assert won.p_value < both.p_value < 0.01
