"""One row of a sheet read as a past experiment: when, how it ended, and what stands behind it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from backlog.flows.imports.rows import ADD, ASK, OUT, ImportRow, Reader
from backlog.tables.numbers import taken_apart
from experiments.flows.past.columns import Columns
from experiments.flows.past.names import Names
from experiments.learning.evidence import Backing, Trial, TrialOutcome
from experiments.learning.grading import Direction, Grade, clear_direction, grade
from experiments.learning.measured import OUTCOMES, Measured
from experiments.past.figures import ArmCounts, ends_in, lift_of_counts, outcome_of, problem_of
from experiments.past.headings import CONVERSIONS, UNITS
from experiments.past.words import choice_in
from experiments.results_file.words import TOTAL_SIGNS, TOTAL_WORDS, letters_of

CLAIM, REASON, TEXT = 300, 2000, 2000
MOST_DAYS = 1000.0
ODD = {"won": Direction.WORSE, "lost": Direction.BETTER}
BY_HAND = ("won", "lost", "flat", "stopped")


@dataclass(slots=True)
class PastRow:
    """`idea` is the row as the backlog reads it, with its number, fate and notes."""

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
    segment: str = ""
    learning: str = ""
    days_planned: float | None = None
    days_taken: float | None = None
    wants_outcome: bool = False
    wants_day: bool = False

    @property
    def grade(self) -> Grade:
        """What a learning gets that rests on this experiment alone."""
        lift = self.measured
        trial = Trial(
            key="row", outcome=self.trial_outcome, decided_on=self.decided_on or timezone.localdate(),
            backing=self.backing, imported=True,
        )  # fmt: skip
        if lift and self.backing != Backing.WORDS:
            trial = replace(
                trial, lift=lift.lift, low=lift.low, high=lift.high, confidence=lift.confidence,
                is_increase_good=lift.is_increase_good,
            )  # fmt: skip
        return grade([trial])

    @property
    def trial_outcome(self) -> TrialOutcome:
        """A sheet that says “lost” does not say that a guardrail was harmed."""
        return OUTCOMES.get(self.outcome, TrialOutcome.INCONCLUSIVE)


class PastReader:
    """Turns the cells of each row into a `PastRow`."""

    def __init__(
        self,
        *,
        ideas: Reader,
        columns: Columns,
        names: Names,
        arm_names: Sequence[str],
        answers: Mapping[str, str],
        default_day: dt.date | None,
    ) -> None:
        self.ideas, self.columns, self.names = ideas, columns, names
        self.arm_names, self.answers, self.default_day = arm_names, answers, default_day
        self.today = timezone.localdate()

    def read(self, number: int, cells: list[str]) -> PastRow:
        row = PastRow(self.ideas.read(number, self._renamed(cells)))
        row.idea.cells = cells
        if row.idea.fate == OUT or self._is_total(row):
            return row
        self._days(row, cells)
        row.metric = self._named("metric", cells)
        row.segment = self._named("segment", cells)
        self._figures(row, cells)
        self._ending(row, cells)
        self._decision(row, cells)
        self._texts(row, cells)
        self._days_of_work(row, cells)
        return row

    def _renamed(self, cells: list[str]) -> list[str]:
        """The names of pods, levers and channels as Floe spells them, or as somebody chose."""
        changed = list(cells)
        for kind in ("pod", "lever", "channel"):
            if text := self.columns.text(cells, kind):
                changed[self.columns.place[kind]] = self.names.name(kind, text)
        return changed

    def _named(self, kind: str, cells: list[str]) -> str:
        text = self.columns.text(cells, kind)
        return self.names.name(kind, text) if text else ""

    def _days(self, row: PastRow, cells: list[str]) -> None:
        days = {}
        for name in ("started", "ended", "decided"):
            days[name] = self.columns.date(cells, name)
            if days[name] is None and (text := self.columns.text(cells, name)):
                row.idea.notes.append(f"“{text[:30]}” is not a date")
        row.started, row.last_day = days["started"], days["ended"]
        row.decided_on = days["decided"] or row.last_day or self.default_day
        last = row.last_day or row.decided_on
        if row.started and last and last < row.started:
            row.idea.notes.append("It ends before it starts, so the day of the start is left out")
            row.started = None
        if row.decided_on is None:
            row.wants_day, row.idea.fate = True, ASK
            row.idea.notes.append("No day says when it ended or was decided")
        elif max(day for day in (row.decided_on, row.last_day) if day) > self.today:
            row.idea.fate = ASK
            row.idea.notes.append("It ends in the future, so it is not a past experiment")

    def _figures(self, row: PastRow, cells: list[str]) -> None:
        """Counts before a lift: what can be worked out again says the most."""
        row.arms = self._arms(row, cells)
        if row.arms and not (problem := problem_of(row.arms)):
            good = self.names.is_increase_good(row.metric)
            row.measured, row.arm = lift_of_counts(
                row.arms, metric=row.metric, is_increase_good=good
            )
            row.backing = Backing.COUNTS if row.measured else Backing.WORDS
            if row.measured is None:
                row.idea.notes.append("No lift can be worked out of these counts")
        elif row.arms:
            row.idea.notes.append(problem)
            row.arms = ()
        if row.measured is None:
            self._lift(row, cells)
        if row.measured and not row.metric:
            row.idea.notes.append(
                "No metric is named, so its figures are kept and only how it ended counts"
            )
            row.backing = Backing.WORDS

    def _arms(self, row: PastRow, cells: list[str]) -> tuple[ArmCounts, ...]:
        arms = []
        for place, (units, conversions) in enumerate(zip(UNITS, CONVERSIONS, strict=True)):
            if units not in self.columns.place or conversions not in self.columns.place:
                continue
            n, x = (self.columns.number(cells, name) for name in (units, conversions))
            name = self.arm_names[place]
            if n is None or x is None:
                if self.columns.text(cells, units) or self.columns.text(cells, conversions):
                    row.idea.notes.append(f"“{name}” lacks units or conversions")
                continue
            cell = taken_apart(self.columns.text(cells, conversions))
            if cell and cell.is_per_cent:
                x = round(n * x)
                row.idea.notes.append(f"The conversions of “{name}” are worked out from its rate")
            if not (n.is_integer() and float(x).is_integer()):
                row.idea.notes.append(f"The counts of “{name}” are not whole numbers")
                continue
            arms.append(ArmCounts(name, int(n), int(x)))
        return tuple(arms)

    def _lift(self, row: PastRow, cells: list[str]) -> None:
        lift = self.columns.lift(self.columns.text(cells, "lift"), "lift")
        low, high = (
            self.columns.lift(self.columns.text(cells, name), name) for name in ("low", "high")
        )
        if text := self.columns.text(cells, "interval"):
            ends = ends_in(text)
            if ends is None:
                row.idea.notes.append(f"“{text[:30]}” is not an interval")
            else:
                low, high = (self.columns.lift(end, "interval") for end in ends)
        if problem := _problem_of_lift(lift, low, high):
            row.idea.notes.append(problem)
        elif lift is not None:
            good = self.names.is_increase_good(row.metric)
            row.measured = Measured(row.metric, good, lift, low, high, self.columns.level)
            row.backing = Backing.INTERVAL

    def _ending(self, row: PastRow, cells: list[str]) -> None:
        text = self.columns.text(cells, "outcome")
        answer = self.answers.get(str(row.idea.number), "").removeprefix("outcome:")
        row.outcome = answer if answer in BY_HAND else self.names.outcome(text)
        if not row.outcome and row.measured:
            row.outcome = outcome_of(row.measured)
            row.idea.notes.append("How it ended follows from its interval")
        if not row.outcome:
            row.wants_outcome, row.idea.fate = True, ASK
            row.idea.notes.append("Nothing says how it ended")
            return
        row.wants_outcome = answer in BY_HAND
        lift = row.measured
        shown = lift and clear_direction(lift.low, lift.high, lift.is_increase_good, None)
        if shown and shown == ODD.get(row.outcome):
            is_sure = answer in (ADD, *BY_HAND)
            row.idea.fate = row.idea.fate if is_sure else ASK
            row.idea.notes.append(
                f"The sheet says “{text[:30]}”, and its figures clearly show the opposite. Check the "
                "columns and the metric"
            )

    def _decision(self, row: PastRow, cells: list[str]) -> None:
        text = self.columns.text(cells, "decision")
        row.choice = choice_in(text)
        if text and not row.choice:
            row.reason = text[:REASON]

    def _texts(self, row: PastRow, cells: list[str]) -> None:
        text = " ".join(self.columns.text(cells, "learning").split())
        if len(text) > CLAIM:
            row.idea.notes.append(
                f"The learning has {len(text):,} characters. It is cut to {CLAIM}, and the write-up "
                "has all of it"
            )
        row.learning = text

    def _days_of_work(self, row: PastRow, cells: list[str]) -> None:
        for name in ("days_planned", "days_taken"):
            if not (text := self.columns.text(cells, name)):
                continue
            value = self.columns.number(cells, name)
            if value is None or not 0 <= value <= MOST_DAYS:
                row.idea.notes.append(f"“{text[:20]}” is not a number of days")
            else:
                setattr(row, name, value)

    def _is_total(self, row: PastRow) -> bool:
        title = row.idea.values["title"]
        is_total = letters_of(title) in TOTAL_WORDS or title.startswith(TOTAL_SIGNS)
        if not is_total or self.answers.get(str(row.idea.number)) == ADD:
            return False
        row.idea.fate = ASK
        row.idea.notes = [f"“{title}” looks like a sum of other rows"]
        return True


def _problem_of_lift(lift: float | None, low: float | None, high: float | None) -> str:
    """Why a lift can't be used, as a sentence; "" where it can, and where there is none."""
    if lift is None:
        is_left = low is not None or high is not None
        return "An interval without its lift is left out" if is_left else ""
    if low is None and high is None:
        return "A lift without an interval does not say how sure it is, so only how it ended counts"
    if lift <= -1 or any(end is not None and end < -1 for end in (low, high)):
        return "A lift of −100 % or less can’t be used".replace(" %", "\N{NO-BREAK SPACE}%")
    if (low is not None and low > lift) or (high is not None and high < lift):
        return "The interval does not contain the lift, so only how it ended counts"
    if low == high:
        return "The interval has no width, so only how it ended counts"
    return ""


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
    }
