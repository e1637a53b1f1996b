"""The minimum-quality score of a decided experiment: eight items, each met, missed or not applicable. Pure.

It asks whether an experiment was run as a trustworthy one is run, not whether it won.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Final


@dataclass(frozen=True)
class QualityFacts:
    """What the score asks of one decided experiment.

    `has_plan`: a plan was sealed. `has_hypothesis`: it has one. `primary`: the name of its primary metric,
    or nothing. `units`: planned over all arms, or 0. `days_late`: how many days after the first day it was
    sealed. `is_redefined`: the primary metric or the size changed after the first look. `planned_end`: the
    day after the last one, as it was before the first look; `end_in_force`: as it is now. `decided_on`: the
    day. `counted`: units in the reading that decided, or None without one. `recommended`: what the sealed
    rule recommended, or nothing. `is_mismatch`: the arms of that reading are not as large as planned, or
    None if nothing says so. `had_mismatch`: they were not at some earlier time. `guardrails`: how many the
    plan has. `departs`: the decision departs from the rule. `is_read_any_day`: the plan allows that.
    `is_opened_early`: somebody opened the results before their planned end. `early_days`: on how many days
    results were seen that the plan did not allow yet. `written_on`, `written_due`: day of the post-mortem
    and the day by which it was due, or None if none was set. `today`: the day of the score.
    """

    decided_on: dt.date
    today: dt.date
    written_due: dt.date | None = None
    written_on: dt.date | None = None
    has_plan: bool = True
    has_hypothesis: bool = False
    primary: str = ""
    units: int = 0
    days_late: int = 0
    is_redefined: bool = False
    planned_end: dt.date | None = None
    end_in_force: dt.date | None = None
    counted: int | None = None
    recommended: str = ""
    is_mismatch: bool | None = None
    had_mismatch: bool = False
    guardrails: int = 0
    departs: bool = False
    is_read_any_day: bool = False
    is_opened_early: bool = False
    early_days: int = 0


@dataclass(frozen=True)
class QualityItem:
    """One item: its `name`, whether it `is_met` (None: not applicable), and the `sentence` that says why."""

    name: str
    is_met: bool | None
    sentence: str


@dataclass(frozen=True)
class QualityMean:
    """The mean `score` of `n` experiments, 0 to 1."""

    n: int
    score: float


Judgement = tuple[bool | None, str]


def quality_items(facts: QualityFacts) -> tuple[QualityItem, ...]:
    """The items of the score in the order of an experiment’s life.

    Args:
        facts: of one decided experiment.

    Returns:
        Eight items.

    Raises:
        Nothing.

    Source: counting; the items are Floe’s own (docs/health.md).

    >>> day = dt.date(2026, 11, 30)
    >>> facts = QualityFacts(decided_on=day, written_due=day, today=day, has_hypothesis=True)
    >>> quality_items(facts)[0]
    QualityItem(name='Hypothesis', is_met=True, sentence='The sealed plan has a hypothesis.')
    """
    return tuple(QualityItem(name, *judge(facts)) for name, judge in ITEMS)


def quality_score(items: Iterable[QualityItem]) -> float | None:
    """The share of items that are met among those that apply.

    Args:
        items: of one experiment.

    Returns:
        0 to 1, or None if none applies.

    Raises:
        Nothing.

    Source: counting.

    >>> quality_score([QualityItem("A", True, ""), QualityItem("B", False, ""), QualityItem("C", None, "")])
    0.5
    >>> quality_score([]) is None
    True
    """
    marks = [item.is_met for item in items if item.is_met is not None]
    return sum(marks) / len(marks) if marks else None


def mean_quality(experiments: Iterable[QualityFacts]) -> QualityMean | None:
    """The mean score of several experiments; each counts once.

    Args:
        experiments: the facts of each.

    Returns:
        The mean, or None if no experiment has a score.

    Raises:
        Nothing.

    Source: counting.

    >>> day = dt.date(2026, 11, 30)
    >>> mean_quality([QualityFacts(decided_on=day, written_due=day, today=day, has_plan=False)]) is None
    True
    """
    scores = [
        score for facts in experiments if (score := quality_score(quality_items(facts))) is not None
    ]
    return QualityMean(len(scores), fmean(scores)) if scores else None


def _hypothesis(facts: QualityFacts) -> Judgement:
    if not facts.has_plan:
        return None, NO_PLAN
    if facts.has_hypothesis:
        return True, "The sealed plan has a hypothesis."
    return False, "The sealed plan has no hypothesis."


def _fixed_before(facts: QualityFacts) -> Judgement:
    if not facts.has_plan:
        return None, NO_PLAN
    if not facts.primary:
        return False, "The sealed plan has no primary metric."
    if not facts.units:
        return False, "The sealed plan does not say how many units it needs."
    if facts.days_late > 0:
        return False, f"The plan was sealed {_days(facts.days_late)} after the first day."
    if facts.is_redefined:
        return False, "The primary metric or the size was changed after the first look."
    return True, f"“{facts.primary}” and {facts.units:,} units were sealed before the first day."


def _length(facts: QualityFacts) -> Judgement:
    if not facts.has_plan:
        return None, NO_PLAN
    if facts.planned_end is None:
        return None, "The sealed plan has no last day."
    if facts.end_in_force != facts.planned_end:
        return False, "Its last day was moved after the first look."
    early = (facts.planned_end - facts.decided_on).days
    if early <= 0:
        return True, "It ran until its planned last day."
    return _ended_early(facts, early)


def _ended_early(facts: QualityFacts, days: int) -> Judgement:
    if facts.recommended:
        return True, "The sealed rule decided before the last day."
    if facts.units and facts.counted is not None and facts.counted >= facts.units:
        return True, "The planned units were in before the last day."
    return False, f"It was decided {_days(days)} before its planned end."


def _arms(facts: QualityFacts) -> Judgement:
    if facts.is_mismatch is None:
        return None, "No reading says how large the arms were."
    if facts.is_mismatch:
        return False, "The arms were not as large as planned when it was decided."
    if facts.had_mismatch:
        return (
            True,
            "The arms were not as large as planned, but that was resolved before the decision.",
        )
    return True, "The arms were as large as planned."


def _guardrails(facts: QualityFacts) -> Judgement:
    if not facts.has_plan:
        return None, NO_PLAN
    if not facts.guardrails:
        return False, "The sealed plan has no guardrail with a margin."
    count = facts.guardrails
    return True, f"The sealed plan has {count} guardrail{'' if count == 1 else 's'} with a margin."


def _rule(facts: QualityFacts) -> Judgement:
    if not facts.has_plan:
        return None, NO_PLAN
    if facts.counted is None:
        return None, "It was decided without a reading, so the rule could not be asked."
    if facts.departs:
        return False, "The decision departs from the sealed rule."
    if not facts.recommended:
        return True, "The sealed rule recommended nothing, and nothing was shipped or rolled back."
    return True, "The decision keeps to the sealed rule."


def _peeks(facts: QualityFacts) -> Judgement:
    if not facts.has_plan:
        return None, NO_PLAN
    if facts.is_read_any_day:
        return True, "The plan allows reading results on any day."
    if facts.is_opened_early:
        return False, "Results were opened before their planned end."
    if facts.early_days:
        return False, f"Results were seen early on {_days(facts.early_days)}."
    return True, "Nobody saw results before the plan allowed it."


def _written(facts: QualityFacts) -> Judgement:
    if facts.written_due is None:
        return None, "No day was set for the post-mortem."
    due = f"{facts.written_due:%-d %b %Y}"
    if facts.written_on is None:
        if facts.today <= facts.written_due:
            return None, f"The post-mortem is due on {due}."
        return False, f"The post-mortem was due on {due} and is not published."
    late = (facts.written_on - facts.written_due).days
    if late > 0:
        return False, f"The post-mortem was published {_days(late)} late."
    return True, "The post-mortem was published on time."


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


NO_PLAN: Final = "No plan was sealed in Floe."
ITEMS: Final[tuple[tuple[str, Callable[[QualityFacts], Judgement]], ...]] = (
    ("Hypothesis", _hypothesis),
    ("Primary metric and size", _fixed_before),
    ("Planned length", _length),
    ("Balance of arms", _arms),
    ("Guardrails", _guardrails),
    ("Decision rule", _rule),
    ("Peeks", _peeks),
    ("Post-mortem", _written),
)
