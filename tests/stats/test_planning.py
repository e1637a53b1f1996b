"""Sizes, detectable effects and run times are inverses, and impossible plans are refused."""

import numpy as np
import pytest
import scipy.special
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.stats import (
    AnyTime,
    CovariateMean,
    Mean,
    PlannedLooks,
    Proportion,
    Ratio,
    compare,
    compare_many,
    confidence_sequence,
    crossing_rate,
    detectable_effect,
    inflation,
    runtime,
    sample_size,
    spending_bounds,
    unit_variance,
    units_after,
)

DESIGNS = [None, AnyTime(), AnyTime(looks=7), PlannedLooks((0.3, 0.6, 1.0))]


@st.composite
def plans(draw):
    """All the options of a plan, besides the effect itself."""
    side = draw(st.sampled_from(["two-sided", "greater", "less"]))
    plan = {
        "alternative": side,
        "power": draw(st.sampled_from([0.8, 0.95])),
        "alpha": draw(st.sampled_from([0.01, 0.05])),
        "correlation": draw(st.floats(-0.95, 0.95)),
        "metrics": draw(st.integers(1, 2)),
        "monitoring": draw(st.sampled_from(DESIGNS)),
    }
    if draw(st.booleans()):
        plan["weights"] = draw(st.lists(st.floats(0.2, 5.0), min_size=2, max_size=4))
    else:
        plan["arms"] = draw(st.integers(2, 4))
    return plan


def smallest_arm(units, plan):
    """Below some units, a size is the least that can be tested, and does not follow the effect."""
    weights = plan.get("weights", [1.0, 1.0])
    return units * min(1.0, *(weight / weights[0] for weight in weights[1:]))


def towards(side, size):
    return -size if side == "less" else size


@settings(deadline=None)
@given(st.floats(0.001, 0.6), st.floats(0.005, 0.5), plans())
def test_size_and_detectable_effect_of_shares_are_inverses(baseline, size, plan):
    effect = towards(plan["alternative"], size)
    units = sample_size(baseline, relative_effect=effect, exact=True, **plan)
    assume(smallest_arm(units, plan) > 20)
    detectable = detectable_effect(baseline, units_per_arm=units, **plan)
    assert detectable == pytest.approx(effect, rel=1e-6)


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-100, 100).filter(lambda x: abs(x) > 0.1),
    st.floats(0.001, 1.0),
    st.floats(0.1, 1e4),
    plans(),
)
def test_size_and_detectable_effect_of_means_are_inverses(baseline, size, variance, plan):
    effect = towards(plan["alternative"], size)
    units = sample_size(baseline, relative_effect=effect, variance=variance, exact=True, **plan)
    assume(smallest_arm(units, plan) > 20)
    detectable = detectable_effect(baseline, units_per_arm=units, variance=variance, **plan)
    assert detectable == pytest.approx(effect, rel=1e-6)


@settings(deadline=None)
@given(
    st.floats(0.05, 0.9),
    st.floats(0.001, 0.04),
    st.floats(-0.9, 1.0),
    st.sampled_from([None, 4.0]),
    plans(),
)
def test_size_and_detectable_effect_against_a_margin_are_inverses(
    baseline, margin, share, variance, plan
):
    """The expected effect is `share` of the margin, towards the good side."""
    assume(plan["alternative"] != "two-sided")
    effect = towards(plan["alternative"], share * margin / baseline)
    options = {"margin": margin, "variance": variance, **plan}
    units = sample_size(baseline, relative_effect=effect, exact=True, **options)
    assume(smallest_arm(units, plan) > 20)
    detectable = detectable_effect(baseline, units_per_arm=units, **options)
    gap = margin / baseline
    assert towards(plan["alternative"], detectable) + gap == pytest.approx(
        (1 + share) * gap, rel=1e-6
    )


@settings(deadline=None)
@given(
    st.floats(2, 1e9),
    st.floats(1, 1e7),
    st.floats(0.01, 1.0),
    st.lists(st.floats(0.1, 10.0), min_size=2, max_size=14),
)
def test_weeks_and_units_are_inverses(units, traffic, share, weights):
    way = {"weights": weights, "units_per_week": traffic, "share": share}
    assert units_after(runtime(units, **way), **way) == pytest.approx(units, rel=1e-12)


def test_the_arm_with_the_fewest_units_decides():
    """A split of 4 : 1 : 2 is planned as 4 : 1 with two comparisons."""
    three = sample_size(0.1, relative_effect=0.1, weights=[4, 1, 2], exact=True)
    two = sample_size(0.1, relative_effect=0.1, weights=[4, 1], alpha=0.025, exact=True)
    assert three == pytest.approx(two, rel=1e-12)
    assert runtime(4000, weights=[4, 1, 2], units_per_week=1000) == pytest.approx(7.0)


def test_a_covariate_saves_its_share_of_the_units():
    for plan in ({}, {"variance": 0.09}):
        plain = sample_size(0.1, relative_effect=0.1, exact=True, **plan)
        sharper = sample_size(0.1, relative_effect=0.1, correlation=0.6, exact=True, **plan)
        assert sharper / plain == pytest.approx(1 - 0.36, rel=1e-3)


def test_several_primary_metrics_are_planned_for_the_first_step_of_holm():
    plan = {"baseline": 0.2, "relative_effect": 0.05, "exact": True}
    assert sample_size(**plan, arms=3, metrics=2) == sample_size(**plan, alpha=0.05 / 4)


def test_the_variance_of_a_unit_is_that_which_the_comparison_uses():
    rng = np.random.default_rng(5)
    y, x = rng.gamma(2, 3, 5000), rng.gamma(3, 1, 5000)
    for sample in (
        Mean.from_units(y),
        Proportion(5000, 700),
        Ratio.from_units(y, x),
        CovariateMean.from_units(y, y + x),
    ):
        effect = compare(sample, sample)
        assert unit_variance(sample) == pytest.approx(effect.standard_error**2 * 5000 / 2)
    left = 1 - np.corrcoef(y, y + x)[0, 1] ** 2
    sharper = unit_variance(CovariateMean.from_units(y, y + x))
    assert sharper == pytest.approx(y.var(ddof=1) * left)
    assert unit_variance(Mean(1, 3.0, 0.0)) is None
    assert unit_variance(Ratio(10, 1.0, 0.0, 1.0, 1.0, 0.0)) is None


def test_the_factor_of_planned_looks_agrees_with_jennison_and_turnbull():
    """2000, table 2.4: R of O'Brien and Fleming's classic bounds, K = 5: 1.028 at 80 %, 1.026 at
    90 % (θ from their bounds); the spending function's differs in the third place."""
    fractions = [0.2, 0.4, 0.6, 0.8, 1.0]
    classic = [2.040073 * t**-0.5 for t in fractions]
    for power, factor in ((0.8, 1.028), (0.9, 1.026)):
        fixed = 1.959964 + scipy.special.ndtri(power)
        drift = fixed * factor**0.5
        assert crossing_rate(classic, fractions, drift) == pytest.approx(power, abs=0.0008)
        ours = inflation(PlannedLooks(tuple(fractions)), power=power)
        assert ours == pytest.approx(factor, abs=0.005)


@pytest.mark.parametrize("side", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("design", DESIGNS[1:])
def test_a_design_reaches_its_power_with_the_inflated_units(design, side):
    factor = inflation(design, power=0.9, alpha=0.05, alternative=side)
    tails = 2 if side == "two-sided" else 1
    fixed = -scipy.special.ndtri(0.05 / tails) + scipy.special.ndtri(0.9)
    rng = np.random.default_rng(3)
    times = np.array(design.fractions)
    steps = np.diff(times, prepend=0.0)
    score = rng.normal(fixed * factor**0.5 * steps, steps**0.5, (200_000, times.size)).cumsum(1)
    crossed = (score / times**0.5 > design.bounds(0.05, 0.05, side)).any(axis=1)
    assert crossed.mean() == pytest.approx(0.9, abs=0.003)


def test_bounds_of_a_sequence_are_where_its_p_is_alpha():
    plan = AnyTime(looks=4)
    for side in ("two-sided", "greater"):
        for time, bound in zip(plan.fractions, plan.bounds(0.05, 0.02, side), strict=True):
            n = 5000 * time
            arms = Mean(n, 0.0, 1.0), Mean(n, bound * (2 / n) ** 0.5, 1.0)
            look = confidence_sequence(*arms, planned_n=10_000, alternative=side)
            assert look.p_value == pytest.approx(0.02)


def test_a_test_read_at_any_time_is_as_powerful_as_planned():
    rng = np.random.default_rng(19)
    design = AnyTime(looks=10)
    n = sample_size(0.1, relative_effect=0.2, monitoring=design)
    steps = rng.binomial(-(-n // 10), [[[0.1]], [[0.12]]], (2, 10, 8000)).cumsum(axis=1)
    units = np.arange(1, 11)[:, None] * -(-n // 10) + 0 * steps[0]
    arms = [Proportion(units, arm) for arm in steps]
    look = confidence_sequence(*arms, planned_n=2 * n)
    assert (look.p_value <= 0.05).any(axis=0).mean() == pytest.approx(0.8, abs=0.015)


def test_one_sided_bounds_spend_on_one_side():
    fractions = [0.25, 0.5, 1.0]
    bounds = spending_bounds(fractions, alpha=0.05, alternative="greater")
    assert crossing_rate(bounds, fractions, alternative="greater") == pytest.approx(0.05, rel=1e-9)
    assert spending_bounds([1.0], alpha=0.05, alternative="less") == pytest.approx([1.6448536])
    half = spending_bounds(fractions, alpha=0.025, alternative="greater")
    assert half == pytest.approx(spending_bounds(fractions, alpha=0.05), rel=1e-4)
    with pytest.raises(ValueError, match="alternative"):
        spending_bounds(fractions, alternative="larger")


@pytest.mark.parametrize(
    "design", [AnyTime(looks=0), PlannedLooks((0.5, 0.9)), PlannedLooks((0.5, 0.2, 1.0))]
)
def test_designs_that_cannot_be_are_refused(design):
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        sample_size(0.1, relative_effect=0.1, monitoring=design)


def test_a_fall_is_planned_for_too():
    units = sample_size(0.1, relative_effect=-0.1, exact=True)
    assert detectable_effect(0.1, units_per_arm=units, alternative="two-sided") > 0
    one_sided = sample_size(0.1, relative_effect=-0.1, alternative="less", exact=True)
    assert detectable_effect(0.1, units_per_arm=one_sided, alternative="less") == pytest.approx(
        -0.1
    )


def test_more_arms_power_or_certainty_cost_more_units():
    plan = {"baseline": 0.2, "relative_effect": 0.05}
    least = sample_size(**plan)
    assert sample_size(**plan, arms=3) > least
    assert sample_size(**plan, power=0.9) > least
    assert sample_size(**plan, alpha=0.01) > least
    assert sample_size(**plan, alternative="greater") < least


def test_three_arms_are_planned_for_the_first_step_of_holm():
    assert sample_size(0.2, relative_effect=0.05, arms=3, exact=True) == pytest.approx(
        sample_size(0.2, relative_effect=0.05, alpha=0.025, exact=True)
    )


@pytest.mark.parametrize(
    "plan",
    [
        {"baseline": 0.0, "relative_effect": 0.1},
        {"baseline": 1.0, "relative_effect": 0.1},
        {"baseline": 0.6, "relative_effect": 1.0},
        {"baseline": 0.1, "relative_effect": 0.0},
        {"baseline": 10.0, "relative_effect": 0.1, "variance": 0.0},
        {"baseline": 0.1, "relative_effect": 0.1, "power": 1.0},
        {"baseline": 0.1, "relative_effect": 0.1, "alpha": 0.9},
        {"baseline": 0.1, "relative_effect": 0.1, "arms": 1},
        {"baseline": 0.1, "relative_effect": 0.1, "arms": 3, "weights": [1, 1]},
        {"baseline": 0.1, "relative_effect": 0.1, "weights": [1, 0]},
        {"baseline": 0.1, "relative_effect": 0.1, "weights": [1]},
        {"baseline": 0.1, "relative_effect": 0.1, "correlation": 1.0},
        {"baseline": 0.1, "relative_effect": 0.1, "metrics": 0},
        {"baseline": 0.1, "relative_effect": 0.1, "alternative": "less"},
        {"baseline": 0.1, "relative_effect": -0.2, "alternative": "greater", "margin": 0.01},
    ],
)
def test_plans_that_cannot_be_are_refused_with_a_sentence(plan):
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        sample_size(**plan)


def test_too_few_units_detect_nothing_that_is_possible():
    assert detectable_effect(0.9, units_per_arm=20) is None
    assert detectable_effect(10.0, units_per_arm=1, variance=4.0) is None


def test_runtime_is_weeks_of_traffic():
    assert runtime(14751, arms=2, units_per_week=6000) == pytest.approx(4.917)
    assert runtime(14751, arms=2, units_per_week=6000, share=0.5) == pytest.approx(9.834)
    with pytest.raises(ValueError, match="the audience brings no units"):
        runtime(100, units_per_week=0)


def test_unequal_arms_cost_more_in_all_and_are_inverses():
    for plan in ({}, {"variance": 4.0}):
        even = sample_size(0.2, relative_effect=0.2, exact=True, **plan)
        skewed = sample_size(0.2, relative_effect=0.2, weights=[1, 4], exact=True, **plan)
        assert skewed < even
        assert skewed * 5 > even * 2
        detectable = detectable_effect(0.2, units_per_arm=skewed, weights=[1, 4], **plan)
        assert detectable == pytest.approx(0.2, rel=1e-6)


@pytest.mark.parametrize("allocation", [0.25, 1.0, 3.0])
def test_the_power_of_unequal_arms_is_as_planned(allocation):
    rng = np.random.default_rng(17)
    n = sample_size(0.1, relative_effect=0.3, weights=[1, allocation])
    k = round(n * allocation)
    x, y = rng.binomial(n, 0.1, 20_000), rng.binomial(k, 0.13, 20_000)
    effect = compare_many(Proportion(np.full(20_000, n), x), Proportion(np.full(20_000, k), y))
    assert (effect.p_value <= 0.05).mean() == pytest.approx(0.8, abs=0.02)


def test_the_power_against_a_margin_is_as_planned():
    rng = np.random.default_rng(18)
    n = sample_size(0.1, relative_effect=0.0, alternative="greater", margin=0.02)
    x = rng.binomial(n, 0.1, (2, 20_000))
    arms = [Proportion(np.full(20_000, n), arm) for arm in x]
    effect = compare_many(*arms, alternative="greater", margin=0.02)
    assert (effect.p_value <= 0.05).mean() == pytest.approx(0.8, abs=0.015)


def test_a_margin_for_means_is_an_effect_to_be_seen():
    against = sample_size(
        10, relative_effect=0.0, variance=4.0, alternative="greater", margin=0.5, exact=True
    )
    plain = sample_size(10, relative_effect=0.05, variance=4.0, alternative="greater", exact=True)
    assert against == pytest.approx(plain)


def test_a_margin_without_a_direction_is_refused():
    with pytest.raises(ValueError, match="direction"):
        sample_size(0.1, relative_effect=0.0, margin=0.01)
