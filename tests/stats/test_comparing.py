"""Comparisons: edge cases, one-sided questions, margins, exact tests."""

import math
import subprocess
import sys

import numpy as np
import pytest
import scipy.stats

from experiments.stats import CovariateMean, Mean, Proportion, Ratio, compare, compare_many
from experiments.stats.exact import fisher
from experiments.stats.tails import SMALLEST, array, chi_square_test, t_test


@pytest.mark.parametrize(
    ("control", "treatment", "why_not"),
    [
        (Mean(0, 0.0, 0.0), Mean(10, 1.0, 1.0), "no-units"),
        (Mean(1, 3.0, 0.0), Mean(10, 1.0, 1.0), "too-few-units"),
        (Mean(10, 3.0, -1.0), Mean(10, 1.0, 1.0), "impossible-numbers"),
        (Mean(10, 3.0, 0.0), Mean(10, 4.0, 0.0), "zero-variance"),
        (Mean(10, 1e308, 1e300), Mean(10, -1e308, 1e300), "out-of-range"),
        (Mean(10, 0.1, 1.0), Mean(10, 1.0, 1.0), "control-mean-may-be-zero"),
        (Mean(10, 0.5, 1.0), Mean(10, 1.0, 1.0), "control-mean-may-be-zero"),  # g = 1.5
        (Proportion(10, 11), Proportion(10, 1), "impossible-numbers"),
        (Proportion(-1, 0), Proportion(10, 1), "impossible-numbers"),
        (Proportion(1, 0), Proportion(10, 1), "too-few-units"),
        (Proportion(10, 0), Proportion(10, 0), "no-conversions"),
        (Proportion(10, 10), Proportion(10, 10), "everyone-converted"),
        (
            Ratio(10, 1.0, 0.0, 1.0, 1.0, 0.0),
            Ratio(10, 1.0, 1.0, 1.0, 1.0, 0.0),
            "zero-denominator",
        ),
    ],
)
def test_each_thing_that_cannot_be_computed_has_its_name(control, treatment, why_not):
    effect = compare(control, treatment)
    assert effect.why_not == why_not
    assert effect.explanation[0].isupper()


def test_a_difference_that_overflows_has_no_interval_of_its_lift_either():
    effect = compare(Mean(10, 1e308, 1e308), Mean(10, -1e308, 1e308))
    assert (effect.difference, effect.lift) == (None, None)
    assert (effect.low, effect.high, effect.lift_low, effect.lift_high) == (None,) * 4


def test_zero_variance_leaves_the_difference_and_nothing_made_up():
    effect = compare(Mean(10, 3.0, 0.0), Mean(10, 4.0, 0.0))
    assert (effect.difference, effect.lift) == (1.0, pytest.approx(1 / 3))
    assert (effect.low, effect.high, effect.p_value, effect.lift_low) == (None,) * 4


@pytest.mark.parametrize("successes", [0, 50])
def test_no_conversions_leave_the_difference_and_its_interval(successes):
    effect = compare(Proportion(50, successes), Proportion(50, successes))
    assert effect.difference == 0
    assert effect.low == pytest.approx(-effect.high)
    assert effect.high > 0.05
    assert (effect.p_value, effect.log10_p, effect.statistic) == (None, None, None)


def test_an_absolute_difference_stands_on_a_control_of_zero():
    effect = compare(Mean(500, 0.0, 1.0), Mean(500, 0.2, 1.0))
    assert effect.p_value == pytest.approx(0.0016126476839001692)
    assert (effect.lift, effect.lift_low, effect.lift_high) == (None, None, None)


def test_a_treatment_without_conversions_has_a_lift_but_no_interval_of_it():
    effect = compare(Proportion(1000, 50), Proportion(1000, 0))
    assert effect.lift == -1.0
    assert effect.lift_low is None
    assert effect.why_not == "lift-has-no-interval"


def test_a_one_sided_question_has_half_the_p_and_one_open_end():
    arms = Mean(50, 10.0, 4.0), Mean(60, 10.9, 5.0)
    both = compare(*arms)
    greater, less = (compare(*arms, alternative=side) for side in ("greater", "less"))
    assert greater.p_value == pytest.approx(both.p_value / 2)
    assert less.p_value == pytest.approx(1 - both.p_value / 2)
    assert (greater.high, less.low, greater.lift_high, less.lift_low) == (None,) * 4
    ninety = compare(*arms, confidence=0.90)
    assert (greater.low, less.high) == (pytest.approx(ninety.low), pytest.approx(ninety.high))
    assert greater.low < both.difference < less.high


def test_a_margin_shifts_the_question_towards_the_loss():
    arms = Mean(500, 10.0, 4.0), Mean(500, 9.9, 4.0)
    assert compare(*arms, alternative="greater").p_value > 0.5
    within = compare(*arms, alternative="greater", margin=0.5)
    assert within.p_value == pytest.approx(scipy.stats.t.sf(0.4 / np.sqrt(8 / 500), 998), rel=1e-12)
    assert within.low > -0.5
    harm = compare(*arms, alternative="less", margin=0.5)
    assert harm.p_value == pytest.approx(scipy.stats.t.cdf(-0.6 / np.sqrt(8 / 500), 998))


def farrington_manning(x_c, n_c, x_t, n_t, null):
    """The score statistic, with the restricted likelihood maximised by brute force."""
    grid = np.linspace(max(0, null) + 1e-9, min(1, 1 + null) - 1e-9, 2_000_001)
    q_c = grid - null
    likelihood = (
        x_t * np.log(grid)
        + (n_t - x_t) * np.log1p(-grid)
        + x_c * np.log(q_c)
        + (n_c - x_c) * np.log1p(-q_c)
    )
    q_t = grid[np.argmax(likelihood)]
    q_c = q_t - null
    spread = q_t * (1 - q_t) / n_t + q_c * (1 - q_c) / n_c
    return (x_t / n_t - x_c / n_c - null) / np.sqrt(spread)


@pytest.mark.parametrize(
    ("table", "margin"),
    [((40, 400, 45, 380), 0.05), ((3, 50, 2, 60), 0.1), ((900, 1000, 880, 1000), 0.02)],
)
def test_proportions_meet_a_margin_by_the_score_test(table, margin):
    x_c, n_c, x_t, n_t = table
    arms = Proportion(n_c, x_c), Proportion(n_t, x_t)
    for side, null in (("greater", -margin), ("less", margin)):
        effect = compare(*arms, alternative=side, margin=margin)
        expected = farrington_manning(*table, null)
        assert effect.method == "score-z"
        assert effect.statistic == pytest.approx(expected, abs=2e-5)
        tail = scipy.stats.norm.sf if side == "greater" else scipy.stats.norm.cdf
        assert effect.p_value == pytest.approx(tail(effect.statistic), rel=1e-9)


def test_a_guardrail_without_a_single_event_can_still_be_within_its_margin():
    effect = compare(Proportion(5000, 0), Proportion(5000, 0), alternative="less", margin=0.005)
    assert effect.p_value < 1e-4


@pytest.mark.parametrize(
    "options",
    [
        {"confidence": 1.0},
        {"confidence": 0.0},
        {"alternative": "larger"},
        {"interval": "exact"},
        {"margin": 0.1},
    ],
)
def test_options_that_do_not_exist_are_refused(options):
    with pytest.raises(ValueError, match=r"confidence|alternative|interval|margin"):
        compare(Mean(5, 1.0, 1.0), Mean(5, 1.0, 1.0), **options)


def test_arms_of_two_kinds_are_refused():
    with pytest.raises(TypeError, match="Mean and Proportion"):
        compare(Mean(5, 1.0, 1.0), Proportion(5, 1))


TABLES = [(0, 9, 4, 11), (7, 8, 2, 9), (3, 300, 12, 280), (1, 10**6, 9, 10**6), (5, 6, 5, 6)]


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("table", TABLES)
def test_fisher_is_that_of_scipy(table, alternative):
    x_c, n_c, x_t, n_t = table
    p, log10_p = fisher(*map(array, ([x_c], [n_c], [x_t], [n_t])), alternative)
    expected = scipy.stats.fisher_exact(
        [[x_t, n_t - x_t], [x_c, n_c - x_c]], alternative=alternative
    ).pvalue
    assert p[0] == pytest.approx(expected, rel=1e-9)
    assert log10_p[0] == pytest.approx(np.log10(expected), abs=1e-9)


def test_fisher_goes_on_where_p_underflows():
    """All 400 successes are among 1,000 of 1,000,001,000; the product by mpmath at 60 digits."""
    p, log10_p = fisher(*map(array, ([0], [10**9], [400], [10**3])), "two-sided")
    assert p[0] == SMALLEST
    assert log10_p[0] == pytest.approx(-2440.497781805182, rel=1e-9)


T_TAILS = [
    (3.0, 1.5, -0.637171085073821),
    (3.0, 30.0, -4.0896274721222285),
    (3.0, 100000.0, -14.656529254162686),
    (6.72, 45.0, -8.861750761806208),
    (6.72, 100000.0, -31.347882466448855),
    (50.5, 45.0, -41.69595449709998),
    (50.5, 100000.0, -210.44374821664277),
    (5000.0, 1.5, -0.8739415556191868),
    (5000.0, 30.0, -181.2447611946709),
    (5000.0, 45.0, -370.8684807245055),
    (5000.0, 100000.0, -15754.523098574797),
    (1e7, 30.0, -196.99936579876),
    (1e7, 45.0, -441.43008966387004),
    (1e7, 100000.0, -15002173.985239504),
    (1e12, 45.0, -441.4746491359538),
    (1e12, 100000.0, -2160686896.4171863),
    (math.inf, 1.5, -0.8741467259508352),
    (math.inf, 30.0, -197.00817926599697),
    (math.inf, 45.0, -441.47464958161316),
    (math.inf, 100000.0, -2171472414.614319),
]
"""Degrees of freedom, t and log10 of the two-sided p: Student's density integrated with mpmath 1.4
at 60 digits, erfc for the normal."""


@pytest.mark.parametrize(("df", "t", "expected"), T_TAILS)
def test_tails_of_t_are_exact_on_both_sides_of_underflow(df, t, expected):
    p, log10_p = t_test(array([t]), array([df]), "two-sided")
    assert log10_p[0] == pytest.approx(expected, rel=1e-9)
    assert p[0] == pytest.approx(max(10**expected if expected > -308 else 0, SMALLEST), rel=1e-9)


@pytest.mark.parametrize(
    ("statistic", "df", "expected"),
    [
        (0.5, 1, -0.31921127782572034),
        (30.0, 4, -5.310297245892853),
        (2000.0, 1, -436.043273716073),
        (5000.0, 13, -1069.5057980496254),
    ],
)
def test_the_tail_of_chi_square_is_exact(statistic, df, expected):
    """log10 of Q(df/2, x/2) by mpmath 1.4 at 60 digits."""
    p, log10_p = chi_square_test(statistic, df)
    assert log10_p == pytest.approx(expected, rel=1e-10)
    assert p > 0


def test_cuped_with_a_covariate_that_says_nothing_is_welch():
    rng = np.random.default_rng(4)
    y, constant = rng.normal(10, 2, (2, 100)), np.full(100, 3.0)
    arms = [CovariateMean.from_units(row, constant) for row in y]
    plain, adjusted = compare(*(arm.plain for arm in arms)), compare(*arms)
    for name in ("difference", "low", "p_value", "lift_low", "standard_error"):
        assert getattr(adjusted, name) == pytest.approx(getattr(plain, name))


def test_the_lift_after_cuped_has_the_spread_that_a_simulation_shows():
    rng = np.random.default_rng(11)
    lifts, reaches = [], []
    for _ in range(400):
        x = rng.normal(10, 3, (2, 300))
        y = x + rng.normal(0, 2, (2, 300)) + np.array([[0.0], [0.5]])
        effect = compare(
            *(CovariateMean.from_units(y[k], x[k]) for k in range(2)), interval="delta"
        )
        lifts.append(effect.lift)
        reaches.append((effect.lift_high - effect.lift_low) / 2 / 1.964)
    assert np.mean(reaches) == pytest.approx(np.std(lifts), rel=0.08)


def test_a_ratio_with_a_constant_denominator_is_a_mean():
    y = np.random.default_rng(2).gamma(2, 3, (2, 200))
    ratio = compare(*(Ratio.from_units(row, np.full(200, 2.0)) for row in y))
    mean = compare(*(Mean.from_units(row / 2) for row in y))
    for name in ("difference", "low", "high", "p_value", "lift_low", "lift_high"):
        assert getattr(ratio, name) == pytest.approx(getattr(mean, name))


def test_a_batch_answers_for_each_pair():
    pairs = compare_many(
        Mean(np.array([50, 1, 50]), np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0])),
        Mean(np.array([50, 9, 50]), np.array([1.5, 2.0, 0.1]), np.array([1.0, 2.0, 1.0])),
    )
    assert len(pairs) == 3
    assert pairs.why_not.tolist() == [None, "too-few-units", "control-mean-may-be-zero"]
    assert np.isnan(pairs.p_value).tolist() == [False, True, False]
    assert pairs[0] == compare(Mean(50, 1.0, 1.0), Mean(50, 1.5, 1.0))


@pytest.mark.parametrize("module", ["scipy.stats", "pandas", "django", "duckdb"])
def test_importing_the_engine_stays_cheap(module):
    code = f"import sys, experiments.stats; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("interval", ["auto", "log", "fieller", "delta"])
def test_the_interval_of_a_tiny_lift_holds_its_own_lift(interval):
    """A millionth at 10⁹: ratio − 1 has no digits left, the difference has all of them."""
    arms = Mean(10**12, 1e9, 1e-3), Mean(10**12, 1e9 + 1e-6, 1e-3)
    effect = compare(*arms, interval=interval)
    assert effect.lift_low < effect.lift < effect.lift_high
    assert effect.lift_low == pytest.approx(effect.low / 1e9, rel=1e-6)
    assert effect.lift_high == pytest.approx(effect.high / 1e9, rel=1e-6)
    wider = compare(Mean(10**12, 1e9, 1e6), Mean(10**12, 1e9 + 500, 1e6), interval=interval)
    near = compare(Mean(10**12, 1e9, 1e6), Mean(10**12, 1e9 + 2000, 1e6), interval=interval)
    for some in (wider, near):  # on both sides of where the formula changes
        assert some.lift_low == pytest.approx(some.low / 1e9, rel=1e-4)
