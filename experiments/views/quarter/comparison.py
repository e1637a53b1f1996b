"""Two proposals side by side: value, tests, objectives, audience, and where each test would go."""

from dataclasses import dataclass

from backlog.models import User
from experiments.flows.quarter.facts import facts_of_quarter
from experiments.flows.quarter.sentences import days_words
from experiments.models import Experiment, Scenario
from experiments.views.quarter.proposal import Figures, figures_of, rows_seen, with_proposals

ABSENT = "not part of it"


@dataclass(frozen=True)
class Comparison:
    """`figures` are label, first, second; `tests` are title, first, second, and whether these differ."""

    first: Scenario
    second: Scenario
    figures: list[tuple[str, str, str]]
    tests: list[tuple[str, str, str, bool]]


def comparison_of(rows: list[Scenario], a: str, b: str, *, by: User) -> Comparison | None:
    """The two of `rows`, proposals for one quarter, with these ids, else the two newest; None without two."""
    by_id = {str(row.pk): row for row in rows}
    first = by_id.get(a) or next((row for row in reversed(rows[:2])), None)
    second = by_id.get(b) or next((row for row in rows if row != first), None)
    if first is None or second is None or first == second:
        return None
    quarter = first.quarter
    known = facts_of_quarter(quarter)
    objectives = list(quarter.objectives.visible_to(by))
    figures, places = [], []
    for scenario in (first, second):
        seen = rows_seen(scenario, by)
        proposed = with_proposals(known, [row for row in seen if row.is_placed])
        figures.append(figures_of(scenario, seen, proposed, objectives))
        places.append(
            {
                row.experiment: days_words(row.starts_on, row.ends_on)
                if row.is_placed
                else "left out"
                for row in seen
            }
        )
    return Comparison(first, second, _figures(*figures), _tests(*places))


def _figures(one: Figures, other: Figures) -> list[tuple[str, str, str]]:
    return [
        ("Experiments placed", str(one.placed), str(other.placed)),
        (f"Summed {one.worth}", _value(one), _value(other)),
        ("How good it is", one.gap, other.gap),
        ("Objectives with an experiment", _goals(one), _goals(other)),
        ("Fullest segment", one.booked, other.booked),
        ("Pairs that share people", str(one.collisions), str(other.collisions)),
    ]


def _value(one: Figures) -> str:
    return f"{one.value}, {one.value_range}" if one.value_range else one.value


def _goals(one: Figures) -> str:
    return f"{one.objectives} of {one.objectives_in_all}"


def _tests(
    one: dict[Experiment, str], other: dict[Experiment, str]
) -> list[tuple[str, str, str, bool]]:
    """Every test of either, the differing ones first; two of the same title stay two."""
    listed = []
    for test in {**one, **other}:
        a, b = one.get(test, ABSENT), other.get(test, ABSENT)
        listed.append((test.title, a, b, a != b))
    return sorted(listed, key=lambda row: (not row[3], row[0].casefold()))
