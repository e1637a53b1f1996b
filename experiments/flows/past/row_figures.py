"""The figures of a row: counts by arm, or a lift with its interval, or neither."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.flows.past.columns import Columns
from experiments.flows.past.past_row import PastRow
from experiments.learning.evidence import Backing
from experiments.learning.measured import Measured
from experiments.learning.sentences import lift_text
from experiments.past.figures import ArmCounts, lift_of_counts, problem_of
from experiments.past.headings import CONVERSIONS, UNITS

NEAR = 0.01  # what rounding can do to a lift, and to a share of it


@dataclass(frozen=True)
class FigureReader:
    """Reads the figures of each row into it, with what is odd about them."""

    columns: Columns
    arm_names: Sequence[str]

    def read(self, row: PastRow, cells: list[str]) -> None:
        """Counts before a lift: what can be worked out again says the most."""
        row.arms = self._arms(row, cells)
        if row.arms and not (problem := problem_of(row.arms)):
            row.measured, row.arm = lift_of_counts(
                row.arms, metric=row.metric, is_increase_good=row.is_increase_good
            )
            row.backing = Backing.COUNTS if row.measured else Backing.WORDS
            if row.measured is None:
                row.idea.notes.append("No lift can be worked out of these counts")
            elif row.measured.lift is not None:
                self._hold_against_sheet(row, cells, row.measured.lift)
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

    def _hold_against_sheet(self, row: PastRow, cells: list[str], lift: float) -> None:
        """A lift that is not that of the counts points to a column that is read wrongly."""
        text = self.columns.text(cells, "lift")
        stated = self.columns.fraction(text, "lift")
        if (
            stated is not None
            and len(row.arms) == 2
            and abs(stated - lift) > NEAR + NEAR * abs(lift)
        ):
            row.idea.notes.append(
                f"The sheet says {text[:20]}, and its counts give {lift_text(lift, None, None)}, which "
                "is taken"
            )

    def _arms(self, row: PastRow, cells: list[str]) -> tuple[ArmCounts, ...]:
        arms: list[ArmCounts] = []
        for place, (units, conversions) in enumerate(zip(UNITS, CONVERSIONS, strict=True)):
            if units not in self.columns.place or conversions not in self.columns.place:
                continue
            n, x = (self.columns.number(cells, name) for name in (units, conversions))
            name = self.arm_names[place]
            if n is None or x is None:
                if self.columns.text(cells, units) or self.columns.text(cells, conversions):
                    row.idea.notes.append(f"“{name}” lacks units or conversions")
                if place == 0:  # the others have nothing to be compared with
                    return ()
                continue
            text = self.columns.text(cells, conversions)
            if self.columns.is_rate(text, conversions):
                x = round(n * (self.columns.fraction(text, conversions) or 0.0))
                row.idea.notes.append(f"The conversions of “{name}” are worked out from its rate")
            if not (n.is_integer() and float(x).is_integer()):
                row.idea.notes.append(f"The counts of “{name}” are not whole numbers")
                return ()
            arms.append(ArmCounts(name, int(n), int(x)))
        return tuple(arms)

    def _lift(self, row: PastRow, cells: list[str]) -> None:
        lift = self.columns.fraction(self.columns.text(cells, "lift"), "lift")
        low, high = (
            self.columns.fraction(self.columns.text(cells, name), name) for name in ("low", "high")
        )
        if text := self.columns.text(cells, "interval"):
            ends = self.columns.ends(text)
            if ends is None:
                row.idea.notes.append(f"“{text[:30]}” is not an interval")
            else:
                low, high = ends
        if problem := _problem_of_lift(lift, low, high):
            row.idea.notes.append(problem)
        elif lift is not None:
            row.measured = Measured(
                row.metric, row.is_increase_good, lift, low, high, self.columns.level
            )
            row.backing = Backing.INTERVAL


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
