"""How well scores foretell what is measured: bias, hit rate, Brier, reliability, ranks, days. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from experiments.learning.records import (
    FEWEST_SCORERS,
    NEEDED,
    DecidedExperiment,
    Estimate,
    Gap,
    mean_of,
    no_estimate,
    share_of,
    shrunk_lifts,
)
from experiments.learning.reliability import ConfidenceCalibration, calibrate_confidence
from experiments.quarter.capacity import correction
from experiments.stats import (
    rank_agreement,
)
from experiments.stats.tails import CONFIDENCE, array, t_quantile

PREDICTORS: Final = ("ice", "impact", "confidence", "ease")
TARGETS: Final = ("value", "speed")


@dataclass(frozen=True)
class ImpactCalibration:
    """Impact against the measured lift, over all decided experiments, whether they won or not.

    `bias`: claimed minus measured lift, as a fraction (0.02: two points above). `ratio`: the sum of the
    measured lifts over that of the claimed ones. Impact is what an idea brings if it works, so both
    contain what did not work; `promise` does not: it is the sum of the measured lifts over that of
    claim × chance, and 1 if Impact and Confidence were right together. `hit_rate`: share of bands that
    hold the shrunk lift.
    """

    bias: Estimate
    ratio: Estimate
    promise: Estimate
    hit_rate: Estimate


@dataclass(frozen=True)
class Calibration:
    """Of one scope: the workspace, a pod or oneself.

    `n`: decided experiments. `impact`, `confidence`: see there. `ranks`: (predictor, target) → Kendall’s
    τ_b from −1 to 1; predictors are ICE and the dimensions, targets `value` (the shrunk lift) and
    `speed` (fewer days taken). `days`: days taken over days forecast.
    """

    n: int
    impact: ImpactCalibration
    confidence: ConfidenceCalibration
    ranks: Mapping[tuple[str, str], Estimate] = field(default_factory=dict)
    days: Estimate = field(default_factory=lambda: no_estimate(0))


@dataclass(frozen=True)
class Scopes:
    """The calibration of the `workspace` and of its `pods`, by pod."""

    workspace: Calibration
    pods: Mapping[str, Calibration]


def calibrate_scopes(
    rows: Sequence[DecidedExperiment], *, needed: int = NEEDED, confidence: float = CONFIDENCE
) -> Scopes:
    """The calibration of the workspace and of each pod.

    Lifts are shrunk over the whole workspace. A pod whose experiments were scored by fewer than
    `FEWEST_SCORERS` people in all has no estimates, with `Gap.TOO_FEW_SCORERS`.

    Args:
        rows: of the whole workspace.
        needed: as for `calibrate`.
        confidence: of all intervals, 0 to 1.

    Returns:
        Both, with the pods in order of their keys.

    Raises:
        ValueError: as `calibrate`.

    Source: as `calibrate`.

    >>> rows = [DecidedExperiment(str(n), "A", frozenset("xyz"), chance=0.5, won=True) for n in range(30)]
    >>> scopes = calibrate_scopes(rows)
    >>> scopes.workspace.confidence.bias.value, str(scopes.pods["A"].confidence.bias.why_not)
    (-0.5, 'too-few-scorers')
    """
    shrunk = shrunk_lifts(rows)
    pods = {
        pod: calibrate_pod(rows, pod, shrunk=shrunk, needed=needed, confidence=confidence)
        for pod in sorted({row.pod for row in rows})
    }
    whole = calibrate(rows, shrunk=shrunk, needed=needed, confidence=confidence)
    return Scopes(whole, pods)


def calibrate_pod(
    rows: Sequence[DecidedExperiment],
    pod: str,
    *,
    shrunk: Mapping[str, float] | None = None,
    needed: int = NEEDED,
    confidence: float = CONFIDENCE,
) -> Calibration:
    """The calibration of one pod, whose lifts are shrunk over the whole workspace.

    Args:
        rows: of the whole workspace.
        pod: its key.
        shrunk, needed, confidence: as for `calibrate`.

    Returns:
        As `calibrate`; without estimates, with `Gap.TOO_FEW_SCORERS`, where fewer than
        `FEWEST_SCORERS` people scored in all.

    Raises:
        ValueError: as `calibrate`.

    Source: as `calibrate`.

    >>> str(calibrate_pod([], "A").days.why_not)
    'too-few-scorers'
    """
    own = [row for row in rows if row.pod == pod]
    people = frozenset[str]().union(*(row.scorers for row in own))
    if len(people) < FEWEST_SCORERS:
        return _nothing(len(own), Gap.TOO_FEW_SCORERS)
    shrunk = shrunk_lifts(rows) if shrunk is None else shrunk
    return calibrate(own, shrunk=shrunk, needed=needed, confidence=confidence)


def calibrate(
    rows: Sequence[DecidedExperiment],
    *,
    shrunk: Mapping[str, float] | None = None,
    needed: int = NEEDED,
    confidence: float = CONFIDENCE,
) -> Calibration:
    """How well the scores of some experiments foretold what was measured.

    Args:
        rows: decided experiments of one scope. For one person, with that person’s own scores.
        shrunk: lifts by key, as `shrunk_lifts` gives them for the workspace; None to shrink over
            `rows`.
        needed: how many rows with what it needs an estimate asks for.
        confidence: of all intervals, 0 to 1.

    Returns:
        Estimates with intervals; where there are too few rows, `Gap.NOT_ENOUGH_DATA` and their number.

    Raises:
        ValueError: a chance outside 0 to 1, or a number that is not finite.

    Source: bias: Student 1908. Ratios: of sums, with the linearised variance of Cochran 1977, Sampling
    Techniques, 6.4, as HC3 (MacKinnon & White 1985 J Econometrics 29:305). Hits: Wilson 1927. Brier and
    curve: `brier`, `reliability_curve`. Ranks: `rank_agreement`. Days: `correction`.

    >>> calibration = calibrate([DecidedExperiment("EXP-1", chance=0.5, won=True)])
    >>> calibration.confidence.bias.n, str(calibration.confidence.bias.why_not)
    (1, 'not-enough-data')
    """
    if shrunk is None:
        shrunk = shrunk_lifts(rows)
    return Calibration(
        len(rows),
        _impact(rows, shrunk, needed, confidence),
        calibrate_confidence(rows, needed=needed, confidence=confidence),
        {
            (predictor, target): _rank(rows, predictor, _target(target, shrunk), needed, confidence)
            for predictor in PREDICTORS
            for target in TARGETS
        },
        _days(rows, needed, confidence),
    )


def _nothing(n: int, why_not: Gap) -> Calibration:
    none = no_estimate(n, why_not)
    ranks = {(predictor, target): none for predictor in PREDICTORS for target in TARGETS}
    return Calibration(
        n,
        ImpactCalibration(none, none, none, none),
        ConfidenceCalibration(none, None, none, none),
        ranks,
        none,
    )


def _impact(
    rows: Sequence[DecidedExperiment],
    shrunk: Mapping[str, float],
    needed: int,
    confidence: float,
) -> ImpactCalibration:
    usable = [
        (row.claim, row.lift, row.chance, row.claim_low <= shrunk[row.key] <= row.claim_high)
        for row in rows
        if row.claim is not None and row.claim_low is not None and row.claim_high is not None
        if row.lift is not None and row.key in shrunk
    ]
    promises = [(claim * chance, lift) for claim, lift, chance, _ in usable if chance is not None]
    if len(usable) < needed:
        none = no_estimate(len(usable))
        return ImpactCalibration(none, none, none, none)
    pairs = [(claim, lift) for claim, lift, _, _ in usable]
    return ImpactCalibration(
        bias=mean_of(array([claim - lift for claim, lift in pairs]), confidence),
        ratio=_ratio(pairs, needed, confidence),
        promise=_ratio(promises, needed, confidence),
        hit_rate=share_of(sum(is_hit for *_, is_hit in usable), len(usable), confidence),
    )


def _ratio(pairs: Sequence[tuple[float, float]], needed: int, confidence: float) -> Estimate:
    """The sum of lifts over that of claims; each experiment is held against a ratio without it."""
    if len(pairs) < needed:
        return no_estimate(len(pairs))
    claims, lifts = (array(column) for column in zip(*pairs, strict=True))
    total = float(claims.sum())
    if total <= 0 or (claims >= total).any():
        return no_estimate(claims.size, Gap.ALL_ALIKE)
    ratio = float(lifts.sum()) / total
    parts = (lifts - ratio * claims) / (total - claims)
    reach = float(t_quantile(array(claims.size - 1.0), confidence)) * float((parts**2).sum() ** 0.5)
    return Estimate(ratio, ratio - reach, ratio + reach, claims.size)


Target = Callable[[DecidedExperiment], float | None]


def _target(name: str, shrunk: Mapping[str, float]) -> Target:
    if name == "value":
        return lambda row: shrunk.get(row.key)
    return lambda row: None if row.days_taken is None else -row.days_taken


def _rank(
    rows: Sequence[DecidedExperiment],
    predictor: str,
    target: Target,
    needed: int,
    confidence: float,
) -> Estimate:
    pairs = [
        (score, value)
        for row in rows
        if (score := getattr(row, predictor)) is not None and (value := target(row)) is not None
    ]
    if len(pairs) < needed:
        return no_estimate(len(pairs))
    scores, values = zip(*pairs, strict=True)
    agreement = rank_agreement(scores, values, confidence=confidence)
    if agreement.tau is None or agreement.low is None:
        return no_estimate(len(pairs), Gap.ALL_ALIKE)
    return Estimate(agreement.tau, agreement.low, agreement.high, len(pairs))


def _days(rows: Sequence[DecidedExperiment], needed: int, confidence: float) -> Estimate:
    past = [
        (row.days_forecast, row.days_taken) for row in rows if row.days_forecast and row.days_taken
    ]
    if len(past) < needed:
        return no_estimate(len(past))
    factor = correction(past, confidence=confidence)
    return Estimate(factor.factor, factor.low, factor.high, factor.past)
