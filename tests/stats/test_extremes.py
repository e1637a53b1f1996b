"""Every public function, fed with the largest, the smallest and what is not a number at all: an answer is
finite or has a name, and nothing is raised but what the docstring says."""

import math
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from experiments.stats import (
    WHY_NOT,
    AnyTime,
    CovariateMean,
    Mean,
    PlannedLooks,
    Proportion,
    Ratio,
    adjust_pvalues,
    adjusted_levels,
    brier,
    chance_to_win,
    compare,
    compare_many,
    compare_quantiles,
    conditional_power,
    confidence_sequence,
    crossing_rate,
    cut_at_null,
    detectable_at_looks,
    detectable_effect,
    fitted_scores,
    inflation,
    interaction,
    permutation_test,
    pool_random_effects,
    posterior,
    poststratify,
    prior_from,
    rank_agreement,
    reliability_curve,
    runtime,
    sample_ratio,
    sample_ratio_sequential,
    sample_size,
    shrink,
    spending_bounds,
    unit_variance,
    units_after,
    winsorise,
)

NAN, INF = float("nan"), float("inf")
ODD = (0.0, -0.0, 1.0, -1.0, 1e-300, 5e-324, 1e300, -1e300, 1.7e308, -1.7e308, NAN, INF, -INF)
odd = st.one_of(st.sampled_from(ODD), st.floats(), st.floats(-1e3, 1e3))
counts = st.one_of(
    st.sampled_from((0, 1, 2, 3, 1e9, 1e300, 1.7e308, -1.0, 0.5, NAN, INF)), st.integers(0, 2000)
)
shares = st.one_of(st.sampled_from((0.0, 1.0, 0.5, 1e-300, 1 - 1e-16)), st.floats(0, 1))


def samples_of(kind):
    return st.builds(kind, counts, *[odd] * (len(fields(kind)) - 1))


def pair_of(kind):
    return st.tuples(samples_of(kind), samples_of(kind))


few = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(
    lambda pair: Proportion(max(pair), min(pair))
)
pairs = st.one_of(
    *map(pair_of, (Proportion, Mean, Ratio, CovariateMean)),
    st.tuples(few, few),
    st.tuples(few, samples_of(Proportion)),
)
sides = st.sampled_from(
    [
        {},
        {"alternative": "greater"},
        {"alternative": "less"},
        {"alternative": "greater", "margin": 0.01},
        {"alternative": "less", "margin": 1e300},
        {"confidence": 0.5},
        {"confidence": 1 - 1e-12},
    ]
)


def is_sound(answer):
    """No field is nan or infinite; what is None has its reason, if the answer keeps reasons."""
    for field in fields(answer):
        value = getattr(answer, field.name)
        if isinstance(value, tuple):
            continue
        assert value is None or isinstance(value, str | bool | int) or math.isfinite(value), field
    why_not = getattr(answer, "why_not", None)
    assert why_not is None or isinstance(why_not, str)
    return True


def is_sound_effect(effect):
    assert is_sound(effect)
    assert effect.why_not is None or effect.why_not in WHY_NOT
    assert effect.explanation
    assert (effect.p_value is None) <= (effect.why_not is not None)
    if effect.p_value is not None:
        assert 0 < effect.p_value <= 1
    if effect.low is not None and effect.high is not None:
        assert effect.low <= effect.high
    if effect.lift_low is not None and effect.lift_high is not None:
        assert effect.lift_low <= effect.lift_high
    return True


many = settings(max_examples=4 * settings().max_examples, deadline=None)


@many
@given(pairs, sides, st.sampled_from(["auto", "log", "fieller", "delta"]))
@example((Proportion(1e300, 1), Proportion(1e300, 2)), {}, "auto")
@example((Mean(10, 1.0, NAN), Mean(10, 1.0, 1.0)), {}, "auto")
@example((Proportion(1.7e308, 6880.0), Proportion(1.7e308, 1e300)), {}, "auto")
@example((Proportion(1e300, 36886.0), Proportion(1e15, 3183936640400.0)), {}, "auto")
def test_a_comparison(pair, options, interval):
    assert is_sound_effect(compare(*pair, interval=interval, **options))


@many
@given(st.tuples(few, samples_of(Proportion)), sides)
@example((Proportion(1e300, 1), Proportion(1e300, 2)), {})
def test_a_comparison_by_boschloo(pair, options):
    assert is_sound_effect(compare(*pair, exact="boschloo", **options))


@many
@given(pairs, sides, st.sampled_from([1.0, 1e-300, 5600.0, 1e300]))
def test_a_sequence(pair, options, planned_n):
    assert is_sound_effect(confidence_sequence(*pair, planned_n=planned_n, **options))


@many
@given(st.lists(pairs, min_size=1, max_size=4), sides)
def test_strata(strata, options):
    kinds = {type(sample) for pair in strata for sample in pair}
    if len(kinds) == 1:
        assert is_sound_effect(poststratify(strata, **options))


@many
@given(pairs, st.sampled_from([None, (0.5, 0.5), (2.0, 3.0)]))
@example((Proportion(1e300, 1), Proportion(1e300, 2)), None)
def test_a_posterior(pair, prior):
    belief = posterior(*pair, prior=prior)
    assert is_sound(belief)
    assert (belief.mean is None) == (belief.why_not is not None)
    if belief.chance_to_win is not None:
        assert 0 <= belief.chance_to_win <= 1
        assert belief.low <= belief.high


@many
@given(pairs)
@example((Proportion(1e300, 1), Proportion(1e300, 2)))
def test_the_chance_alone_is_that_of_the_posterior(pair):
    chance, belief = chance_to_win(*pair), posterior(*pair)
    assert chance is None or 0 <= chance <= 1
    if belief.why_not is None:
        assert chance == belief.chance_to_win
    elif belief.why_not != "out-of-range":
        assert chance is None


@pytest.mark.parametrize("test", [sample_ratio, sample_ratio_sequential])
@many
@given(
    arms=st.lists(st.tuples(counts, st.floats(0, 1e300)), min_size=2, max_size=5).filter(
        lambda arms: any(weight for _, weight in arms)
    )
)
@example(arms=[(1e300, 1.0), (2.0, 1.0)])
@example(arms=[(1.7e308, 1.0), (1.7e308, 1.0)])
@example(arms=[(-1.0, 1.0), (2.0, 1.0)])
@example(arms=[(NAN, 1.0), (INF, 1.0)])
def test_a_sample_ratio(test, arms):
    balance = test(*zip(*arms, strict=True))
    assert is_sound(balance)
    assert balance.explanation
    assert (balance.p_value is None) == (balance.why_not is not None)
    if balance.p_value is not None:
        assert 0 < balance.p_value <= 1
        assert balance.log10_p <= 1e-12


@many
@given(st.lists(odd, max_size=12), st.lists(odd, max_size=12), shares.filter(lambda q: 0 < q < 1))
def test_quantiles(control, treatment, q):
    assert is_sound_effect(compare_quantiles(control, treatment, q=q))


@many
@given(st.lists(odd, max_size=5), st.lists(odd, max_size=5), st.booleans())
@example([1e308, 1e308], [-1e308, 3.0], False)
def test_permutations(control, treatment, paired):
    size = min(len(control), len(treatment)) if paired else 5
    result = permutation_test(control[:size], treatment[:size], paired=paired)
    assert is_sound(result)
    assert (result.p_value is None) == (result.why_not is not None)


@many
@given(st.lists(st.lists(odd, max_size=6), max_size=3), st.sampled_from([50.1, 99.0, 100.0]))
@example([[1e308, -1e308]], 99.0)
def test_winsorising_changes_only_what_is_a_number(arms, percentile):
    for before, after in zip(arms, winsorise(arms, percentile=percentile), strict=True):
        for old, new in zip(before, after.tolist(), strict=True):
            assert math.isfinite(new) == math.isfinite(old)
            assert not math.isfinite(old) or new <= old or new == pytest.approx(old)


@many
@given(counts, odd, odd)
@example(10, 1e200, 1e300)
@example(10, NAN, 1.0)
def test_sums_that_no_units_have(n, total, squares):
    sample = Mean.from_sums(n, total, squares)
    assert is_sound_effect(compare(sample, Mean(10, 1.0, 2.0)))
    batch = Mean.from_sums(np.array([n]), np.array([total]), np.array([squares]))
    assert is_sound_effect(compare_many(batch, Mean(np.full(1, 10), 1.0, 2.0))[0])


@many
@given(st.lists(odd, max_size=6))
@example([NAN, 1.0])
@example([0.5])
def test_units_that_are_no_numbers(units):
    other = Proportion(10, 3)
    assert is_sound_effect(compare(Proportion.from_units(units), other))
    assert is_sound_effect(compare(Mean.from_units(units), Mean(10, 1.0, 2.0)))
    assert is_sound_effect(compare(Ratio.from_units(units, units), Ratio(9, 1.0, 1.0, 1, 1, 0.5)))
    value = unit_variance(Mean.from_units(units))
    assert value is None or math.isfinite(value)


def or_refused(function, *arguments, **options):
    """The answer; None where it is refused with a sentence."""
    try:
        return function(*arguments, **options)
    except ValueError as error:
        return None if str(error) else pytest.fail("refused without a sentence")


@many
@given(odd, odd, st.sampled_from([None, 1.0, 1e-300, 1e300]), sides)
@example(1e-300, 1e-9, None, {})
def test_a_size(baseline, relative_effect, variance, options):
    options = {name: value for name, value in options.items() if name != "confidence"}
    n = or_refused(
        sample_size, baseline, relative_effect=relative_effect, variance=variance, **options
    )
    assert n is None or (math.isfinite(n) and n >= 1)


@many
@given(shares, st.one_of(odd, st.floats(1, 1e9)), st.sampled_from([None, 1.0, 1e-300, 1e300]))
def test_a_detectable_effect(baseline, units, variance):
    effect = or_refused(detectable_effect, baseline, units_per_arm=units, variance=variance)
    assert effect is None or math.isfinite(effect)


@many
@given(odd, odd, odd)
def test_a_runtime(amount, traffic, share):
    for function in (runtime, units_after):
        value = or_refused(function, amount, units_per_week=traffic, share=share)
        assert value is None or math.isfinite(value)


@many
@given(st.lists(odd, max_size=5), st.floats(1e-12, 0.9))
def test_looks(fractions, alpha):
    bounds = or_refused(spending_bounds, fractions, alpha=alpha)
    assert bounds is None or np.isfinite(bounds).all()
    rate = or_refused(crossing_rate, [2.0] * len(fractions), fractions)
    assert rate is None or 0 <= rate <= 1 + 1e-9
    if bounds is not None and fractions[-1] == 1:
        factor = or_refused(inflation, PlannedLooks(tuple(fractions)))
        assert factor is None or 0.9 < factor < 10
    assert 1 < inflation(AnyTime(looks=1 + len(fractions))) < 3


@many
@given(st.lists(st.tuples(odd, st.one_of(odd, st.floats(1e-300, 1e300))), max_size=14))
@example([(0.0, 1e-300)] * 3)
@example([(5e200, 1e-250)] * 2)
@example([(1.7e308, 1.0), (-1.7e308, 1.0)] * 2)
@example([(1e300, 1e-300), (-1e300, 1e300), (1.0, 1.0)] * 4)
def test_pooling(effects):
    y, v = [effect for effect, _ in effects], [variance for _, variance in effects]
    pooled = or_refused(pool_random_effects, y, v)
    assert pooled is None or is_sound(pooled)
    shrunk = or_refused(shrink, y, v)
    assert shrunk is None or np.isfinite(shrunk).all()
    prior = or_refused(prior_from, y, v)
    assert prior is None or all(math.isfinite(part) for part in prior)


@many
@given(st.lists(st.one_of(odd, shares, st.none()), max_size=8))
def test_adjusting(p_values):
    for method in ("holm", "benjamini-hochberg"):
        adjusted = or_refused(adjust_pvalues, p_values, method=method)
        levels = or_refused(adjusted_levels, p_values, method=method)
        assert (adjusted is None) == (levels is None)
        if adjusted is not None:
            assert ((adjusted >= 0) & (adjusted <= 1) | np.isnan(adjusted)).all()
            assert (np.isnan(levels.confidence) == np.isnan(adjusted)).all()


@many
@given(
    st.lists(st.tuples(st.one_of(odd, shares), st.one_of(odd, st.sampled_from([0, 1]))), max_size=8)
)
def test_calibration(pairs):
    said_and_seen = [list(column) for column in zip(*pairs, strict=True)] or [[], []]
    for function in (brier, rank_agreement, reliability_curve):
        answer = or_refused(function, *said_and_seen)
        if is_dataclass(answer):
            assert is_sound(answer)
        elif answer is not None:
            assert all(np.isfinite(part).all() for part in answer)


@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize(
    ("known", "nothing"),
    [
        (Mean(20, 22.0, 2.1), Mean(0, 0.0, 0.0)),
        (CovariateMean(20, 22.0, 2.1, 1.0, 1.0, 0.2), CovariateMean(0, 0.0, 0.0, 0.0, 0.0, 0.0)),
        (Ratio(20, 22.0, 1.0, 2.1, 1.0, 0.2), Ratio(0, 0.0, 0.0, 0.0, 0.0, 0.0)),
    ],
)
def test_an_arm_without_values_has_no_mean_to_compare(known, nothing, is_first):
    effect = compare(nothing, known) if is_first else compare(known, nothing)
    assert (effect.difference, effect.lift, effect.p_value) == (None, None, None)
    assert effect.why_not == "no-units"


@many
@given(st.lists(pairs, max_size=4))
def test_segments(strata):
    result = interaction([compare(*pair) for pair in strata])
    assert is_sound(result)
    assert (result.p_value is None) == (result.why_not is not None)


@many
@given(odd, odd, odd, st.one_of(st.none(), odd))
def test_an_outlook(statistic, fraction, bound, drift):
    chance = or_refused(conditional_power, statistic, fraction, bound=bound, drift=drift)
    assert chance is None or 0 <= chance <= 1 + 1e-12


@many
@given(shares, st.one_of(odd, st.floats(1, 1e9)))
def test_effects_at_looks(baseline, units):
    looks = or_refused(
        detectable_at_looks, baseline, units_per_arm=units, monitoring=PlannedLooks((0.5, 1.0))
    )
    assert looks is None or all(e is None or math.isfinite(e) for _, e in looks)


@many
@given(st.lists(odd, max_size=5), st.lists(odd, max_size=5))
def test_scores_and_clusters_of_units_that_are_no_numbers(control, treatment):
    arms = [
        (units, [[unit] for unit in units] or np.empty((0, 1))) for units in (control, treatment)
    ]
    scores = or_refused(fitted_scores, arms)
    if scores is not None:
        samples = [
            CovariateMean.from_units(*arm) for arm in zip((control, treatment), scores, strict=True)
        ]
        assert is_sound_effect(compare(*samples))
    assert is_sound_effect(
        compare(*(Ratio.from_clusters(u, range(len(u))) for u in (control, treatment)))
    )


@many
@given(odd, odd, odd, st.booleans())
def test_ends_at_the_null(low, high, difference, is_rejected):
    ends = cut_at_null(low, high, difference=difference, is_rejected=is_rejected)
    assert all(end in (low, high, 0.0) or math.isnan(end) for end in ends)
