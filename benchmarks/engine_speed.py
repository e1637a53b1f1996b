"""How long 8,000 comparisons take: p, interval, lift's interval, confidence sequence, chance to win.

    python benchmarks/engine_speed.py

It compares Floe with a loop over scipy.stats in the same run, and with gbstats and tea-tasting if
they are installed (use an environment of their own; they are not dependencies of Floe).
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from experiments.stats import (
    Mean,
    Proportion,
    compare_many,
    confidence_sequence,
    posterior,
)

COUNT = 8_000
Arms = tuple[Any, Any]


def means() -> Arms:
    """Seeded pairs of means, from small to large samples."""
    rng = np.random.default_rng(20261121)
    n = rng.integers(100, 100_000, COUNT).astype(float)
    return tuple(
        Mean(n, rng.normal(centre, 2, COUNT), rng.uniform(400, 900, COUNT))
        for centre in (100.0, 100.5)
    )


def shares() -> Arms:
    """Seeded pairs of proportions, some of them rare."""
    rng = np.random.default_rng(20261121)
    n = rng.integers(200, 100_000, COUNT)
    return tuple(Proportion(n, rng.binomial(n, rng.uniform(0.001, 0.3, COUNT))) for _ in range(2))


def everything(arms: Arms) -> None:
    """All five answers for every pair."""
    compare_many(*arms)
    confidence_sequence(*arms, planned_n=100_000)
    posterior(*arms)


def fixed(arms: Arms) -> None:
    compare_many(*arms)


def any_time(arms: Arms) -> None:
    confidence_sequence(*arms, planned_n=100_000)


def with_interval(arms: Arms) -> None:
    scipy_loop(arms, has_interval=True)


def scipy_loop(arms: Arms, count: int = 800, *, has_interval: bool = False) -> None:
    """p alone, or with an interval by one frozen distribution per pair, as people often do."""
    control, treatment = arms
    for k in range(count):
        result = stats.ttest_ind_from_stats(
            treatment.mean[k],
            treatment.variance[k] ** 0.5,
            treatment.n[k],
            control.mean[k],
            control.variance[k] ** 0.5,
            control.n[k],
            equal_var=False,
        )
        if has_interval:
            stats.t(df=control.n[k]).interval(0.95)
        assert result.pvalue >= 0


def gbstats_loop(arms: Arms, count: int = 400) -> None:
    """The same five answers; there, difference, lift, sequence and posterior are one test each."""
    # Only if it is installed.
    from gbstats.bayesian.tests import EffectBayesianABTest  # noqa: PLC0415 - see above
    from gbstats.frequentist.tests import (  # noqa: PLC0415 - see above
        FrequentistConfig,
        SequentialConfig,
        SequentialTwoSidedTTest,
        TwoSidedTTest,
    )
    from gbstats.models.statistics import SampleMeanStatistic  # noqa: PLC0415 - see above

    control, treatment = arms
    for k in range(count):
        pair = [
            SampleMeanStatistic(
                n=int(arm.n[k]),
                sum=arm.mean[k] * arm.n[k],
                sum_squares=(arm.n[k] - 1) * arm.variance[k] + arm.n[k] * arm.mean[k] ** 2,
            )
            for arm in (control, treatment)
        ]
        TwoSidedTTest(*pair, FrequentistConfig(difference_type="absolute")).compute_result()
        TwoSidedTTest(*pair, FrequentistConfig(difference_type="relative")).compute_result()
        sequential = SequentialConfig(difference_type="absolute")
        SequentialTwoSidedTTest(*pair, sequential).compute_result()
        EffectBayesianABTest(*pair).compute_result()


def tea_tasting_loop(arms: Arms, count: int = 400) -> None:
    import tea_tasting as tt  # noqa: PLC0415 - only where it is installed

    control, treatment = arms
    metric = tt.Mean("x")
    for k in range(count):
        pair = [
            tt.aggr.Aggregates(
                count_=int(arm.n[k]), mean_={"x": arm.mean[k]}, var_={"x": arm.variance[k]}
            )
            for arm in (control, treatment)
        ]
        metric.analyze_aggregates(*pair)


def clocked(work: Callable[[], None], repeats: int) -> float:
    """The best of several runs, in seconds, after one run to warm up."""
    work()
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return float(best)


def main() -> None:
    mean_arms, share_arms = means(), shares()
    total = clocked(lambda: everything(mean_arms), 7)
    rows = [
        ("means, all five answers", total, COUNT),
        ("means, p and intervals", clocked(lambda: fixed(mean_arms), 7), COUNT),
        ("proportions, p and intervals", clocked(lambda: fixed(share_arms), 7), COUNT),
        ("proportions, at any time", clocked(lambda: any_time(share_arms), 7), COUNT),
        ("scipy.stats loop, p only", clocked(lambda: scipy_loop(mean_arms), 1), 800),
        ("the same with an interval", clocked(lambda: with_interval(mean_arms), 1), 800),
    ]
    for name, loop in (("gbstats", gbstats_loop), ("tea_tasting", tea_tasting_loop)):
        if importlib.util.find_spec(name):
            rows.append((f"{name} loop", clocked(lambda loop=loop: loop(mean_arms), 1), 400))
        else:
            print(f"{name} is not installed here: not measured.")
    print(f"{'':32} {'8,000 in':>10} {'each':>10} {'against Floe':>13}")
    for name, seconds, count in rows:
        all_of_them = seconds / count * COUNT
        each = seconds / count * 1e6
        print(f"{name:32} {all_of_them * 1e3:7.1f} ms {each:7.2f} µs {all_of_them / total:12.1f}×")


if __name__ == "__main__":
    main()
