"""Covariates of several kinds, clusters, segments, and what a look says of the end."""

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from experiments.stats import (
    AnyTime,
    CovariateMean,
    Effect,
    Mean,
    PlannedLooks,
    Proportion,
    Ratio,
    compare,
    conditional_power,
    confidence_sequence,
    crossing_rate,
    detectable_at_looks,
    detectable_effect,
    fitted_scores,
    interaction,
    posterior,
    prior_from,
    spending_bounds,
)


def test_a_share_is_sharpened_by_what_was_known_before():
    """CUPED of 0/1 values: opened now, by opened last period. The lift stays that of the share."""
    rng = np.random.default_rng(1)
    hits, spreads = [], []
    for _ in range(400):
        arms = []
        for _ in range(2):
            before = (rng.random(1500) < 0.3).astype(float)
            after = (rng.random(1500) < 0.1 + 0.5 * before).astype(float)
            arms.append((after, before))
        sharp = compare(*(CovariateMean.from_units(*arm) for arm in arms))
        plain = compare(*(Proportion.from_units(after) for after, _ in arms))
        hits.append(sharp.p_value <= 0.05)
        spreads.append(sharp.standard_error / plain.standard_error)
        assert sharp.lift == pytest.approx(sharp.difference / arms[0][0].mean())
    assert np.mean(hits) == pytest.approx(0.05, abs=0.025)
    assert np.mean(spreads) < 0.93


def test_several_covariates_become_one_score():
    rng = np.random.default_rng(2)
    arms = []
    for effect in (0.0, 0.3):
        x = rng.normal(0, 1, (4000, 3))
        arms.append((effect + x @ [1.0, -0.5, 0.2] + rng.normal(0, 1, 4000), x))
    scores = fitted_scores(arms)
    both = compare(
        *(CovariateMean.from_units(y, score) for (y, _), score in zip(arms, scores, strict=True))
    )
    one = compare(*(CovariateMean.from_units(y, x[:, 0]) for y, x in arms))
    plain = compare(*(Mean.from_units(y) for y, _ in arms))
    assert both.standard_error < one.standard_error < plain.standard_error
    assert abs(both.difference - 0.3) < 4 * both.standard_error
    joined = np.column_stack(
        [np.r_[np.zeros(4000), np.ones(4000)], np.ones(8000), np.concatenate([x for _, x in arms])]
    )
    by_regression = np.linalg.lstsq(joined, np.concatenate([y for y, _ in arms]), rcond=None)[0][0]
    assert both.difference == pytest.approx(by_regression, abs=1e-3)
    doubled = fitted_scores([(y, np.column_stack([x, x])) for y, x in arms])
    assert doubled[1] == pytest.approx(scores[1])
    with pytest.raises(ValueError, match="row of covariates"):
        fitted_scores([(np.ones(3), np.ones((2, 1)))])


def test_an_effect_does_not_leak_into_the_score():
    x = np.zeros((50, 2))
    x[:, 0] = np.arange(50)
    scores = fitted_scores([(np.arange(50.0), x), (np.arange(50.0) + 1000, x)])
    for score in scores:
        assert score == pytest.approx(np.arange(50.0), abs=1e-9)


def test_households_are_the_units_where_households_were_assigned():
    rng = np.random.default_rng(3)
    robust, naive = [], []
    for _ in range(500):
        arms = []
        for _ in range(2):
            sizes = rng.integers(1, 6, 300)
            clusters = np.repeat(np.arange(300), sizes)
            values = np.repeat(rng.normal(5, 2, 300), sizes) + rng.normal(0, 1, clusters.size)
            arms.append((values, clusters))
        robust.append(compare(*(Ratio.from_clusters(*arm) for arm in arms)).p_value <= 0.05)
        naive.append(compare(*(Mean.from_units(values) for values, _ in arms)).p_value <= 0.05)
    assert np.mean(robust) == pytest.approx(0.05, abs=0.025)
    assert np.mean(naive) > 0.15
    values, clusters = arms[0]
    assert Ratio.from_clusters(values, clusters).numerator / Ratio.from_clusters(
        values, clusters
    ).denominator == pytest.approx(values.mean())


def effects_of(lifts, n, sd=5.0):
    return [compare(Mean(n, 10.0, sd**2), Mean(n, 10.0 + lift, sd**2)) for lift in lifts]


def test_segments_that_differ_are_told_from_those_that_do_not():
    assert interaction(effects_of((1.0, 1.1, 0.9), 900)).p_value > 0.5
    assert interaction(effects_of((1.0, 1.1, -1.0), 900)).p_value < 1e-10
    alone = interaction(effects_of((1.0,), 900))
    assert (alone.p_value, alone.why_not) == (None, "too-few-units")
    shares = [compare(Proportion(4000, 400), Proportion(4000, k)) for k in (480, 470, 400)]
    d = np.array([e.difference for e in shares])
    w = 1 / np.array([e.standard_error for e in shares]) ** 2
    q = (w * (d - (w * d).sum() / w.sum()) ** 2).sum()
    assert interaction(shares).p_value == pytest.approx(scipy.stats.chi2.sf(q, 2))


def test_the_interaction_errs_as_promised_with_few_units():
    rng = np.random.default_rng(4)
    hits = []
    for _ in range(800):
        segments = [
            [Mean.from_units(rng.normal(k, sd, n)) for sd in (1.0, 3.0)]
            for k, n in enumerate((8, 15, 10))
        ]
        hits.append(interaction([compare(*arms) for arms in segments]).p_value <= 0.05)
    assert np.mean(hits) == pytest.approx(0.05, abs=0.02)


def test_conditional_power_agrees_with_the_recursive_integration():
    """Averaged over what the first look may show, it is the power of the plan."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    drift, fraction, bound = 2.8, 0.4, 1.96
    z = nodes + drift * math.sqrt(fraction)
    mean = sum(
        w * conditional_power(float(at), fraction, bound=bound, drift=drift)
        for at, w in zip(z, weights / weights.sum(), strict=True)
    )
    assert mean == pytest.approx(crossing_rate([bound], [1.0], drift), rel=1e-9)
    assert conditional_power(0.1, 0.6, bound=bound) < 0.05
    assert conditional_power(-4.0, 0.9, bound=bound) > 0.99
    for odd in ({"fraction": 0.0}, {"fraction": 1.0}, {"fraction": math.nan}):
        with pytest.raises(ValueError, match="fraction"):
            conditional_power(1.0, bound=1.96, **odd)


def test_each_look_shows_an_effect_of_its_own():
    fractions = (0.25, 0.5, 1.0)
    looks = detectable_at_looks(0.1, units_per_arm=15_000, monitoring=PlannedLooks(fractions))
    effects = [effect for _, effect in looks]
    assert [fraction for fraction, _ in looks] == list(fractions)
    assert effects == sorted(effects, reverse=True)
    level = 2 * scipy.stats.norm.sf(spending_bounds(fractions)[1])
    assert effects[1] == pytest.approx(
        detectable_effect(0.1, units_per_arm=7_500, alpha=float(level)), rel=1e-9
    )
    at_end = detectable_at_looks(0.1, units_per_arm=15_000, monitoring=AnyTime())[-1][1]
    assert at_end == pytest.approx(
        detectable_effect(0.1, units_per_arm=15_000, monitoring=AnyTime()), rel=0.02
    )
    three = detectable_at_looks(
        0.1, units_per_arm=15_000, arms=3, monitoring=PlannedLooks((0.5, 1.0))
    )
    assert three[1][1] > effects[2]
    with pytest.raises(ValueError, match="looks"):
        detectable_at_looks(0.1, units_per_arm=15_000)


def test_our_own_past_lifts_make_a_prior():
    rng = np.random.default_rng(5)
    lifts = rng.normal(0.01, 0.03, 14)
    prior = prior_from(lifts, [0.01**2] * 14)
    arms = Mean(400, 10.0, 25.0), Mean(400, 11.5, 25.0)
    flat, learnt = posterior(*arms), posterior(*arms, prior=prior)
    assert prior[0] < learnt.mean < flat.mean
    assert learnt.high - learnt.low < flat.high - flat.low


@pytest.mark.parametrize("level", [0.8, 0.9, 0.99, 0.999])
def test_any_confidence_level_gives_an_interval_that_agrees_with_p(level):
    for control, treatment in (
        (Mean(500, 10.0, 25.0), Mean(500, 10.9, 25.0)),
        (Proportion(5000, 500), Proportion(5000, 590)),
    ):
        for effect in (
            compare(control, treatment, confidence=level),
            confidence_sequence(control, treatment, confidence=level, planned_n=10_000),
        ):
            assert isinstance(effect, Effect)
            if abs(effect.p_value - (1 - level)) > 1e-4:
                assert (effect.low > 0) == (effect.p_value < 1 - level)


def test_few_units_in_segments_count_as_in_the_analysis_of_variance_by_welch():
    rng = np.random.default_rng(6)
    groups = [rng.normal(k, sd, n) for k, sd, n in ((0, 1, 4), (0.5, 3, 6), (2, 2, 5))]
    some = compare(Mean(5, 1.0, 1.0), Mean(5, 2.0, 1.0))
    effects = [
        replace(
            some,
            difference=float(group.mean()),
            standard_error=float(group.std(ddof=1) / math.sqrt(group.size)),
            degrees_of_freedom=group.size - 1.0,
        )
        for group in groups
    ]
    by_scipy = scipy.stats.f_oneway(*groups, equal_var=False)
    assert interaction(effects).p_value == pytest.approx(by_scipy.pvalue, rel=1e-9)
