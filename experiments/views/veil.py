"""The veil in words: until when, why, what opening it would cost; and who looked when."""

import datetime as dt
from typing import Any

from django.db.models import F

from backlog.templatetags.figures import number, percent
from experiments.engine.drilldown import units_by_day
from experiments.engine.looks import error_spent
from experiments.models import Analysis, Experiment, Look
from experiments.views.figures import share_text

SHOWN = 500
MANY = 20


def veil_of(experiment: Experiment, analysis: Analysis) -> dict[str, Any]:
    """Title, sentences and the cost of looking, for the part that stands in the result's place."""
    reading = analysis.result.get("reading") or {}
    planned = analysis.result["planned_units"]
    last = max(analysis.result.get("waiting", ()), key=lambda row: row["opens_on"], default=None)
    ends_on = dt.date.fromisoformat(last["opens_on"]) if last else experiment.ends_on
    opens = _day(ends_on) if ends_on else "at its planned end"
    title, tail = f"Results open {opens}", ""
    if upcoming := reading.get("next_look"):
        title = f"Look {upcoming['number']} opens at {number(upcoming['units'])} units"
        tail = f" At the latest it opens {opens}." if ends_on else ""
    elif last:
        tail = _after_outcomes(last)
    elif planned:
        tail = f" They open earlier if all {number(planned)} planned units are in."
    alpha = experiment.plan_at_launch.statistics.alpha
    many = error_spent([look / MANY for look in range(1, MANY)], alpha)
    return {
        "title": title,
        "tail": tail,
        "is_fixed": not upcoming,
        "planned_error": share_text(alpha),
        "error_of_two": percent(error_spent([0.5], alpha), 1),
        "many": MANY,
        "error_of_many": percent(many, 1),
        "one_in": round(1 / many),
    }


def _after_outcomes(row: dict[str, Any]) -> str:
    """Why no number of units opens it before the days in which its outcomes count are over."""
    days = row["window_days"]
    return (
        f" “{row['metric']}” counts what people do within {days} day{'' if days == 1 else 's'} of "
        "entering. By then this time is over for the last of them."
    )


def arrivals_of(analysis: Analysis) -> list[dict[str, Any]]:
    """A bar for each day: units of all arms together."""
    days = units_by_day(analysis.inputs)
    most = max((units for _, units in days), default=0)
    if len(days) < 2 or not most:
        return []
    step = 96 / len(days)
    return [
        {
            "day": day,
            "units": units,
            "x": round(2 + place * step, 2),
            "middle": round(2 + (place + 0.43) * step, 2),
            "width": round(step * 0.86, 2),
            "y": round(100 * (1 - units / most) + 2, 1),
            "height": round(100 * units / most, 1),
        }
        for place, (day, units) in enumerate(days)
    ]


def _day(day: dt.date) -> str:
    return f"on {day:%A} {day.day} {day:%B}"


def ledger_of(experiment: Experiment) -> list[Look]:
    """Who looked at outcomes while it was undecided, newest first."""
    rows = experiment.looks_taken.select_related("user").annotate(number=F("analysis__number"))
    return list(rows[:SHOWN])
