"""The calendar as rows for a spreadsheet, of what this person may see."""

from collections.abc import Iterator

from backlog.csv_guard import Cell
from backlog.models import Quarter, User
from experiments.flows.quarter.facts import CalendarFacts
from experiments.flows.quarter.sentences import may_see
from experiments.models import BaselineRow, Experiment
from experiments.quarter.bars import Bar

HEAD = (
    "Key", "Title", "Pod", "Objective", "State", "First day", "Last day", "Baseline first day",
    "Baseline last day", "Slip in days", "Share of the segment in %", "People-days", "Segment",
    "Channel", "Owner",
)  # fmt: skip


def calendar_rows(known: CalendarFacts, quarter: Quarter, user: User) -> Iterator[list[Cell]]:
    """The header and a row for each experiment with days, in the order of their first days.

    The baseline is the newest of the quarter; its columns are empty where there is none.
    """
    yield list(HEAD)
    newest = quarter.baselines.values("pk")[:1]
    rows = BaselineRow.objects.filter(baseline__in=newest)
    before = {row.experiment_id: row for row in rows.select_related("baseline")}
    for bar in known.bars:
        test = known.tests[bar.key]
        if may_see(user, test.pod_id):
            yield _row(test, bar, before.get(bar.key))


def _row(test: Experiment, bar: Bar, was: BaselineRow | None) -> list[Cell]:
    slip = (test.ends_on - was.ends_on).days if was and test.ends_on else None
    return [
        test.key, test.title, str(test.pod), str(test.objective or ""),
        str(test.get_state_display()), test.starts_on, test.last_day,
        was.starts_on if was else None, was.last_day if was else None, slip,
        round(bar.share * 100, 4), bar.people_days, str(test.segment or ""), test.channel,
        str(test.owner or ""),
    ]  # fmt: skip
