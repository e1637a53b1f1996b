"""Sequences, looks, posteriors, pooling, strata and calibration: properties beyond the cases."""

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import example, given, settings
from hypothesis import strategies as st

from experiments.stats import (
    Mean,
    Proportion,
    Ratio,
    brier,
    compare,
    confidence_sequence,
    crossing_rate,
    pool_random_effects,
    posterior,
    poststratify,
    prior_from,
    rank_agreement,
    reliability_curve,
    running,
    sample_ratio_sequential,
    shrink,
    spending_bounds,
    superseded,
)
from experiments.stats.balance import log_bayes_factor
from experiments.stats.bayes import _chance_of_difference
from experiments.stats.pooling import reml_tau2
from experiments.stats.tails import array

counts = st.one_of(st.integers(0, 50), st.integers(0, 10**6), st.just(10**12))
spreads = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))


@st.composite
def proportions(draw):
    n = draw(counts)
    return Proportion(n, draw(st.integers(0, n)))


means = st.builds(Mean, counts, st.floats(-1e9, 1e9), spreads)
pairs = st.one_of(st.tuples(proportions(), proportions()), st.tuples(means, means))


def is_finite(result):
    return all(
        value is None or isinstance(value, str) or math.isfinite(value)
        for value in vars(result).values()
    )


@settings(max_examples=settings().max_examples * 3 // 2)
@given(pairs, st.sampled_from(["two-sided", "greater", "less"]), st.floats(1, 1e12))
def test_a_sequence_is_finite_or_has_a_name(pair, side, planned_n):
    look = confidence_sequence(*pair, planned_n=planned_n, alternative=side)
    assert is_finite(look)
    assert (look.p_value is None) == (look.standard_error in (None, 0)) or look.why_not
    if look.p_value is not None:
        assert 0 < look.p_value <= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 10**6), st.floats(-1, 1), st.floats(100, 1e6))
def test_a_sequence_is_wider_than_the_fixed_interval_and_agrees_with_its_p(n, d, planned_n):
    arms = Mean(n, 5.0, 4.0), Mean(n, 5.0 + d, 4.0)
    look, fixed = confidence_sequence(*arms, planned_n=planned_n), compare(*arms)
    assert look.low < fixed.low
    assert look.high > fixed.high
    assert (look.p_value <= 0.05) == (look.low > 0 or look.high < 0)


def test_a_one_sided_sequence_agrees_with_its_p():
    for n in (50, 500, 5000):
        arms = Mean(n, 5.0, 4.0), Mean(n, 5.0 + 4 / math.sqrt(n), 4.0)
        greater = confidence_sequence(*arms, planned_n=2000, alternative="greater")
        less = confidence_sequence(*arms, planned_n=2000, alternative="less")
        assert (greater.high, less.low) == (None, None)
        assert (greater.p_value <= 0.05) == (greater.low > 0)
        edge = 5.0 + 4 / math.sqrt(n) - greater.low
        at_edge = confidence_sequence(
            Mean(n, 5.0, 4.0), Mean(n, edge, 4.0), planned_n=2000, alternative="greater"
        )
        assert at_edge.p_value == pytest.approx(0.05, rel=1e-9)


def test_a_sequence_of_arrays_is_the_loop():
    n, d = np.array([100.0, 2000.0]), np.array([5.1, 5.2])
    many = confidence_sequence(
        Mean(n, np.full(2, 5.0), np.full(2, 1.0)), Mean(n, d, np.full(2, 1.0)), planned_n=3000
    )
    for k in range(2):
        one = confidence_sequence(Mean(n[k], 5.0, 1.0), Mean(n[k], d[k], 1.0), planned_n=3000)
        assert many[k] == one


def test_the_running_p_never_rises():
    rng = np.random.default_rng(3)
    looks = [
        confidence_sequence(Mean(n, 0.0, 1.0), Mean(n, rng.normal(0.1, 0.1), 1.0), planned_n=1000)
        for n in range(50, 1000, 50)
    ]
    p_values = [look.p_value for look in running(looks)]
    assert p_values == sorted(p_values, reverse=True)
    assert p_values[-1] == min(look.p_value for look in looks)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(20, 1000), min_size=1, max_size=8, unique=True).map(
        lambda looks: [look / 1000 for look in sorted(looks)]
    ),
    st.floats(0.001, 0.2),
    st.sampled_from(["obrien-fleming", "power:1", "power:2", "power:3"]),
)
def test_bounds_spend_what_they_may_and_no_more(fractions, alpha, spending):
    bounds = spending_bounds(fractions, alpha=alpha, spending=spending)
    spent = {
        "obrien-fleming": 4
        * scipy.stats.norm.sf(scipy.stats.norm.isf(alpha / 4) / math.sqrt(fractions[-1])),
    }.get(spending, alpha * fractions[-1] ** float(spending.partition(":")[2] or 1))
    assert np.isfinite(bounds).all()
    assert crossing_rate(bounds, fractions) == pytest.approx(spent, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("fractions", "spending"),
    [
        ([], "power:2"),
        ([0.5, 0.4], "power:2"),
        ([0.02, 0.020000000000000004, 1.0], "power:2"),
        ([0.0, 1.0], "power:2"),
        ([0.5, 1.1], "power:2"),
        ([math.nan, 1.0], "power:2"),
        ([0.5, math.nan], "power:2"),
        ([1.0], "pocock"),
    ],
)
def test_looks_that_cannot_be_planned_are_refused(fractions, spending):
    with pytest.raises(ValueError, match=r"fractions|spending"):
        spending_bounds(fractions, spending=spending)


def test_power_of_one_look_is_that_of_a_z_test():
    assert crossing_rate([1.959964], [1.0], drift=2.8016) == pytest.approx(0.8, abs=1e-4)


def exact_chance_to_win(x_c, n_c, x_t, n_t):
    """The closed sum over beta functions, by Cook 2005."""
    a_c, b_c, a_t, b_t = x_c + 1, n_c - x_c + 1, x_t + 1, n_t - x_t + 1
    i = np.arange(a_t)
    terms = (
        scipy.special.betaln(a_c + i, b_c + b_t)
        - np.log(b_t + i)
        - scipy.special.betaln(1 + i, b_t)
        - scipy.special.betaln(a_c, b_c)
    )
    return np.exp(terms).sum()


@pytest.mark.parametrize(
    "table", [(0, 1000, 5, 1000), (3, 20, 10, 22), (5, 10, 300, 10_000), (0, 10, 10, 10)]
)
def test_the_chance_to_win_is_that_of_the_closed_sum(table):
    x_c, n_c, x_t, n_t = table
    belief = posterior(Proportion(n_c, x_c), Proportion(n_t, x_t))
    assert belief.chance_to_win == pytest.approx(exact_chance_to_win(*table), rel=1e-10)


def test_the_credible_interval_holds_its_share_of_the_posterior():
    rng = np.random.default_rng(8)
    t, c = rng.beta(11, 13, 400_000), rng.beta(4, 18, 400_000)
    belief = posterior(Proportion(20, 3), Proportion(22, 10))
    assert ((t - c > belief.low) & (t - c < belief.high)).mean() == pytest.approx(0.95, abs=2e-3)
    assert np.maximum(c - t, 0).mean() == pytest.approx(belief.expected_loss, rel=0.05)


@settings(max_examples=40, deadline=None)
@example(Proportion(10**12, 10**12), Proportion(10**12, 10**12))
@example(
    Proportion(10**12, 999), Proportion(10**12, 999)
)  # scipy's inverse of a beta is wrong here
@given(proportions(), proportions())
def test_a_posterior_of_shares_is_finite_and_turns_with_the_arms(control, treatment):
    forth, back = posterior(control, treatment), posterior(treatment, control)
    assert is_finite(forth)
    if forth.chance_to_win is not None:
        assert forth.chance_to_win + back.chance_to_win == pytest.approx(1, abs=1e-6)
        assert forth.low <= forth.high
        assert forth.expected_loss - back.expected_loss == pytest.approx(-forth.mean, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(means, means, st.sampled_from([None, (0.0, 0.3), (0.02, 0.1)]))
def test_a_posterior_of_lifts_is_finite_or_has_a_name(control, treatment, prior):
    assert is_finite(posterior(control, treatment, prior=prior))


def test_a_prior_draws_the_lift_towards_itself():
    arms = Mean(200, 100.0, 900.0), Mean(200, 110.0, 900.0)
    flat, kept = posterior(*arms), posterior(*arms, prior=(0.0, 0.05))
    assert 0 < kept.mean < flat.mean
    assert kept.sd < flat.sd
    assert kept.chance_to_win < flat.chance_to_win


def test_a_prior_and_the_data_are_weighed_by_their_precision():
    """By hand: lift 0.1 with variance 0.0018 (0.0009 · 1.1² + 0.000711), prior 0.05 with 0.0009."""
    arms = Mean(100, 10.0, 9.0), Mean(100, 11.0, 7.11)
    belief = posterior(*arms, prior=(0.05, 0.03))
    assert belief.mean == pytest.approx((0.1 / 0.0018 + 0.05 / 0.0009) / (1 / 0.0018 + 1 / 0.0009))
    assert belief.sd == pytest.approx((1 / 0.0018 + 1 / 0.0009) ** -0.5)


def test_batches_of_posteriors_are_the_loop():
    x = np.array([10, 100, 0])
    many = posterior(Proportion(np.full(3, 1000), x), Proportion(np.full(3, 900), x + 9))
    for k in range(3):
        one = posterior(Proportion(1000, int(x[k])), Proportion(900, int(x[k]) + 9))
        assert many.chance_to_win[k] == pytest.approx(one.chance_to_win, rel=1e-12)


def test_a_prior_is_learnt_from_ten_of_our_own_lifts_not_from_nine():
    rng = np.random.default_rng(6)
    lifts = rng.normal(0.01, 0.05, 40)
    assert prior_from(lifts[:9], [1e-4] * 9) is None
    mean, sd = prior_from(lifts, [1e-4] * 40)
    assert mean == pytest.approx(0.01, abs=0.02)
    assert sd == pytest.approx(0.05, rel=0.3)


@pytest.mark.parametrize(
    ("observed", "share", "expected"),
    [
        ([3, 0, 1], [0.25, 0.25, 0.5], 0.05686999389851742),
        ([99_990, 10], [0.999, 0.001], 64.06227900955),
        ([1000] * 14, [1 / 14] * 14, -32.32818068592352),
        ([5 * 10**11] * 2, [0.5, 0.5], -11.51542542335831),
        ([10**12, 10**12 + 3 * 10**7], [0.5, 0.5], 213.134618534367),
    ],
)
def test_the_bayes_factor_of_the_ratio_keeps_its_digits(observed, share, expected):
    """ln BF by mpmath 1.4 at 60 digits."""
    assert log_bayes_factor(array(observed), array(share)) == pytest.approx(expected, rel=1e-9)


def test_a_sequential_mismatch_is_found_and_can_be_huge():
    look = sample_ratio_sequential([500_000, 560_000], [1, 1])
    assert look.is_mismatch
    assert 0 < look.p_value < 1e-300
    assert look.log10_p < -300


def test_one_stratum_is_the_plain_comparison():
    arms = Mean(50, 10.0, 4.0), Mean(60, 10.9, 5.0)
    alone, plain = poststratify([arms]), compare(*arms)
    for name in ("difference", "low", "high", "p_value", "standard_error", "lift"):
        assert getattr(alone, name) == pytest.approx(getattr(plain, name))


def test_strata_that_differ_make_the_answer_sharper():
    small, large = (
        (Mean(500, 10.0, 4.0), Mean(500, 10.2, 4.0)),
        (
            Mean(500, 50.0, 4.0),
            Mean(500, 50.2, 4.0),
        ),
    )
    together = compare(small[0] + large[0], small[1] + large[1])
    apart = poststratify([small, large])
    assert apart.difference == pytest.approx(together.difference)
    assert apart.standard_error < 0.2 * together.standard_error


def test_a_small_stratum_takes_nothing_from_the_others():
    """F3: two rows of one country said “no data” of 20,002."""
    arms = Proportion(10_000, 1000), Proportion(10_000, 1300)
    tiny = Proportion(1, 0), Proportion(1, 1)
    both = poststratify([arms, tiny])
    assert both.caution == "strata-left-out"
    whole = compare(*(one + other for one, other in zip(arms, tiny, strict=True)))
    assert (both.p_value, both.low, both.high) == (whole.p_value, whole.low, whole.high)
    assert "compared as a whole" in both.explanation
    merged = poststratify([arms, arms, tiny, (Proportion(5, 1), Proportion(0, 0)), tiny])
    assert (merged.caution, merged.why_not) == ("strata-merged", None)
    assert merged.p_value < 1e-15
    means = Mean(500, 10.0, 4.0), Mean(500, 10.5, 4.0)
    one = Mean(1, 90.0, 0.0), Mean(1, 10.0, 0.0)
    assert poststratify([means, means, one]).caution == "strata-merged"
    assert poststratify([means, means]).caution is None
    nobody = Proportion(0, 0), Proportion(0, 0)
    assert poststratify([nobody, nobody]).why_not == "no-units"
    old = superseded.poststratify([arms, tiny])
    assert (old.p_value, old.why_not) == (None, "too-few-units")


@pytest.mark.parametrize(
    ("n_c", "n_t", "share"),
    [(200, 1800, 0.02), (100, 9900, 0.02), (2000, 2000, 0.02), (1000, 9000, 0.01)],
)
def test_strata_of_shares_err_as_promised_at_any_allocation(n_c, n_t, share):
    """F7: 10.3 of 100 at 200:1,800 in five strata, by each arm's own spread."""
    rng = np.random.default_rng(20261129)
    hits = missed = 0
    old_hits = 0
    runs, rates = 1000, share * np.linspace(0.5, 1.5, 5)
    for _ in range(runs):
        arms = [rng.multinomial(n, np.full(5, 0.2)) for n in (n_c, n_t)]
        counts = [
            [Proportion(n, k) for n, k in zip(a, rng.binomial(a, rates), strict=True)] for a in arms
        ]
        strata = list(zip(*counts, strict=True))
        effect = poststratify(strata)
        hits += effect.p_value <= 0.05
        missed += not effect.low <= 0 <= effect.high
        old_hits += (superseded.poststratify(strata).p_value or 1) <= 0.05
    assert hits == missed
    assert hits / runs <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / runs)
    assert hits / runs >= 0.015
    if n_c == 200:
        assert old_hits / runs > 0.07


def test_an_interval_over_strata_holds_the_difference_and_agrees_with_its_margin():
    rng = np.random.default_rng(5)
    covered = agreed = 0
    for _ in range(600):
        strata = [
            (
                Proportion(150, int(rng.binomial(150, p))),
                Proportion(1300, int(rng.binomial(1300, p + 0.03))),
            )
            for p in (0.03, 0.06, 0.1)
        ]
        effect = poststratify(strata)
        covered += effect.low <= 0.03 <= effect.high
        lost = poststratify(strata, alternative="greater", margin=0.02)
        agreed += (lost.low > -0.02) == (lost.p_value < 0.05)
    assert agreed == 600
    assert 0.93 <= covered / 600 <= 0.97


def test_ratios_are_post_stratified_too():
    ratios = Ratio(50, 1.0, 2.0, 1.0, 1.0, 0.1), Ratio(50, 1.2, 2.0, 1.0, 1.0, 0.1)
    assert poststratify([ratios, ratios]).p_value == pytest.approx(
        compare(*(one + one for one in ratios)).p_value, rel=0.02
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-1, 1), st.floats(0.001, 1.0)), min_size=3, max_size=15, unique=True
    )
)
def test_reml_is_where_the_restricted_likelihood_is_highest(effects):
    y, v = map(np.array, zip(*effects, strict=True))

    def loss(tau2):
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        return 0.5 * (np.log(v + tau2).sum() + np.log(w.sum()) + (w * (y - mean) ** 2).sum())

    estimate = reml_tau2(y, v)
    step = 1e-3 * (estimate + 1e-3)
    assert loss(estimate) <= loss(estimate + step) + 1e-9
    assert loss(estimate) <= loss(max(estimate - step, 0)) + 1e-9


def test_equal_variances_pool_to_the_t_interval():
    y = np.array([0.1, 0.4, 0.2, 0.6, 0.3])
    pooled = pool_random_effects(y, [0.001] * 5)
    reach = scipy.stats.t.ppf(0.975, 4) * y.std(ddof=1) / math.sqrt(5)
    assert (pooled.low, pooled.high) == (
        pytest.approx(y.mean() - reach),
        pytest.approx(y.mean() + reach),
    )
    assert pooled.tau2 == pytest.approx(y.var(ddof=1) - 0.001)
    assert pooled.prediction_low < pooled.low
    assert 0.9 < pooled.i2 < 1


def test_one_effect_is_not_pooled():
    pooled = pool_random_effects([0.2], [0.01])
    assert (pooled.mean, pooled.low, pooled.why_not) == (0.2, None, "too-few-effects")


def test_shrinking_beats_taking_effects_at_their_word():
    rng = np.random.default_rng(9)
    truth = rng.normal(0.01, 0.02, (500, 20))
    seen = truth + rng.normal(0, 0.03, truth.shape)
    shrunk = np.array([shrink(row, [0.03**2] * 20) for row in seen])
    assert ((shrunk - truth) ** 2).mean() < 0.5 * ((seen - truth) ** 2).mean()


def test_three_effects_are_left_alone():
    assert shrink([0.1, 0.2, 0.9], [0.01] * 3).tolist() == [0.1, 0.2, 0.9]
    assert shrink([0.1] * 5, [0.01] * 5).tolist() == pytest.approx([0.1] * 5)


forecasts = st.lists(
    st.tuples(st.integers(0, 10).map(lambda k: k / 10), st.integers(0, 1)), min_size=1, max_size=40
)


@settings(deadline=None)
@given(forecasts)
def test_murphys_parts_add_up_to_the_score(cases):
    f, o = zip(*cases, strict=True)
    parts = brier(f, o)
    assert parts.score == pytest.approx(
        parts.reliability - parts.resolution + parts.uncertainty, abs=1e-12
    )
    assert parts.score == pytest.approx(np.mean((np.array(f) - o) ** 2))


@settings(deadline=None)
@given(forecasts)
def test_the_reliability_curve_rises_and_counts_everybody(cases):
    f, o = zip(*cases, strict=True)
    curve = reliability_curve(f, o)
    rates = [rate for _, rate, _ in curve]
    assert rates == sorted(rates)
    assert sum(count for *_, count in curve) == len(cases)
    assert sum(rate * count for _, rate, count in curve) == pytest.approx(sum(o))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=30))
def test_tau_b_is_that_of_scipy(ranks):
    a, b = zip(*ranks, strict=True)
    result, expected = rank_agreement(a, b), scipy.stats.kendalltau(a, b).statistic
    if result.tau is None:
        assert math.isnan(expected)
    else:
        assert result.tau == pytest.approx(expected)
    if result.low is not None:
        assert -1 <= result.low <= result.tau <= result.high <= 1


shares_of = st.tuples(st.integers(1, 3000), st.floats(0, 1)).map(
    lambda pair: Proportion(pair[0], round(pair[0] * pair[1]))
)


@settings(deadline=None, max_examples=60)
@given(shares_of, shares_of, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_the_credible_interval_leaves_out_as_much_on_either_side(control, treatment, confidence):
    belief = posterior(control, treatment, confidence=confidence)
    arms = [
        (array(sample.successes + 1.0), array(sample.n - sample.successes + 1.0))
        for sample in (control, treatment)
    ]
    for end, above in ((belief.low, (1 + confidence) / 2), (belief.high, (1 - confidence) / 2)):
        with np.errstate(all="ignore"):
            chance = _chance_of_difference(arms[0], arms[1], array(end))
        assert float(chance) == pytest.approx(above, abs=1e-9)
    swapped = posterior(treatment, control, confidence=confidence)
    assert swapped.low == pytest.approx(-belief.high, rel=1e-6, abs=1e-9)


def test_means_without_any_spread_have_no_posterior_and_it_says_why():
    assert posterior(Mean(50, 3.0, 0.0), Mean(50, 3.0, 0.0)).why_not == "zero-variance"


@pytest.mark.parametrize(
    ("successes", "why_not"), [(0, "no-conversions"), (100, "everyone-converted")]
)
def test_a_sequence_without_conversions_says_so(successes, why_not):
    look = confidence_sequence(*[Proportion(100, successes)] * 2, planned_n=1000)
    assert (look.difference, look.p_value, look.why_not) == (0.0, None, why_not)


def test_a_stratum_without_units_weighs_nothing():
    filled = Mean(300, 10, 16), Mean(280, 11, 17.64)
    assert poststratify([filled, (Mean(0, 0, 0), Mean(0, 0, 0))]) == poststratify([filled])
    assert poststratify([(Mean(0, 0, 0), Mean(0, 0, 0))]).why_not == "no-units"


def test_a_stratum_without_conversions_does_not_take_p_away():
    rare = Proportion(100, 0), Proportion(100, 0)
    common = Proportion(300, 30), Proportion(280, 41)
    effect = poststratify([common, rare])
    assert effect.p_value == pytest.approx(poststratify([common]).p_value)
    assert poststratify([rare, rare]).why_not == "no-conversions"


def test_shrinking_takes_the_luck_out_of_the_best_looking_effect():
    """k = 20 with standard errors from .003 to .03 and a spread of .01: F9 of the recomputation."""
    rng = np.random.default_rng(20261129)
    v = np.geomspace(0.003, 0.03, 20) ** 2
    raw, shrunk, errors = [], [], []
    for _ in range(1500):
        truth = rng.normal(0.02, 0.01, 20)
        y = rng.normal(truth, np.sqrt(v))
        after = shrink(y, v)
        raw.append(y.max() - truth[y.argmax()])
        shrunk.append(after.max() - truth[after.argmax()])
        errors.append(((after - truth) ** 2).mean())
    assert np.mean(raw) > 0.02
    assert abs(np.mean(shrunk)) < 0.0015
    assert np.mean(errors) < 0.7e-4


def test_equal_variances_shrink_as_james_and_stein():
    y = np.array([0.1, 0.2, 0.3, 0.4, 0.9])
    for v in (0.01, 0.04, 0.1, 1.0):
        share = max(0.0, 1 - (y.size - 3) / (((y - y.mean()) ** 2).sum() / v))
        assert shrink(y, [v] * 5) == pytest.approx(y.mean() + share * (y - y.mean()))
