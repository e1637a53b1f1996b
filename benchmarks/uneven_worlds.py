"""Worlds of `error_rates.py` where arms are uneven, events rare, amounts skewed, or files come again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from error_lines import Line, about, alarms, at_most, covers, for_the_record
from scipy.special import ndtr, ndtri
from scipy.stats import skew

from experiments.stats import (
    Mean,
    Proportion,
    adjusted_levels,
    compare_many,
    confidence_sequence,
    cut_at_null,
    poststratify,
    sample_ratio,
    sample_ratio_sequential,
    sample_size,
    winsorise,
)

ALLOCATIONS = {"1:1": 0.5, "10:90": 0.1, "5:95": 0.05, "2:98": 0.02, "1:99": 0.01}
RATES = {"10 %": 0.1, "1 %": 0.01, ".1 %": 0.001}
DAYS = 28
EVENTS = 40  # expected in the smaller arm of a fixed plan


def uneven_shares(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """A fixed plan with 40 conversions expected in the control, and with 8, where the test is exact."""
    for allocation, share in ALLOCATIONS.items():
        for name, rate in RATES.items():
            effect = compare_many(*_shares(rng, runs, rate, EVENTS / rate, share))
            label = f"{name}, {allocation}, {EVENTS} events in the control"
            yield about(f"A/A {label}", alarms(effect), 0.05, 0.01)
            yield about(f"coverage {label}", covers(effect, 0.0), 0.95, 0.01)
        few = compare_many(*_shares(rng, runs // 8, 0.01, 800, share))
        yield at_most(f"A/A 1 %, {allocation}, 8 events in the control", alarms(few))


def _shares(
    rng: np.random.Generator, runs: int, rate: float, n_c: float, share: float
) -> list[Proportion]:
    sizes = round(n_c), round(n_c * (1 - share) / share)
    return [Proportion(np.full(runs, float(n)), rng.binomial(n, rate, runs)) for n in sizes]


def uneven_sequences(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """28 daily looks of plans for +100 %: nothing differs, or the treatment is worse by the margin."""
    few = runs // 8
    for allocation, share in ALLOCATIONS.items():
        for name, rate in RATES.items():
            size = sample_size(rate, relative_effect=1.0, weights=[share, 1 - share])
            planned_n = size / share
            arms = _daily(rng, few, (rate, rate), planned_n, share)
            look = confidence_sequence(*arms, planned_n=planned_n)
            yield at_most(f"sequence {name}, {allocation}", alarms(look).any(axis=1))
            margin = rate / 2
            arms = _daily(rng, few, (rate, rate + margin), planned_n, share)
            look = confidence_sequence(*arms, planned_n=planned_n)
            missed = (look.low > margin) | (look.high < margin)
            yield at_most(f"watch of a margin, {name}, {allocation}", missed.any(axis=1))
            look = confidence_sequence(
                *arms, planned_n=planned_n, alternative="less", margin=margin
            )
            yield at_most(f"one side, margin, {name}, {allocation}", alarms(look).any(axis=1))


def _daily(
    rng: np.random.Generator,
    runs: int,
    rates: tuple[float, float],
    planned_n: float,
    share: float,
) -> list[Proportion]:
    units = np.diff(np.round(np.arange(DAYS + 1) * planned_n / DAYS)).astype(int)
    control = rng.binomial(units, share, (runs, DAYS))
    return [
        Proportion(n.cumsum(1), rng.binomial(n, rate).cumsum(1))
        for n, rate in zip((control, units - control), rates, strict=True)
    ]


def uneven_revenue(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """95 % zeros, the rest log-normal; skewness known, as units give it."""
    for n_c, n_t, sigma, part in (
        (500, 4_500, 1, 20),
        (500, 9_500, 1, 20),
        (200, 1_800, 1, 20),
        (5_000, 45_000, 2, 100),
        (2_500, 47_500, 2, 100),
    ):
        for lift in (0.0, 0.2):
            held, wrong = [], []
            for _ in range(max(1, runs // part // 20)):
                control, treatment = _revenue(rng, 20, n_c, sigma), _revenue(rng, 20, n_t, sigma)
                treatment = Mean(
                    treatment.n,
                    treatment.mean * (1 + lift),
                    treatment.variance * (1 + lift) ** 2,
                    treatment.skewness,
                )
                effect = compare_many(control, treatment)
                held.append(covers(effect, lift * 0.05 * np.exp(sigma**2 / 2)))
                wrong.append(alarms(effect))
            label = f"revenue σ {sigma}, {n_c:,}:{n_t:,}"
            yield about(f"coverage {label}, +{lift:.0%}", np.concatenate(held), 0.95, 0.01)
            if not lift:
                yield about(f"A/A {label}", np.concatenate(wrong), 0.05, 0.01)


def _revenue(rng: np.random.Generator, runs: int, n: int, sigma: float) -> Mean:
    return _mean(_amounts(rng, runs, n, sigma))


def _amounts(rng: np.random.Generator, runs: int, n: int, sigma: float) -> np.ndarray:
    return rng.lognormal(0, sigma, (runs, n)) * (rng.random((runs, n)) < 0.05)


def _mean(y: np.ndarray) -> Mean:
    n = np.full(len(y), float(y.shape[1]))
    return Mean(n, y.mean(axis=1), y.var(axis=1, ddof=1), skew(y, axis=1))


def capped_revenue(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """Cut down at the 99.9th percentile of all arms."""
    for n_c, n_t, sigma in ((500, 4_500, 1), (500, 4_500, 2), (2_500, 2_500, 2)):
        hits = []
        for _ in range(runs // 40):
            arms = winsorise([_amounts(rng, 1, n, sigma)[0] for n in (n_c, n_t)], percentile=99.9)
            samples = [_mean(arm[None, :]) for arm in arms]
            hits.append(alarms(compare_many(*samples)))
        yield about(
            f"A/A capped revenue σ {sigma}, {n_c:,}:{n_t:,}", np.concatenate(hits), 0.05, 0.015
        )


def revenue_sequences(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """28 daily looks at revenue with 95 % zeros."""
    for n_c, n_t, sigma, part in (
        (20, 180, 1, 8),
        (20, 180, 2, 8),
        (200, 1_800, 1, 80),
        (200, 1_800, 2, 80),
    ):
        hits = []
        for _ in range(max(1, runs // part // 25)):
            arms = [_growing(rng, 25, n, sigma) for n in (n_c, n_t)]
            look = confidence_sequence(*arms, planned_n=DAYS * (n_c + n_t))
            hits.append(alarms(look).any(axis=1))
        yield at_most(f"sequence, revenue σ {sigma}, {n_c}:{n_t:,} a day", np.concatenate(hits))


def _growing(rng: np.random.Generator, runs: int, per_day: int, sigma: float) -> Mean:
    shape = (runs, DAYS, per_day)
    y = rng.lognormal(0, sigma, shape) * (rng.random(shape) < 0.05)
    n = per_day * np.arange(1.0, DAYS + 1)
    mean, squares = y.sum(2).cumsum(1) / n, (y**2).sum(2).cumsum(1) / n
    return Mean(n, mean, np.maximum(squares - mean**2, 0) * n / (n - 1))


def strata_of_shares(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """Five strata with shares from half to one and a half times the average."""
    for n_c, n_t, share in ((200, 1_800, 0.02), (100, 9_900, 0.02), (2_000, 2_000, 0.02)):
        rates, hits = share * np.linspace(0.5, 1.5, 5), []
        for _ in range(runs // 16):
            sizes = [rng.multinomial(n, np.full(5, 0.2)) for n in (n_c, n_t)]
            counts = [rng.binomial(size, rates) for size in sizes]
            strata = [
                (Proportion(*control), Proportion(*treatment))
                for control, treatment in zip(
                    zip(sizes[0], counts[0], strict=True),
                    zip(sizes[1], counts[1], strict=True),
                    strict=True,
                )
            ]
            hits.append((poststratify(strata).p_value or 1.0) <= 0.05)
        yield at_most(f"A/A {share:.0%} in five strata, {n_c:,}:{n_t:,}", np.array(hits), 0.055)


def files_after_the_end(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """Data of 100, 110 and 120 % of the plan: the first reading is the verdict."""
    n = np.array([5_000, 500, 500])
    x = rng.binomial(n, 0.1, (2, runs, 3)).cumsum(axis=2)
    effect = compare_many(*(Proportion(n.cumsum() + 0 * arm, arm) for arm in x))
    hits = alarms(effect)
    yield about("fixed plan, the first file at its end", hits[:, 0], 0.05)
    yield for_the_record("the same, any of three files to 120 %", hits.any(axis=1))


def uneven_ratios(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """p < .001 of the units, once and after each of 28 days."""
    for weights, n in (((9999, 1), 200), ((99, 1), 2_000), ((1, 1), 2_000)):
        share = np.array(weights) / sum(weights)
        rows, counts = np.unique(rng.multinomial(n, share, runs), axis=0, return_counts=True)
        hits = np.repeat([sample_ratio(row, weights).is_mismatch for row in rows], counts)
        yield at_most(f"sample ratio {weights[0]}:{weights[1]}, {n:,} units", hits, 0.001)
        steps = np.diff(np.round(np.arange(DAYS + 1) * n / DAYS)).astype(int)
        seen: dict[tuple[int, int], bool] = {}
        days = [rng.multinomial(steps, share).cumsum(axis=0) for _ in range(runs // 4)]
        hits = np.array([any(_is_off(seen, tuple(row), weights) for row in run) for run in days])
        yield at_most(f"the same, read on 28 days, {weights[0]}:{weights[1]}", hits, 0.001)


def _is_off(
    seen: dict[tuple[int, int], bool], row: tuple[int, int], weights: tuple[int, int]
) -> bool:
    if row not in seen:
        seen[row] = sample_ratio_sequential(row, weights).is_mismatch
    return seen[row]


def simultaneous_intervals(rng: np.random.Generator, runs: int) -> Iterator[Line]:
    """Any of four intervals misses, each at the level that agrees with its Holm-adjusted p."""
    worlds = {"nothing differs": np.zeros(4), "all differ": np.full(4, 8.0)}
    for name, truth in worlds.items():
        yield at_most(f"Holm's intervals, any of four, {name}", _missed(rng, runs // 16, truth))
    truth = np.array([8.0, 8.0, 8.0, 0.0])
    yield at_most("the same, three of four differ", _missed(rng, runs // 16, truth), 0.0875)


def _missed(rng: np.random.Generator, runs: int, truth: np.ndarray) -> np.ndarray:
    missed = []
    for z in rng.normal(truth, 1, (runs, truth.size)):
        levels = adjusted_levels(2 * ndtr(-np.abs(z)), method="holm")
        reach = -ndtri((1 - levels.confidence) / 2)
        ends = [
            cut_at_null(one - far, one + far, difference=one, is_rejected=bool(rejected))
            for one, far, rejected in zip(z, reach, levels.is_rejected, strict=True)
        ]
        missed.append(
            any(not low <= true <= high for (low, high), true in zip(ends, truth, strict=True))
        )
    return np.array(missed)


UNEVEN = (
    uneven_shares,
    uneven_sequences,
    uneven_revenue,
    capped_revenue,
    revenue_sequences,
    strata_of_shares,
    files_after_the_end,
    uneven_ratios,
    simultaneous_intervals,
)
