"""Two proposals side by side: value, tests, objectives, audience, and where each test would go."""

from dataclasses import dataclass

from experiments.flows.quarter.facts import calendar_facts
from experiments.flows.quarter.sentences import days_words
from experiments.models import Scenario, ScenarioRow
from experiments.views.quarter.proposal import Figures, figures_of, with_proposals


@dataclass(frozen=True)
class Comparison:
    first: Scenario
    second: Scenario
    figures: list[tuple[str, str, str]]
    tests: list[tuple[str, str, str, bool]]


def comparison_of(rows: list[Scenario], a: str, b: str) -> Comparison | None:
    """The two named by id, else the two newest; None where there are not two."""
    by_id = {str(row.pk): row for row in rows}
    first = by_id.get(a) or next((row for row in reversed(rows[:2])), None)
    second = by_id.get(b) or next((row for row in rows if row != first), None)
    if first is None or second is None or first == second:
        return None
    one, other = _read(first), _read(second)
    return Comparison(first, second, _figures(one[0], other[0]), _tests(one[1], other[1]))


def _read(scenario: Scenario) -> tuple[Figures, dict[str, str]]:
    """Its figures, and where each test would go, by title."""
    quarter = scenario.quarter
    known = calendar_facts(quarter.starts_on, quarter.ends_on, quarter=quarter, with_free=True)
    rows = list(scenario.rows.select_related("experiment__idea"))
    placed = [row for row in rows if row.starts_on and row.answer != ScenarioRow.Answer.LEFT_OUT]
    where = {row.experiment.title: "left out" for row in rows}
    where |= {row.experiment.title: days_words(row.starts_on, row.ends_on) for row in placed}
    return figures_of(scenario, rows, with_proposals(known, placed)), where


def _figures(one: Figures, other: Figures) -> list[tuple[str, str, str]]:
    return [
        ("Tests placed", str(one.placed), str(other.placed)),
        ("Summed ICE", _value(one), _value(other)),
        ("How good it is", one.gap, other.gap),
        ("Objectives with a test", _goals(one), _goals(other)),
        ("Fullest segment", one.booked, other.booked),
        ("Pairs that share people", str(one.collisions), str(other.collisions)),
    ]


def _value(one: Figures) -> str:
    return f"{one.value}, {one.value_range}" if one.value_range else one.value


def _goals(one: Figures) -> str:
    return f"{one.objectives} of {one.objectives_in_all}"


def _tests(one: dict[str, str], other: dict[str, str]) -> list[tuple[str, str, str, bool]]:
    """Every test of either, the differing ones first."""
    titles = sorted({*one, *other})
    rows = [
        (title, one.get(title, "not asked for"), other.get(title, "not asked for"))
        for title in titles
    ]
    listed = [(title, a, b, a != b) for title, a, b in rows]
    return sorted(listed, key=lambda row: (not row[3], row[0].casefold()))
