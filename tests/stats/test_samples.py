"""Sufficient statistics keep their digits, however they are computed."""

from fractions import Fraction

import numpy as np
import pytest

from experiments.stats import (
    CovariateMean,
    Mean,
    Proportion,
    Ratio,
    compare,
    compare_many,
    winsorise,
)

LARGE = 1e9 + np.random.default_rng(1).normal(0, np.sqrt(1e-3), 5000)
EXACT = [Fraction(float(value)) for value in LARGE]
VARIANCE = float((sum(x * x for x in EXACT) - sum(EXACT) ** 2 / len(EXACT)) / (len(EXACT) - 1))


def test_units_at_a_mean_of_a_billion_keep_a_variance_of_a_thousandth():
    assert Mean.from_units(LARGE).variance == pytest.approx(VARIANCE, rel=1e-12)


def test_exact_sums_keep_it_too():
    sample = Mean.from_sums(len(EXACT), sum(EXACT), sum(x * x for x in EXACT))
    assert sample.variance == pytest.approx(VARIANCE, rel=1e-15)


def test_shards_keep_it_when_they_are_merged():
    shards = [Mean.from_units(part) for part in np.array_split(LARGE, 17)]
    whole = sum(shards[1:], shards[0])
    assert whole.variance == pytest.approx(VARIANCE, rel=1e-7)  # means are doubles too


def test_sums_in_arrays_lose_nothing_more_than_the_sums_had_lost():
    n, total = np.array([3.0, 1.0, 0.0]), np.array([3e7 + 3, 5.0, 0.0])
    squares = np.array([3 * (1e7 + 1) ** 2 + 2, 25.0, 0.0])
    sample = Mean.from_sums(n, total, squares)
    assert sample.mean.tolist() == [1e7 + 1, 5.0, 0.0]
    assert sample.variance.tolist() == [1.0, 0.0, 0.0]


def test_numpy_integers_do_not_overflow():
    n, big = np.int64(3), np.int64(3_000_000_003)
    assert Mean.from_sums(n, big, 3 * 1_000_000_001**2 + 2).variance == 1.0


def test_all_kinds_are_made_from_units_and_from_sums_alike():
    y, x = [1, 5, 2, 8], [2, 3, 3, 6]
    sums = (4, 16, 14, 94, 58, 71)
    assert vars(Ratio.from_sums(*sums)) == pytest.approx(vars(Ratio.from_units(y, x)))
    assert vars(CovariateMean.from_sums(*sums)) == pytest.approx(
        vars(CovariateMean.from_units(y, x))
    )
    assert Proportion.from_sums(4, 3) == Proportion.from_units([1, 0, 1, 1])


@pytest.mark.parametrize("units", [[], [7.0]])
def test_too_few_units_have_no_variance_and_no_nan(units):
    sample = Mean.from_units(units)
    assert (sample.n, sample.variance) == (len(units), 0.0)
    both = sample + Mean.from_units([1.0, 3.0])
    assert vars(both) == pytest.approx(vars(Mean.from_units([*units, 1.0, 3.0])))


def test_samples_cannot_be_changed():
    with pytest.raises(AttributeError):
        Mean(3, 1.0, 2.0).n = 4


def test_lists_are_as_good_as_arrays():
    listed = Mean([3, 1, 0], [2.0, 5.0, 0.0], [1.0, 0.0, 0.0])
    arrays = Mean(*(np.array(field) for field in ([3, 1, 0], [2.0, 5.0, 0.0], [1.0, 0.0, 0.0])))
    both = listed + listed
    for name in ("n", "mean", "variance"):
        assert getattr(both, name).tolist() == getattr(arrays + arrays, name).tolist()
    by_sums = Mean.from_sums([3, 1, 0], [6, 5, 0], [14, 25, 0])
    assert (by_sums.mean.tolist(), by_sums.variance.tolist()) == ([2, 5, 0], [1, 0, 0])
    total = Proportion([3, 4], (1, 2)) + Proportion([1, 1], [0, 1])
    assert (total.n.tolist(), total.successes.tolist()) == ([4, 5], [1, 3])


def test_every_kind_is_merged_in_batches_as_one_by_one():
    rng = np.random.default_rng(6)
    for kind, columns in ((Proportion, 1), (Mean, 1), (Ratio, 2), (CovariateMean, 2)):
        units = rng.integers(0, 2, (2, 3, columns, 50)).astype(float)
        single = [[kind.from_units(*units[side, place]) for place in range(3)] for side in (0, 1)]
        batch = [
            kind(*(np.array([getattr(one, name) for one in row]) for name in vars(row[0])))
            for row in single
        ]
        whole = batch[0] + batch[1]
        for place in range(3):
            expected = vars(single[0][place] + single[1][place])
            fields = {name: value[place] for name, value in vars(whole).items()}
            assert fields == pytest.approx(expected)


def test_one_limit_over_all_arms_cuts_who_stands_far_out():
    rng = np.random.default_rng(3)
    arms = [rng.lognormal(size=400), [*rng.lognormal(size=399), 49_854.0]]
    limit = np.percentile(np.concatenate(arms), 99.0)
    capped = winsorise(arms, percentile=99.0)
    assert max(arm.max() for arm in capped) == pytest.approx(limit)
    for before, after in zip(arms, capped, strict=True):
        near = np.asarray(before) <= limit
        assert np.array_equal(np.asarray(before)[near], after[near])
    assert Mean.from_units(capped[1]).mean < 10 < Mean.from_units(arms[1]).mean


@pytest.mark.parametrize("percentile", [0, 50, 100.1, float("nan")])
def test_a_percentile_that_cuts_half_or_nothing_is_refused(percentile):
    with pytest.raises(ValueError, match=r"99\.9"):
        winsorise([[1.0, 2.0]], percentile=percentile)


def test_arms_without_units_are_let_be():
    assert [arm.tolist() for arm in winsorise([[], []], percentile=99)] == [[], []]
    assert winsorise([], percentile=99) == []


def test_a_missing_spread_and_sums_that_no_units_have_are_told_apart():
    """A missing variance was called negative, and impossible sums a variance of 0."""
    known = Mean(10, 1.0, 2.0)
    assert compare(known, Mean(10, 1.0, float("nan"))).why_not == "missing-numbers"
    assert compare(known, Mean(10, 1.0, -1.0)).why_not == "impossible-numbers"
    for sums in ((10, 1e200, 1e300), (3, 30, 100), (10, float("nan"), 1.0)):
        assert compare(known, Mean.from_sums(*sums)).why_not == "missing-numbers"
        listed = Mean.from_sums(*([value] for value in sums))
        assert compare_many(known, listed).why_not.tolist() == ["missing-numbers"]
    assert compare(Proportion(10, 3), Proportion.from_units([float("nan"), 1])).difference is None
    rounded = Mean.from_sums(3, 0.3, 0.03)  # all 0.1, but for rounding
    assert rounded.variance == pytest.approx(0, abs=1e-15)
