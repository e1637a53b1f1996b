"""What decided experiments on one lever, channel, segment and metric say together. Pure.

Lifts are pooled on the logarithm of 1 + lift, on which +25 % and −20 % are equally far from zero.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from experiments.stats import pool_random_effects, shrink
from experiments.stats.proportions import wilson
from experiments.stats.tails import CONFIDENCE, array, normal_quantile, t_quantile

ENOUGH_TO_PREDICT: Final = 3
"""With fewer lifts there is no range for the next one: it would span everything."""


class TrialOutcome(StrEnum):
    """How a decided experiment ended.

    `WON`: its primary metric got better and it was decided for. `LOST`: the primary metric got worse.
    `INCONCLUSIVE`: no clear difference. `HARMED`: a guardrail got worse than its margin allows.
    """

    WON = "won"
    LOST = "lost"
    INCONCLUSIVE = "inconclusive"
    HARMED = "harmed"


class Backing(StrEnum):
    """What stands behind a trial: `COUNTS` or sums by arm, an `INTERVAL` that somebody worked out
    elsewhere, or `WORDS` only, such as “won”."""

    COUNTS = "counts"
    INTERVAL = "interval"
    WORDS = "words"


class EvidenceState(StrEnum):
    """How much there is.

    `NONE`: no decided experiment. `WORDS_ONLY`: only outcomes without a lift. `ONE`: one lift, shown as
    it was measured. `POOLED`: two or more lifts.
    """

    NONE = "no-evidence"
    WORDS_ONLY = "words-only"
    ONE = "one"
    POOLED = "pooled"


class LogEffect(NamedTuple):
    mean: float
    variance: float


@dataclass(frozen=True)
class Trial:
    """One decided experiment, with one lift: several arms against one control are not independent.

    Args:
        key: of the experiment, unique among those that are pooled.
        outcome: how it ended.
        decided_on: the day of its decision.
        lift: of the primary metric, as a fraction of the control (0.1 is +10 %); None without numbers.
        low, high: the interval of the lift at `confidence`; None where that end is open.
        variance: of the lift, its standard error squared; needed only if there is no interval.
        confidence: of the interval, 0 to 1.
        backing: what stands behind it.
        imported: it was run before Floe, or elsewhere.
        is_increase_good: False for metrics of which less is better.
    """

    key: str
    outcome: TrialOutcome
    decided_on: dt.date
    lift: float | None = None
    low: float | None = None
    high: float | None = None
    variance: float | None = None
    confidence: float = CONFIDENCE
    backing: Backing = Backing.COUNTS
    imported: bool = False
    is_increase_good: bool = True

    @property
    def log_effect(self) -> LogEffect | None:
        """ln(1 + lift) with its variance; None without a lift above −100 % and a spread."""
        if self.backing == Backing.WORDS or self.lift is None or not -1 < self.lift < math.inf:
            return None
        middle = math.log1p(self.lift)
        ends = [
            math.log1p(end)
            for end in (self.low, self.high)
            if end is not None and -1 < end < math.inf
        ]
        if ends:
            width = ends[1] - ends[0] if len(ends) == 2 else 2 * abs(ends[0] - middle)
            error = width / (2 * normal_quantile(self.confidence))
        else:
            error = math.sqrt(self.variance or 0.0) / (1 + self.lift)
        return LogEffect(middle, error**2) if 0 < error**2 < math.inf else None

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float | None, float | None]:
        """The ends of the lift: as they were given, or worked out at another confidence."""
        if self.confidence == confidence and (self.low, self.high) != (None, None):
            return self.low, self.high
        effect = self.log_effect
        if effect is None:
            return None, None
        reach = normal_quantile(confidence) * effect.variance**0.5
        return _lift(effect.mean - reach), _lift(effect.mean + reach)


@dataclass(frozen=True)
class TrialLift:
    """A row of the forest plot.

    `trial`: the experiment. `lift`, `low` and `high`: as measured, at the confidence of the evidence;
    None for an open end. `shrunk`: the lift to expect of it again, drawn towards the pooled one; as
    measured under four trials. `weight`: its share in the pooled lift, 0 to 1.
    """

    trial: Trial
    lift: float
    low: float | None
    high: float | None
    shrunk: float
    weight: float


@dataclass(frozen=True)
class Evidence:
    """What some trials say together; lifts are fractions of the control, None where there is none.

    `state`: how much there is. `trials`: how many experiments were decided. `rows`: those with a lift,
    oldest first. `words_only`: how many have none. `imported`: how many were run elsewhere. `lift`,
    `low` and `high`: pooled, or the only one. `prediction_low` and `prediction_high`: where the lift of
    the next such experiment may lie. `i2`: the share of the spread between lifts that is not chance.
    `won`: how many won; `share_won` is their share of all trials, between `share_low` and `share_high`.
    """

    state: EvidenceState
    trials: int
    rows: tuple[TrialLift, ...] = ()
    words_only: int = 0
    imported: int = 0
    lift: float | None = None
    low: float | None = None
    high: float | None = None
    prediction_low: float | None = None
    prediction_high: float | None = None
    i2: float | None = None
    won: int = 0
    share_won: float | None = None
    share_low: float | None = None
    share_high: float | None = None


@dataclass(frozen=True)
class _Pool:
    shrunk: tuple[float, ...]
    weights: tuple[float, ...]
    lift: float | None = None
    low: float | None = None
    high: float | None = None
    prediction_low: float | None = None
    prediction_high: float | None = None
    i2: float | None = None


def pool(trials: Iterable[Trial], *, confidence: float = CONFIDENCE) -> Evidence:
    """The pooled lift with its intervals, each lift raw and shrunk, and the share that won.

    Random effects with τ² by REML. The interval is that of Hartung and Knapp, but never narrower than
    with the usual standard error 1/√Σw and the same t quantile: two lifts that happen to be alike
    would otherwise look certain. A trial of which only the outcome is known counts in the share won
    and not in the pooled lift; so does one with a lift of −100 % or without any spread.

    Args:
        trials: decided experiments in any order, one lift each.
        confidence: of all intervals, 0 to 1.

    Returns:
        The evidence; its `state` is `NONE` without any trial.

    Raises:
        ValueError: two trials of the same key.

    Source: `pool_random_effects` (Viechtbauer 2005; Hartung & Knapp 2001; IntHout et al. 2016); the
    least width: Röver, Knapp & Friede 2015 BMC Med Res Methodol 15:99; shrinkage: `shrink`; share
    won: Wilson 1927 JASA 22:209.

    >>> day = dt.date(2026, 11, 2)
    >>> trials = [
    ...     Trial("EXP-1", TrialOutcome.WON, day, 0.05, 0.01, 0.09),
    ...     Trial("EXP-2", TrialOutcome.INCONCLUSIVE, day, 0.02, -0.02, 0.06),
    ...     Trial("EXP-3", TrialOutcome.WON, day, backing=Backing.WORDS, imported=True),
    ... ]
    >>> evidence = pool(trials)
    >>> str(evidence.state), round(evidence.lift, 4), evidence.words_only, evidence.imported
    ('pooled', 0.0353, 1, 1)
    >>> evidence.won, round(evidence.share_low, 2), round(evidence.share_high, 2)
    (2, 0.21, 0.94)
    >>> str(pool([]).state)
    'no-evidence'
    """
    every = sorted(trials, key=lambda trial: (trial.decided_on, trial.key))
    if len({trial.key for trial in every}) < len(every):
        raise ValueError("each experiment counts once")
    if not every:
        return Evidence(EvidenceState.NONE, 0)
    measured = [(trial, trial.log_effect) for trial in every if trial.log_effect]
    won = sum(trial.outcome == TrialOutcome.WON for trial in every)
    low, high = wilson(array(won), array(len(every)), normal_quantile(confidence))
    pooled = _pooled([effect for _, effect in measured], confidence)
    if len(measured) == 1:
        low_of_one, high_of_one = measured[0][0].interval(confidence)
        pooled = replace(pooled, low=low_of_one, high=high_of_one)
    return Evidence(
        state=(EvidenceState.WORDS_ONLY, EvidenceState.ONE, EvidenceState.POOLED)[
            min(len(measured), 2)
        ],
        trials=len(every),
        rows=tuple(
            TrialLift(trial, math.expm1(effect.mean), *trial.interval(confidence), shrunk, weight)
            for (trial, effect), shrunk, weight in zip(
                measured, pooled.shrunk, pooled.weights, strict=True
            )
        ),
        words_only=len(every) - len(measured),
        imported=sum(trial.imported for trial in every),
        lift=pooled.lift,
        low=pooled.low,
        high=pooled.high,
        prediction_low=pooled.prediction_low,
        prediction_high=pooled.prediction_high,
        i2=pooled.i2,
        won=won,
        share_won=won / len(every),
        share_low=float(low),
        share_high=float(high),
    )


def _pooled(effects: Sequence[LogEffect], confidence: float) -> _Pool:
    if not effects:
        return _Pool((), ())
    y, v = [effect.mean for effect in effects], [effect.variance for effect in effects]
    shrunk = tuple(math.expm1(effect) for effect in shrink(y, v))
    if len(y) == 1:
        return _Pool(shrunk, (1.0,), shrunk[0])
    pooled = pool_random_effects(y, v, confidence=confidence)
    tau2 = pooled.tau2 or 0.0
    raw = [1 / (variance + tau2) for variance in v]
    weights = tuple(weight / math.fsum(raw) for weight in raw)
    if pooled.mean is None or pooled.standard_error is None:
        return _Pool(shrunk, weights)
    error = max(pooled.standard_error, math.fsum(raw) ** -0.5)
    quantile = float(t_quantile(array(len(y) - 1.0), confidence))
    reach, next_reach = quantile * error, quantile * math.hypot(error, tau2**0.5)
    can_predict = len(y) >= ENOUGH_TO_PREDICT
    return _Pool(
        shrunk,
        weights,
        _lift(pooled.mean),
        _lift(pooled.mean - reach),
        _lift(pooled.mean + reach),
        _lift(pooled.mean - next_reach) if can_predict else None,
        _lift(pooled.mean + next_reach) if can_predict else None,
        pooled.i2,
    )


def _lift(log: float) -> float | None:
    """Back from the logarithm; None beyond what a double holds."""
    return math.expm1(log) if log < 700 else None
