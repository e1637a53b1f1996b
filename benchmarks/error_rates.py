"""Whether the engine keeps its error rates: false alarms, coverage, power, false discoveries.

    python benchmarks/error_rates.py            # every line to about ± 0.1 points
    python benchmarks/error_rates.py --quick    # a tenth of the runs, under 40 s

The runs are seeded, so the numbers are the same each time. `±` is two Monte-Carlo standard errors.
A line is marked if it misses its promise by more than that. A line without a promise is
information.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from error_lines import Line, about, alarms, at_most, covers
from uneven_worlds import UNEVEN

from experiments.stats import (
    AnyTime,
    CovariateMean,
    Mean,
    PlannedLooks,
    Proportion,
    Ratio,
    adjust_pvalues,
    compare_many,
    compare_quantiles,
    confidence_sequence,
    permutation_test,
    posterior,
    sample_ratio_sequential,
    sample_size,
    spending_bounds,
)

NAIVE = {1: 0.050, 2: 0.083, 5: 0.142, 10: 0.193, 20: 0.248}


def sample_of(draws: np.ndarray) -> Mean:
    """One mean per row."""
    return Mean(draws.shape[1], draws.mean(axis=1), draws.var(axis=1, ddof=1))


def revenue(rng: np.random.Generator, runs: int, n: int) -> np.ndarray:
    """95 % zeros, the rest log-normal."""
    return rng.lognormal(0, 1, (runs, n)) * (rng.random((runs, n)) < 0.05)


REVENUE_MEAN = 0.05 * np.exp(0.5)


def fixed_means(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    for n_c, n_t in ((2000, 2000), (10, 10), (8, 40)):
        arms = [sample_of(rng.normal(10, s, (runs, n))) for n, s in ((n_c, 2.0), (n_t, 4.0))]
        effect = compare_many(*arms)
        yield about(f"A/A normal, n {n_c} and {n_t}, unequal spread", alarms(effect), 0.05)
        yield about(f"coverage normal, n {n_c} and {n_t}", covers(effect, 0.0), 0.95)


def fixed_revenue(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    parts = []
    for _ in range(max(1, runs // 1000)):
        control, treatment = (sample_of(revenue(rng, 500, 5000)) for _ in range(2))
        shifted = Mean(treatment.n, treatment.mean * 1.2, treatment.variance * 1.44)
        parts.append((compare_many(control, treatment), compare_many(control, shifted)))
    none = np.concatenate([alarms(effect) for effect, _ in parts])
    yield about("A/A revenue, 95 % zeros, n 5000", none, 0.05)
    held = np.concatenate([covers(effect, 0.2 * REVENUE_MEAN) for _, effect in parts])
    yield about("coverage revenue, 95 % zeros, +20 %", held, 0.95)
    lifts = np.concatenate(
        [((e.lift_low <= 0.2) & (e.lift_high >= 0.2))[np.isfinite(e.lift_low)] for _, e in parts]
    )
    yield about("coverage of the lift, the same", lifts, 0.95)


def fixed_shares(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    for n, p in ((5000, 0.1), (20_000, 0.5), (1000, 0.02)):
        x = rng.binomial(n, [[p], [p]], (2, runs))
        effect = compare_many(
            Proportion(np.full(runs, n), x[0]), Proportion(np.full(runs, n), x[1])
        )
        yield about(f"A/A proportion {p}, n {n}", alarms(effect), 0.05)
        yield about(f"coverage proportion {p}, n {n}", covers(effect, 0.0), 0.95)
    x = rng.binomial(60, 0.05, (2, runs))
    effect = compare_many(Proportion(np.full(runs, 60), x[0]), Proportion(np.full(runs, 60), x[1]))
    yield at_most("A/A rare, exact test, 0.05 of n 60", alarms(effect))


def ratios_and_covariates(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    visits = rng.poisson(3, (2, runs, 400)) + 1.0
    clicks = rng.binomial(visits.astype(int), rng.beta(2, 8, (2, runs, 400))).astype(float)
    effect = compare_many(*(ratio_of(clicks[k], visits[k]) for k in range(2)))
    yield about("A/A ratio of clicks to visits, n 400", alarms(effect), 0.05)
    before = rng.gamma(2, 5, (2, runs, 200))
    after = before + rng.normal(0, 5, before.shape)
    effect = compare_many(*(covariate_of(after[k], before[k]) for k in range(2)))
    yield about("A/A CUPED, n 200", alarms(effect), 0.05)
    yield about("coverage CUPED, n 200", covers(effect, 0.0), 0.95)


def _moments(y: np.ndarray, x: np.ndarray) -> tuple[Any, ...]:
    y_mean, x_mean = y.mean(axis=1), x.mean(axis=1)
    cov = ((y - y_mean[:, None]) * (x - x_mean[:, None])).sum(axis=1) / (y.shape[1] - 1)
    return y.shape[1], y_mean, x_mean, y.var(axis=1, ddof=1), x.var(axis=1, ddof=1), cov


def ratio_of(y: np.ndarray, x: np.ndarray) -> Ratio:
    return Ratio(*_moments(y, x))


def covariate_of(y: np.ndarray, x: np.ndarray) -> CovariateMean:
    n, y_mean, x_mean, yy, xx, yx = _moments(y, x)
    return CovariateMean(n, y_mean, yy, x_mean, xx, yx)


def power(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    n = sample_size(0.1, relative_effect=0.1)
    x = [rng.binomial(n, p, runs) for p in (0.1, 0.11)]
    effect = compare_many(*(Proportion(np.full(runs, n), arm) for arm in x))
    yield about("power 80 %: proportion 10 % + 10 %", alarms(effect), 0.8, 0.01)
    n = sample_size(10, relative_effect=0.4, variance=16)
    arms = [sample_of(rng.normal(mean, 4, (runs, n))) for mean in (10, 14)]
    yield about(f"power 80 %: means, {n} per arm", alarms(compare_many(*arms)), 0.8, 0.01)


def power_of_designs(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """Shares of 0.1 and 0.115 at each look, until the inflated number of units is reached."""
    options = {"relative_effect": 0.15, "exact": True}
    for looks in (1, 20):
        n = sample_size(0.1, monitoring=AnyTime(looks=looks), **options)
        arms = _shares_at(rng, runs, n, np.arange(1, looks + 1) / looks)
        hits = alarms(confidence_sequence(*arms, planned_n=2 * n)).any(axis=1)
        yield about(f"power 80 %: read at any time, {looks} looks", hits, 0.8, 0.01)
    fractions = (0.25, 0.5, 0.75, 1.0)
    n = sample_size(0.1, monitoring=PlannedLooks(fractions), **options)
    effect = compare_many(*_shares_at(rng, runs, n, np.array(fractions)))
    z = ndtri(1 - effect.p_value / 2)
    hits = (z > spending_bounds(fractions)).any(axis=1)
    yield about("power 80 %: four planned looks", hits, 0.8, 0.01)


def _shares_at(
    rng: np.random.Generator, runs: int, n: float, times: np.ndarray
) -> list[Proportion]:
    units = np.round(n * times).astype(int)
    steps = np.diff(units, prepend=0)
    return [
        Proportion(
            units + np.zeros((runs, 1)), rng.binomial(steps, p, (runs, times.size)).cumsum(1)
        )
        for p in (0.1, 0.115)
    ]


def power_of_plans(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    few = runs // 4
    n = int(sample_size(10, relative_effect=0.1, variance=9, correlation=0.7))
    before = rng.normal(0, 1, (2, few, n))
    after = 3 * (0.7 * before + np.sqrt(1 - 0.49) * rng.normal(0, 1, before.shape)) + 10
    effect = compare_many(*(covariate_of(after[k] + k, before[k]) for k in range(2)))
    yield about(f"power 80 %: CUPED, ρ = 0.7, {n} per arm", alarms(effect), 0.8, 0.01)
    n = sample_size(0.1, relative_effect=0.1, weights=[1, 3])
    sizes = np.array([n, 3 * n])
    x = rng.binomial(sizes[:, None], [[0.1], [0.11]], (2, runs))
    arms = [Proportion(np.full(runs, sizes[k]), x[k]) for k in range(2)]
    yield about(
        "power 80 %: three times as many in treatment", alarms(compare_many(*arms)), 0.8, 0.01
    )
    n = sample_size(0.1, relative_effect=0.0, alternative="greater", margin=0.02)
    arms = [Proportion(np.full(runs, n), arm) for arm in rng.binomial(n, 0.1, (2, runs))]
    effect = compare_many(*arms, alternative="greater", margin=0.02)
    yield about("power 80 %: no worse than a margin", alarms(effect), 0.8, 0.01)


def exact_tests(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    few = runs // 4
    x = rng.binomial(30, 0.2, (2, few))
    arms = [Proportion(np.full(few, 30), arm) for arm in x]
    for name in ("fisher", "boschloo"):
        yield at_most(f"A/A, {name}, 0.2 of n 30", alarms(compare_many(*arms, exact=name)))
    p = [permutation_test(*rng.exponential(1, (2, 5))).p_value for _ in range(few)]
    yield at_most("A/A, permutations of 5 and 5", np.array(p) <= 0.05)


def quantiles(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    few = runs // 16
    kinds: dict[str, Callable[[], np.ndarray]] = {
        "log-normal, n 1000": lambda: rng.lognormal(0, 1, (2, 1000)),
        "whole numbers, n 1000": lambda: rng.poisson(3, (2, 1000)),
    }
    for name, draw in kinds.items():
        for q in (0.5, 0.9):
            p = [compare_quantiles(*draw(), q=q).p_value for _ in range(few)]
            yield at_most(f"A/A quantile {q}, {name}", np.array([v or 1.0 for v in p]) <= 0.05)


def beliefs(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """With both shares drawn from the prior, the interval holds the truth as often as it says."""
    few = runs // 4
    truth = rng.uniform(0, 1, (2, few))
    arms = [Proportion(np.full(few, 500), rng.binomial(500, row)) for row in truth]
    belief = posterior(*arms)
    gap = truth[1] - truth[0]
    yield about(
        "coverage of the posterior, n 500", (belief.low <= gap) & (gap <= belief.high), 0.95
    )
    gap_wins = belief.chance_to_win >= 0.9
    right = (gap > 0)[gap_wins].mean() - belief.chance_to_win[gap_wins].mean()
    yield Line("chance to win over 90 %: claimed − actual", abs(right), few, None, 0.005)


def non_inferiority(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    x = rng.binomial(3000, [[0.1], [0.08]], (2, runs))
    arms = [Proportion(np.full(runs, 3000), arm) for arm in x]
    effect = compare_many(*arms, alternative="greater", margin=0.02)
    yield about("a loss as large as the margin passes", alarms(effect), 0.05)


def looks(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    for count, rate in NAIVE.items():
        bounds = np.full(count, 1.959964)
        yield about(f"naive test, {count} looks", crossed(rng, runs, bounds), rate, 0.004)
    for spending in ("obrien-fleming", "power:2"):
        bounds = spending_bounds(np.arange(1, 6) / 5, spending=spending)
        yield about(f"planned looks, 5, {spending}", crossed(rng, runs, bounds), 0.05, 0.001)


def crossed(rng: np.random.Generator, runs: int, bounds: np.ndarray) -> np.ndarray:
    steps = rng.normal(size=(runs * 5, bounds.size)).cumsum(axis=1)
    z = steps / np.sqrt(np.arange(1, bounds.size + 1))
    return (np.abs(z) > bounds).any(axis=1)


def sequences(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """100 looks: one after every 50 units per arm, the first at 50."""
    kinds: dict[str, Callable[[int], np.ndarray]] = {
        "normal": lambda size: rng.normal(0, 1, (2, size, 5000)),
        "log-normal": lambda size: rng.lognormal(0, 1, (2, size, 5000)),
    }
    for name, draw in kinds.items():
        stops = {side: [] for side in ("two-sided", "greater")}
        for _ in range(max(1, runs // 2000)):
            y = draw(200)
            total, squares = y.cumsum(axis=2), (y**2).cumsum(axis=2)
            at = np.arange(49, 5000, 50)
            n = at + 1.0
            mean = total[:, :, at] / n
            variance = (squares[:, :, at] / n - mean**2) * n / (n - 1)
            arms = [Mean(n, mean[k], variance[k]) for k in range(2)]
            for side, hits in stops.items():
                look = confidence_sequence(*arms, planned_n=5000, alternative=side)
                hits.append(alarms(look).any(axis=1))
        for side, hits in stops.items():
            yield at_most(f"sequence, {name}, {side}, 100 looks", np.concatenate(hits))


def sequences_of_shares(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    steps = rng.binomial(100, 0.05, (2, runs // 2, 50)).cumsum(axis=2)
    n = np.arange(1, 51) * 100.0
    arms = [Proportion(n + 0 * steps[k], steps[k]) for k in range(2)]
    look = confidence_sequence(*arms, planned_n=10_000)
    yield at_most("sequence, proportion 0.05, 50 looks", alarms(look).any(axis=1))


def sample_ratios(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    few = max(200, runs // 25)
    units = rng.binomial(500, 0.5, (few, 20)).cumsum(axis=1)
    n = np.arange(1, 21) * 500
    hits = np.array(
        [
            any(
                (sample_ratio_sequential([a, total - a], [1, 1]).p_value or 1) <= 0.05
                for a, total in zip(row, n, strict=True)
            )
            for row in units
        ]
    )
    yield at_most("sequential sample ratio, 20 looks, p ≤ .05", hits)


def discoveries(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    few = max(200, runs // 10)
    z = rng.normal(size=(few, 20)) + np.r_[np.zeros(14), np.full(6, 3.0)]
    p = 2 * np.asarray(_normal_tail(np.abs(z)))
    holm = np.array([adjust_pvalues(row, method="holm") for row in p]) <= 0.05
    yield at_most("Holm: any false alarm, 14 of 20 true nulls", holm[:, :14].any(axis=1))
    is_discovery = np.array([adjust_pvalues(row, method="benjamini-hochberg") for row in p]) <= 0.05
    share = is_discovery[:, :14].sum(axis=1) / np.maximum(is_discovery.sum(axis=1), 1)
    yield Line("Benjamini-Hochberg: share of false ones", share.mean(), few, None, 0.05)


def _normal_tail(z: np.ndarray) -> np.ndarray:
    return np.asarray(ndtr(-z))


SECTIONS = (
    fixed_means,
    fixed_revenue,
    fixed_shares,
    ratios_and_covariates,
    exact_tests,
    quantiles,
    power,
    power_of_plans,
    power_of_designs,
    non_inferiority,
    looks,
    sequences,
    sequences_of_shares,
    sample_ratios,
    discoveries,
    beliefs,
    *UNEVEN,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs")
    parser.add_argument("--only", default="", help="only sections whose name contains this")
    chosen = parser.parse_args()
    runs = 8_000 if chosen.quick else 80_000
    start, broken = time.perf_counter(), 0
    print(f"{'':46} {'rate':>8} {'±':>7}   promised")
    for place, section in enumerate(SECTIONS):
        if chosen.only not in section.__name__:
            continue
        chunks = _in_chunks(section, runs, place)
        for line in chunks:
            promised = _promise(line)
            broken += not line.is_kept
            flag = "" if line.is_kept else "   NOT KEPT"
            print(f"{line.name:46} {line.rate:8.2%} {line.error:7.2%}   {promised}{flag}")
    seconds = time.perf_counter() - start
    print(f"{runs:,} runs per line at most, {seconds:.0f} s, {broken} promise(s) not kept")
    return 1 if broken else 0


def _in_chunks(section: Callable[..., Iterator[Line]], runs: int, seed: int) -> list[Line]:
    """The average rates of ten chunks of a full run, so that memory stays flat."""
    chunk = 4_000
    parts = [
        list(section(np.random.default_rng([20261121, seed, k]), chunk))
        for k in range(runs // chunk)
    ]
    return [
        Line(
            same[0].name,
            float(np.average([line.rate for line in same], weights=[line.runs for line in same])),
            sum(line.runs for line in same),
            same[0].low,
            same[0].high,
        )
        for same in zip(*parts, strict=True)
    ]


def _promise(line: Line) -> str:
    if line.high is None:
        return ""
    if line.low is None:
        return f"at most {line.high:.1%}"
    return f"{line.low:.1%} to {line.high:.1%}"


if __name__ == "__main__":
    sys.exit(main())
