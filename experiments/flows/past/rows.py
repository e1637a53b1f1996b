"""One row of a sheet read as a past experiment: when, how it ended, and what stands behind it."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils import timezone

from backlog.flows.imports.rows import ADD, ASK, OUT, Reader
from experiments.flows.past.columns import Columns
from experiments.flows.past.names import Names
from experiments.flows.past.past_row import CLAIM, REASON, PastRow
from experiments.flows.past.row_figures import FigureReader
from experiments.learning.grading import Direction, clear_direction
from experiments.past.figures import outcome_of
from experiments.past.words import choice_in
from experiments.results_file.words import TOTAL_SIGNS, TOTAL_WORDS, letters_of

MOST_DAYS = 1000.0
ODD = {"won": Direction.WORSE, "lost": Direction.BETTER}
BY_HAND = ("won", "lost", "flat", "stopped")


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
        self.figures = FigureReader(columns, arm_names)
        self.answers, self.default_day = answers, default_day
        self.today = timezone.localdate()

    def read(self, number: int, cells: list[str]) -> PastRow:
        row = PastRow(self.ideas.read(number, self._renamed(cells)))
        row.idea.cells = cells
        if row.idea.fate == OUT or self._is_total(row):
            return row
        self._days(row, cells)
        row.metric = self._named("metric", cells)
        row.is_increase_good = self.names.is_increase_good(row.metric)
        row.segment = self._named("segment", cells)
        self.figures.read(row, cells)
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
            row.idea.fate, row.can_be_added = ASK, False
            row.idea.notes.append("It ends in the future, so it is not a past experiment")

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
