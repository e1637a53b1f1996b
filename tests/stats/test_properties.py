"""Properties that hold for any finite input, checked by hypothesis."""

import math
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.stats import (
    WHY_NOT,
    CovariateMean,
    Effect,
    Mean,
    Proportion,
    Ratio,
    adjust_pvalues,
    compare,
    compare_many,
    sample_ratio,
)
from experiments.stats.samples import merged

NUMBERS = [field.name for field in fields(Effect)][:11]
counts = st.one_of(st.integers(0, 60), st.integers(0, 10**6), st.sampled_from([0, 1, 2, 10**12]))
values = st.floats(allow_nan=False, allow_infinity=False)
sensible = st.floats(-1e6, 1e6).map(lambda x: round(x, 6))
spreads = st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.floats(0, 1.7e308))


@st.composite
def proportions(draw):
    n = draw(counts)
    return Proportion(n, draw(st.integers(0, n)))


def any_mean(mean=values):
    return st.builds(Mean, counts, mean, spreads)


any_ratio = st.builds(Ratio, counts, values, values, spreads, spreads, values)
any_covariate_mean = st.builds(CovariateMean, counts, values, spreads, values, spreads, values)
pairs = st.one_of(
    st.tuples(proportions(), proportions()),
    st.tuples(any_mean(), any_mean()),
    st.tuples(any_ratio, any_ratio),
    st.tuples(any_covariate_mean, any_covariate_mean),
)
options = st.sampled_from(
    [
        {},
        {"interval": "fieller"},
        {"interval": "delta"},
        {"interval": "log"},
        {"alternative": "greater"},
        {"alternative": "less", "margin": 0.01},
        {"alternative": "greater", "margin": 5.0},
        {"confidence": 0.999},
    ]
)


@settings(max_examples=6 * settings().max_examples)
@given(pairs, options)
def test_any_finite_input_gives_finite_numbers_or_a_name(pair, chosen):
    effect = compare(*pair, **chosen)
    for name in NUMBERS:
        value = getattr(effect, name)
        assert value is None or (isinstance(value, float) and math.isfinite(value)), name
    assert effect.why_not is None or effect.why_not in WHY_NOT
    assert effect.explanation
    if effect.p_value is None:
        assert effect.why_not is not None
        assert effect.log10_p is None
    else:
        assert 0 < effect.p_value <= 1
        assert effect.log10_p <= 1e-12
    for end, middle in (("low", "difference"), ("high", "difference"), ("lift_low", "lift")):
        assert getattr(effect, end) is None or getattr(effect, middle) is not None
    if effect.low is not None and effect.high is not None:
        assert effect.low <= effect.high


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(proportions(), proportions()), min_size=1, max_size=12), options)
def test_a_batch_of_proportions_is_the_loop(batch, chosen):
    control, treatment = zip(*batch, strict=True)
    many = compare_many(_stack(Proportion, control), _stack(Proportion, treatment), **chosen)
    for k, pair in enumerate(batch):
        same(many[k], compare(*pair, **chosen))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(any_mean(), any_mean()), min_size=1, max_size=12), options)
def test_a_batch_of_means_is_the_loop(batch, chosen):
    control, treatment = zip(*batch, strict=True)
    many = compare_many(_stack(Mean, control), _stack(Mean, treatment), **chosen)
    for k, pair in enumerate(batch):
        same(many[k], compare(*pair, **chosen))


def _stack(kind, samples):
    columns = zip(*(vars(sample).values() for sample in samples), strict=True)
    return kind(*(np.array(column, dtype=float) for column in columns))


def same(a, b):
    """Assert that two effects are equal, with numbers to 1e-12."""
    for field in fields(Effect):
        one, other = getattr(a, field.name), getattr(b, field.name)
        if isinstance(other, float):
            other = pytest.approx(other, rel=1e-12, abs=1e-300)
        assert one == other, field.name


@settings(max_examples=2 * settings().max_examples)
@given(st.one_of(st.tuples(proportions(), proportions()), st.tuples(any_mean(), any_mean())))
def test_swapping_the_arms_turns_the_sign_and_nothing_else(pair):
    forth, back = compare(*pair), compare(*reversed(pair))
    assert back.p_value == (None if forth.p_value is None else pytest.approx(forth.p_value))
    if forth.difference is not None:
        assert back.difference == -forth.difference
    if forth.low is not None:
        scale = abs(forth.low) + abs(forth.high)
        assert back.low == pytest.approx(-forth.high, rel=1e-9, abs=1e-9 * scale)
        assert back.high == pytest.approx(-forth.low, rel=1e-9, abs=1e-9 * scale)


@settings(deadline=None)
@given(any_mean(sensible), any_mean(sensible))
def test_the_lift_has_the_sign_of_the_difference(control, treatment):
    effect = compare(control, treatment)
    if effect.lift is not None:
        assert np.sign(effect.lift) == np.sign(effect.difference)
    if effect.lift_low is not None:
        assert effect.lift_low <= effect.lift + 1e-9 * abs(effect.lift)
        assert effect.lift_high >= effect.lift - 1e-9 * abs(effect.lift)


@settings(deadline=None)
@given(
    st.integers(2, 10**6),
    st.integers(2, 10**6),
    st.floats(0.1, 100),
    st.floats(0.1, 100),
    st.floats(-50, 50),
    st.floats(-1e3, 1e3),
    st.floats(0.01, 1e3),
)
def test_p_does_not_depend_on_where_zero_is_or_on_the_unit(n, k, s, r, d, shift, scale):
    before = compare(Mean(n, 0.0, s), Mean(k, d, r))
    after = compare(
        Mean(n, shift * scale, s * scale**2), Mean(k, (d + shift) * scale, r * scale**2)
    )
    assume(abs(d) > 1e-3)
    assert after.log10_p == pytest.approx(before.log10_p, rel=1e-6, abs=1e-9)
    assert after.difference == pytest.approx(before.difference * scale, rel=1e-9, abs=1e-9 * scale)


@settings(deadline=None)
@given(st.integers(2, 5000), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_more_data_makes_the_intervals_narrower(n, p_c, p_t):
    few = Proportion(n, round(n * p_c)), Proportion(n, round(n * p_t))
    many = [Proportion(sample.n * 4, sample.successes * 4) for sample in few]
    small, large = compare(*few), compare(*many)
    assert large.high - large.low < small.high - small.low
    mean_few = compare(Mean(n, 1.0, 2.0), Mean(n, 1.1, 2.0))
    mean_many = compare(Mean(4 * n, 1.0, 2.0), Mean(4 * n, 1.1, 2.0))
    assert mean_many.high - mean_many.low < mean_few.high - mean_few.low


@settings(deadline=None)
@given(
    st.lists(st.tuples(sensible, sensible), min_size=1, max_size=60),
    st.lists(st.integers(0, 60), max_size=5),
    st.randoms(use_true_random=False),
)
def test_shards_in_any_order_merge_to_the_whole(units, cuts, random):
    y, x = zip(*units, strict=True)
    edges = sorted({0, len(units), *(min(cut, len(units)) for cut in cuts)})
    shards = [slice(a, b) for a, b in pairwise(edges)]
    random.shuffle(shards)
    scale = max(map(abs, (*y, *x)), default=0) ** 2 + 1
    for whole, parts in (
        (Mean.from_units(y), [Mean.from_units(y[s]) for s in shards]),
        (Ratio.from_units(y, x), [Ratio.from_units(y[s], x[s]) for s in shards]),
        (
            CovariateMean.from_units(y, x),
            [CovariateMean.from_units(y[s], x[s]) for s in shards],
        ),
    ):
        assert vars(merged(parts)) == pytest.approx(vars(whole), rel=1e-9, abs=1e-12 * scale)


@settings(deadline=None)
@given(st.lists(st.booleans(), max_size=50), st.lists(st.booleans(), max_size=50))
def test_proportions_add_up_exactly(a, b):
    assert Proportion.from_units(a) + Proportion.from_units(b) == Proportion.from_units([*a, *b])


@settings(deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=40))
def test_exact_sums_give_what_the_units_give(units):
    by_sums = Mean.from_sums(len(units), sum(units), sum(u * u for u in units))
    by_units = Mean.from_units(units)
    for name in ("n", "mean", "variance"):
        assert getattr(by_sums, name) == pytest.approx(getattr(by_units, name), rel=1e-9)
    assert by_sums.skewness is None  # sums of squares know of none


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_adjusted_p_values_follow_their_raw_ones(p_values, random):
    for method in ("holm", "benjamini-hochberg"):
        adjusted = adjust_pvalues(p_values, method=method)
        assert (adjusted >= np.array(p_values) - 1e-15).all()
        assert (adjusted <= 1).all()
        order = random.sample(range(len(p_values)), len(p_values))
        shuffled = adjust_pvalues([p_values[k] for k in order], method=method)
        assert shuffled.tolist() == pytest.approx([adjusted[k] for k in order])


@settings(deadline=None)
@given(
    st.lists(st.tuples(counts, st.floats(1e-4, 1e4)), min_size=2, max_size=14),
    st.floats(1e-6, 1e6),
)
def test_a_sample_ratio_is_finite_and_knows_no_scale_of_weights(arms, scale):
    observed, weights = zip(*arms, strict=True)
    balance = sample_ratio(observed, weights)
    again = sample_ratio(observed, [weight * scale for weight in weights])
    assert sum(balance.expected) == pytest.approx(sum(observed))
    assert balance.is_mismatch == again.is_mismatch
    if balance.p_value is not None:
        assert 0 < balance.p_value <= 1
        assert math.isfinite(balance.log10_p)
        assert again.log10_p == pytest.approx(balance.log10_p, rel=1e-6, abs=1e-6)
