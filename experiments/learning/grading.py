"""How well a learning is backed: the rule for its grade. Pure. docs/calibration.md says it in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final, TypeAlias

from experiments.learning.evidence import Trial, TrialOutcome, pool

Ends: TypeAlias = tuple[float | None, float | None]


class Direction(StrEnum):
    """What a lift shows clearly: `BETTER` or `WORSE` in the direction that its metric wants, or
    `NO_DIFFERENCE` that matters."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no-difference"


class GradeCode(StrEnum):
    """Why a learning has its grade, from the least to the most.

    `NONE`: no experiment. `WORDS_ONLY`: experiments of which only the outcome is known.
    `CONTRADICTED`: two experiments clearly show different things. `WIDE`: measured, and no
    direction is clear. `ONE_CLEAR`: one experiment is clear, and no other points the same way. `REPEATED`: one
    is clear and another points the same way, but together they are not clear. `REPLICATED`: at
    least two point the same way and the pooled interval is clear.
    """

    NONE = "no-evidence"
    WORDS_ONLY = "words-only"
    CONTRADICTED = "contradicted"
    WIDE = "wide"
    ONE_CLEAR = "one-clear"
    REPEATED = "repeated"
    REPLICATED = "replicated"


LEVELS: Final = {
    GradeCode.NONE: 0,
    GradeCode.WORDS_ONLY: 1,
    GradeCode.CONTRADICTED: 1,
    GradeCode.WIDE: 1,
    GradeCode.ONE_CLEAR: 2,
    GradeCode.REPEATED: 3,
    GradeCode.REPLICATED: 4,
}
"""Grades of 4, as they are shown; 0 where there is no evidence at all."""


@dataclass(frozen=True)
class Grade:
    """A grade with its reason.

    `code`: the reason. `direction`: what is clear, or None. `measured`: how many experiments have a
    lift; `words_only`: how many have none. `supporting`: keys of those that point in the direction.
    `against`: keys of those that clearly show something else, by their lift or, without one, by their
    outcome. `holds_for_next`: even the next such experiment is expected to show the direction,
    because the prediction interval is clear too; None where there is none.
    """

    code: GradeCode
    direction: Direction | None = None
    measured: int = 0
    words_only: int = 0
    supporting: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    holds_for_next: bool | None = None

    @property
    def level(self) -> int:
        """0 to 4."""
        return LEVELS[self.code]


def grade(trials: Iterable[Trial], *, matters: float | None = None) -> Grade:
    """The grade of a learning from the experiments that it rests on.

    An experiment is clear if the interval of its lift excludes zero, or lies within ± `matters`. Two
    contradict each other if both are clear, not in the same direction, and their intervals have no
    lift in common.

    Args:
        trials: on the same claim, in any order; one metric, one lift each.
        matters: the smallest lift that matters, as a fraction above zero; None if nobody said, and
            then no experiment can show that there is no difference.

    Returns:
        The grade; `NONE` without a trial.

    Raises:
        ValueError: two trials of the same key, or metrics of which more and less is better.

    Source: Floe’s own rule (docs/calibration.md); the pooled interval is that of `pool`.

    >>> from datetime import date
    >>> day = date(2026, 11, 2)
    >>> one = Trial("EXP-1", TrialOutcome.WON, day, 0.05, 0.01, 0.09)
    >>> two = Trial("EXP-2", TrialOutcome.INCONCLUSIVE, day, 0.02, -0.02, 0.06)
    >>> str(grade([two]).code), str(grade([one]).code), str(grade([one, two]).code)
    ('wide', 'one-clear', 'repeated')
    >>> grade([one, two]).level, grade([]).level
    (3, 0)
    """
    every = list(trials)
    if len({trial.is_increase_good for trial in every}) > 1:
        raise ValueError("the trials of a learning have one metric")
    evidence = pool(every)
    measured = [row.trial for row in evidence.rows]
    counts = len(measured), evidence.words_only
    if not measured:
        return Grade(GradeCode.WORDS_ONLY if every else GradeCode.NONE, None, *counts)
    is_good = every[0].is_increase_good
    clear = {
        trial.key: direction
        for trial in measured
        if (direction := clear_direction(*trial.interval(), is_good, matters))
    }
    if apart := _contradictions(measured, clear):
        return Grade(GradeCode.CONTRADICTED, None, *counts, against=apart)
    pooled = clear_direction(evidence.low, evidence.high, is_good, matters)
    direction = pooled or (next(iter(clear.values())) if len(set(clear.values())) == 1 else None)
    if direction is None:
        return Grade(GradeCode.WIDE, None, *counts)
    supporting = tuple(t.key for t in measured if _points_to(t, direction, matters or 0.0))
    against = [key for key, other in clear.items() if other != direction and key not in supporting]
    against += [
        trial.key for trial in every
        if trial not in measured and OUTCOMES.get(trial.outcome, direction) != direction
    ]  # fmt: skip
    code = GradeCode.REPLICATED if pooled else GradeCode.REPEATED
    predicted = evidence.prediction_low, evidence.prediction_high
    return Grade(
        code if len(supporting) > 1 else GradeCode.ONE_CLEAR,
        direction,
        *counts,
        supporting,
        tuple(against),
        None
        if predicted == (None, None)
        else clear_direction(*predicted, is_good, matters) == direction,
    )


def clear_direction(
    low: float | None, high: float | None, is_increase_good: bool, matters: float | None
) -> Direction | None:
    """What an interval of a lift shows clearly.

    Args:
        low, high: its ends as fractions; None where it is open.
        is_increase_good: whether more of the metric is better.
        matters: the smallest lift that matters, or None.

    Returns:
        None where it shows nothing clearly. An interval that excludes zero shows its side even if it
        lies within ± `matters`.

    Raises:
        Nothing.

    Source: Floe’s own rule, as for verdicts (docs/statistics.md).

    >>> [str(clear_direction(*ends, True, 0.02)) for ends in ((0.01, 0.05), (-0.01, 0.01), (-0.01, 0.05))]
    ['better', 'no-difference', 'None']
    """
    if low is not None and low > 0:
        return Direction.BETTER if is_increase_good else Direction.WORSE
    if high is not None and high < 0:
        return Direction.WORSE if is_increase_good else Direction.BETTER
    if matters and low is not None and high is not None and -matters < low and high < matters:
        return Direction.NO_DIFFERENCE
    return None


OUTCOMES: Final = {TrialOutcome.WON: Direction.BETTER, TrialOutcome.LOST: Direction.WORSE}
"""What the outcome of a trial without a lift speaks for."""


def _points_to(trial: Trial, direction: Direction, matters: float) -> bool:
    """Whether the lift itself, clear or not, is on that side."""
    lift = trial.lift or 0.0
    if direction == Direction.NO_DIFFERENCE:
        return abs(lift) < matters
    return lift > 0 if (direction == Direction.BETTER) == trial.is_increase_good else lift < 0


def _contradictions(trials: list[Trial], clear: dict[str, Direction]) -> tuple[str, ...]:
    """Keys of clear trials that exclude each other."""
    apart: set[str] = set()
    decisive = [trial for trial in trials if trial.key in clear]
    for one, other in combinations(decisive, 2):
        if clear[one.key] != clear[other.key] and _are_disjoint(one.interval(), other.interval()):
            apart |= {one.key, other.key}
    return tuple(trial.key for trial in decisive if trial.key in apart)


def _are_disjoint(one: Ends, other: Ends) -> bool:
    (low, high), (other_low, other_high) = one, other
    is_below = high is not None and other_low is not None and high < other_low
    is_above = low is not None and other_high is not None and other_high < low
    return is_below or is_above
