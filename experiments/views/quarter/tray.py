"""Promoted ideas without a place."""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.flows.quarter.bars import value_of
from experiments.flows.quarter.facts import CalendarFacts
from experiments.flows.quarter.sentences import Names
from experiments.models import Experiment


@dataclass(frozen=True)
class TrayRow:
    """An idea with what it needs; `ice` is None without a score, or while that is blind."""

    test: Experiment
    ice: float | None
    days: int
    units: int | None
    is_movable: bool

    @property
    def weeks(self) -> int:
        return -(-self.days // 7)


def tray_of(known: CalendarFacts, names: Names, may_move: Mapping[int, bool]) -> list[TrayRow]:
    """The best first; those without a score last."""
    rows = []
    for bar in known.free:
        test = known.tests[bar.key]
        if bar.key in names.tests:
            ice = value_of(test) or None
            may = may_move.get(test.pod_id or 0, False)
            rows.append(TrayRow(test, ice, bar.days, bar.units, may))
    return sorted(rows, key=lambda row: (-(row.ice or 0), row.test.number))
