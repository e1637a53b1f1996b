"""A row of a sheet as a past experiment: what is known of it, and what its evidence is worth."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from backlog.flows.imports.rows import ImportRow
from experiments.learning.evidence import Backing, Trial, TrialOutcome
from experiments.learning.grading import Grade, grade
from experiments.learning.measured import OUTCOMES, Measured
from experiments.past.figures import ArmCounts

CLAIM, REASON, TEXT = 300, 2000, 2000  # letters


@dataclass(slots=True)
class PastRow:
    """`idea` is the row as the backlog reads it, with its number, fate and notes.

    `is_increase_good`: whether more of its metric is better, also where it has only words.
    """

    idea: ImportRow
    started: dt.date | None = None
    last_day: dt.date | None = None
    decided_on: dt.date | None = None
    outcome: str = ""
    choice: str = ""
    reason: str = ""
    backing: Backing = Backing.WORDS
    measured: Measured | None = None
    arms: tuple[ArmCounts, ...] = ()
    arm: str = ""
    metric: str = ""
    is_increase_good: bool = True
    segment: str = ""
    learning: str = ""
    days_planned: float | None = None
    days_taken: float | None = None
    wants_outcome: bool = False
    wants_day: bool = False
    can_be_added: bool = True

    @property
    def grade(self) -> Grade:
        """What a learning gets that rests on this experiment alone."""
        lift = self.measured
        trial = Trial(
            key="row", outcome=self.trial_outcome, decided_on=self.decided_on or timezone.localdate(),
            backing=self.backing, imported=True, is_increase_good=self.is_increase_good,
        )  # fmt: skip
        if lift and self.backing != Backing.WORDS:
            trial = replace(
                trial, lift=lift.lift, low=lift.low, high=lift.high, confidence=lift.confidence
            )
        return grade([trial])

    @property
    def trial_outcome(self) -> TrialOutcome:
        """A sheet that says “lost” does not say that a guardrail was harmed."""
        return OUTCOMES.get(self.outcome, TrialOutcome.INCONCLUSIVE)


def shown(row: PastRow) -> dict[str, Any]:
    """What the page shows of a row."""
    return {
        "number": row.idea.number,
        "cells": [cell[:120] for cell in row.idea.cells],
        "fate": row.idea.fate,
        "notes": row.idea.notes,
        "same_as": row.idea.same_as,
        "has_pod": row.idea.pod is not None,
        "wants_outcome": row.wants_outcome,
        "wants_day": row.wants_day,
        "can_be_added": row.can_be_added,
    }
