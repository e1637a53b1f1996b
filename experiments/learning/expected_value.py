"""What an idea is worth if its scores are read by what earlier scores turned out to mean. Pure.

Expected value per working day = lift if it wins × chance of winning ÷ days. Each of the three starts
from the claim and moves towards what was measured only as far as the difference is more than chance:
first for the workspace, then from there for each pod. A team whose claims hold keeps its claims.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from experiments.learning.records import NEEDED, DecidedExperiment
from experiments.quarter.capacity import correction
from experiments.stats import reliability_curve, shrink
from experiments.stats.tails import CONFIDENCE, Array, array, t_quantile

GRID: Final = np.linspace(0.0, 1.0, 21)
"""Claimed chances at which a curve is kept; between them it is a straight line."""

FEWEST: Final = 8
"""Winners, or experiments of a pod, under which a line or curve stays as it is."""


@dataclass(frozen=True)
class Reading:
    """What claims mean in one scope.

    `chances`: the chance of winning at each claimed chance 0, 0.05 … 1. `lift_at_zero` and `lift_slope`:
    the lift of a winner is `lift_at_zero` + `lift_slope` × claimed lift, at least 0. `days_factor`: days
    taken per day forecast. `experiments`, `winners` and `timed`: how many the three rest on.
    """

    chances: tuple[float, ...] = tuple(GRID.tolist())
    lift_at_zero: float = 0.0
    lift_slope: float = 1.0
    days_factor: float = 1.0
    experiments: int = 0
    winners: int = 0
    timed: int = 0

    def chance(self, claimed: float) -> float:
        """The chance of winning, 0 to 1."""
        return float(np.interp(claimed, GRID, self.chances))

    def lift(self, claimed: float) -> float:
        """The lift if it wins, as a fraction, at least 0."""
        return max(0.0, self.lift_at_zero + self.lift_slope * claimed)


@dataclass(frozen=True)
class ValueModel:
    """How claims are read: for the `workspace`, and for its `pods` where they differ, by pod."""

    workspace: Reading = field(default_factory=Reading)
    pods: Mapping[str, Reading] = field(default_factory=dict)

    def reading(self, pod: str) -> Reading:
        """A pod’s own reading, or that of the workspace."""
        return self.pods.get(pod, self.workspace)


@dataclass(frozen=True)
class Parts:
    """What an expected value was made of.

    `claimed_lift`, `claimed_chance` and `claimed_days`: as scored. `experiments`, `winners` and `timed`:
    how many decided experiments the chance, the lift and the days rest on; 0 where the claim stands
    as it is. `is_of_pod`: the pod’s own experiments were used beside those of the workspace.
    """

    claimed_lift: float
    claimed_chance: float
    claimed_days: float
    experiments: int
    winners: int
    timed: int
    is_of_pod: bool


@dataclass(frozen=True)
class Expected:
    """The calibrated expected value of an idea.

    `lift`: if it wins, as a fraction (0.006 is +0.6 %). `chance`: that it wins, 0 to 1. `days`: working
    days that it takes. `value_per_day`: lift × chance ÷ days. `parts`: what these were made of.
    """

    lift: float
    chance: float
    days: float
    value_per_day: float
    parts: Parts


def expected_value(
    *, claim: float, chance: float, days: float, model: ValueModel, pod: str = ""
) -> Expected:
    """The value per day to expect of an idea with these claims.

    Args:
        claim: the lift that its Impact claims, as a fraction.
        chance: of winning that its Confidence claims, 0 to 1.
        days: working days that its Ease claims, above zero.
        model: of `fit_value_model`, or `ValueModel()` to take the claims as they are.
        pod: whose claims these are.

    Returns:
        The value with everything that a sentence about it needs.

    Raises:
        ValueError: days that are not above zero, or a chance outside 0 to 1.

    Source: expectation of a product of independent parts; see `fit_value_model`.

    >>> expected = expected_value(claim=0.03, chance=0.5, days=6, model=ValueModel())
    >>> expected.value_per_day
    0.0025
    """
    if days <= 0 or not 0 <= chance <= 1:
        raise ValueError("days are above zero, and a chance is from 0 to 1")
    reading = model.reading(pod)
    lift, won, taken = reading.lift(claim), reading.chance(chance), days * reading.days_factor
    parts = Parts(
        claim,
        chance,
        days,
        reading.experiments,
        reading.winners,
        reading.timed,
        pod in model.pods,
    )
    return Expected(lift, won, taken, lift * won / taken, parts)


def fit_value_model(rows: Sequence[DecidedExperiment], *, needed: int = NEEDED) -> ValueModel:
    """What past claims turned out to mean.

    *Chance*: a line through the outcomes, and on it the steps of a rising curve. In each step the n
    outcomes are weighed n to M against the line, M being the precision of a beta-binomial distribution
    by moments. *Lift*: a line through the lifts of winners, each drawn towards its claim as far as
    its own spread is chance (so that lucky winners do not count in full). *Days*: the factor of
    `correction`. Of a slope, a mean and a factor, the share 1 − variance/deviation² (at least 0) of
    their deviation from what was expected before is kept.

    Args:
        rows: decided experiments of the whole workspace.
        needed: experiments under which the claims stand as they are.

    Returns:
        The model; pods with fewer than `FEWEST` experiments are read like the workspace.

    Raises:
        ValueError: a chance outside 0 to 1, or a lift that is not finite.

    Source: `reliability_curve`; beta-binomial by moments Kleinman 1973 JASA 68:46; `shrink`; the
    positive-part rule of James & Stein 1961 for one parameter at a time.

    >>> fit_value_model([]) == ValueModel()
    True
    """
    lifts = _drawn_to_claims(rows)
    workspace = _reading(rows, Reading(), needed, lifts)
    pods = {}
    for pod in sorted({row.pod for row in rows}):
        own = [row for row in rows if row.pod == pod]
        reading = _reading(own, workspace, FEWEST, lifts)
        if len(own) >= FEWEST and reading != workspace:
            pods[pod] = reading
    return ValueModel(workspace, pods)


def _drawn_to_claims(rows: Sequence[DecidedExperiment]) -> dict[str, float]:
    """Lifts, each drawn towards its claim plus the mean difference of all."""
    measured = {
        row.key: (row.claim, *row.measured)
        for row in rows
        if row.claim is not None and row.measured
    }
    if not measured:
        return {}
    claims, lifts, variances = (array(column) for column in zip(*measured.values(), strict=True))
    drawn = claims + shrink((lifts - claims).tolist(), variances.tolist())
    return dict(zip(measured, drawn.tolist(), strict=True))


def _reading(
    rows: Sequence[DecidedExperiment], before: Reading, needed: int, lifts: Mapping[str, float]
) -> Reading:
    outcomes = [
        (row.chance, float(row.won))
        for row in rows
        if row.chance is not None and row.won is not None
    ]
    winners = [
        (row.claim, lifts[row.key])
        for row in rows
        if row.won and row.claim is not None and row.key in lifts
    ]
    past = [
        (row.days_forecast, row.days_taken) for row in rows if row.days_forecast and row.days_taken
    ]
    curve, line, factor = (
        before.chances,
        (before.lift_at_zero, before.lift_slope),
        before.days_factor,
    )
    experiments, won, timed = before.experiments, before.winners, before.timed
    if len(outcomes) >= needed:
        curve, experiments = _curve(outcomes, before), len(outcomes)
    if len(rows) >= needed and len(winners) >= FEWEST:
        claims, drawn = (array(column) for column in zip(*winners, strict=True))
        at_zero, slope = _line(claims, drawn - (line[0] + line[1] * claims))
        line, won = (line[0] + at_zero, line[1] + slope), len(winners)
    if len(past) >= needed:
        factor, timed = _factor(past, before.days_factor), len(past)
    return Reading(curve, *line, factor, experiments, won, timed)


def _kept(deviation: float, variance: float) -> float:
    """What is left of a deviation once chance is taken out."""
    return deviation * max(0.0, 1 - variance / deviation**2) if deviation else 0.0


def _curve(outcomes: Sequence[tuple[float, float]], before: Reading) -> tuple[float, ...]:
    """A line for what is too high or too sure all along, then the steps that it leaves over."""
    chances, wins = (array(column) for column in zip(*outcomes, strict=True))
    at_zero, slope = _line(chances, wins - np.interp(chances, GRID, before.chances))
    line = _rising(array(before.chances) + at_zero + slope * GRID)
    steps = reliability_curve(chances.tolist(), wins.tolist())
    _, rate, n = (array(column) for column in zip(*steps, strict=True))
    order = np.sort(chances)
    first = np.concatenate([[0.0], np.cumsum(n)[:-1]]).astype(np.int64)
    expected = np.add.reduceat(np.interp(order, GRID, line), first) / n
    spread = np.clip(expected * (1 - expected), 0.01, None)
    excess = (n * (rate - expected) ** 2 - spread).sum()
    rho = min(max(0.0, excess / max(((n - 1) * spread).sum(), 1e-9)), 1.0)
    moved = n * rho / (1 - rho + n * rho) * (rate - expected)
    ends = np.stack([order[first], order[first + n.astype(np.int64) - 1]], axis=1).ravel()
    curve = _rising(line + np.interp(GRID, ends, np.repeat(moved, 2)))
    return tuple(curve.tolist())


def _rising(curve: Array) -> Array:
    return np.maximum.accumulate(np.clip(curve, 0.0, 1.0))


def _line(claims: Array, off: Array) -> tuple[float, float]:
    """Value at 0 and slope of a line through deviations, of each what is more than chance."""
    centred = claims - claims.mean()
    squares = float((centred**2).sum()) if np.ptp(claims) > 1e-9 else 0.0
    slope = float((centred * off).sum()) / squares if squares else 0.0
    rest = off - off.mean() - slope * centred
    variance = float((rest**2).sum()) / max(claims.size - 2, 1)
    slope = _kept(slope, variance / squares) if squares else 0.0
    mean = _kept(float(off.mean()), variance / claims.size)
    return mean - slope * float(claims.mean()), slope


def _factor(past: Sequence[tuple[float, float]], before: float) -> float:
    fitted = correction(past, confidence=CONFIDENCE)
    if fitted.factor is None or not fitted.low or not fitted.high:
        return before
    reach = float(t_quantile(array(fitted.past - 1.0), CONFIDENCE))
    error = math.log(fitted.high / fitted.low) / (2 * reach)
    return before * math.exp(_kept(math.log(fitted.factor / before), error**2))
