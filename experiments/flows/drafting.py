"""What Floe can say about an experiment by itself, as the first text of its post-mortem."""

import datetime as dt
from typing import Any

from django.utils import timezone

from backlog.claims import claim_at, in_words
from backlog.models import Event
from experiments.flows.quarter.bars import claims_now
from experiments.models import Alarm, Experiment
from experiments.models.writing import LONGEST

MOST = 20  # lines of a list


def draft_summary(experiment: Experiment) -> str:
    """Markdown: planned against done, predicted against measured, what happened when, what was decided."""
    if experiment.is_imported:
        return imported_summary(experiment)
    parts = [
        _what_ran(experiment),
        _planned_against_done(experiment),
        _departures(experiment),
        _predicted_against_measured(experiment),
        _timeline(experiment),
        _what_was_seen(experiment),
    ]
    return cut("\n\n".join(part for part in parts if part), LONGEST)


def imported_summary(experiment: Experiment) -> str:
    """What there is to say of an experiment that Floe has not seen run."""
    past = getattr(experiment, "past", None)
    source = f" It comes from “{past.source}”, row {past.row}." if past else ""
    return f"{experiment.key} ran before Floe, or elsewhere.{source} Floe saw neither its plan nor its data."


def cut(text: str, longest: int) -> str:
    """The text, or as many of its paragraphs as fit."""
    return text if len(text) <= longest else text[:longest].rpartition("\n")[0]


def bullets(title: str, lines: list[str]) -> str:
    """A list under its title; "" where it has no lines."""
    shown = [f"- {line}" for line in lines[:MOST]]
    if len(lines) > MOST:
        shown.append(f"- and {len(lines) - MOST} more")
    return f"**{title}**\n\n" + "\n".join(shown) if lines else ""


def _departures(experiment: Experiment) -> str:
    """Amendments, waivers, problems with the data, and who looked before the end."""
    lines = [
        f"Amended on {day_in_words(timezone.localdate(row.at))}: {row.reason}"
        + (" (after the first look)" if row.is_after_first_look else "")
        for row in experiment.amendments.all()
    ]
    lines += [
        f"Waived: {row.get_standard_display().lower()}. {row.reason}"
        for row in experiment.waivers.all()
    ]
    lines += [
        f"{row.get_kind_display()}, {day_in_words(timezone.localdate(row.raised_at))}: {row.sentence}"
        for row in experiment.alarms.exclude(kind=Alarm.Kind.FULL).order_by("raised_at")
    ]
    early = experiment.looks_taken.filter(is_early=True).values_list("user", "day").distinct()
    if early:
        people = len({person for person, _ in early})
        lines.append(
            f"Looked at before the planned end on {_days(len({day for _, day in early}))}, by {people} "
            f"{'person' if people == 1 else 'people'}."
        )
    return bullets("What was not as planned", lines)


def _predicted_against_measured(experiment: Experiment) -> str:
    """What the scores claimed by the rubric, beside what was measured and how many days it took."""
    idea, claims = experiment.idea, claims_now()
    if idea.is_blind:
        return ""
    analysis = experiment.deciding_analysis
    head = analysis.headline if analysis else None
    decision = getattr(experiment, "decision", None)
    booking = getattr(experiment, "booking", None)
    taken = booking.days_taken if booking else None
    measured = {
        "impact": _lift(head) if head else "",
        "confidence": f"outcome: {decision.get_outcome_display().lower()}" if decision else "",
        "ease": f"it took {taken:g} people-day{'' if taken == 1 else 's'}"
        if taken is not None
        else "",
    }
    lines = []
    for dimension, done in measured.items():
        score = getattr(idea, dimension)
        if score is None or dimension not in claims:
            continue
        claim = in_words(dimension, claim_at(dimension, score, claims[dimension]))
        lines.append(
            f"{dimension.capitalize()} {score:.1f}, {claim}" + (f"; {done}" if done else "")
        )
    return bullets("Predicted and measured", lines)


def _lift(head: dict[str, Any]) -> str:
    lift = head.get("lift")
    if lift is None:
        return ""
    percent = f"{lift * 100:+.1f}".replace("-", "\N{MINUS SIGN}")
    return f"measured {percent}\N{NO-BREAK SPACE}%"


def _timeline(experiment: Experiment) -> str:
    verbs = ("launch", "conclude", "resume", "propose", "decide", "cancel")
    rows = Event.objects.about(experiment).filter(verb__in=verbs).order_by("at", "pk")
    return bullets(
        "Timeline", [f"{day_in_words(timezone.localdate(row.at))}: {row.sentence}" for row in rows]
    )


def day_in_words(day: dt.date | None) -> str:
    return f"{day:%-d %B %Y}" if day else "no date"


def _what_ran(experiment: Experiment) -> str:
    arms = ", ".join(
        f"“{arm.name}”" + (" (control)" if arm.is_control else "") for arm in experiment.arms
    )
    lines = [f"{experiment.key} tested {experiment.idea.key}: {experiment.title}."]
    if experiment.hypothesis:
        lines.append(experiment.hypothesis)
    lines.append(f"Arms: {arms}. Audience: {experiment.audience or 'not described'}.")
    return "\n\n".join(lines)


def _planned_against_done(experiment: Experiment) -> str:
    planned = experiment.plan_at_launch.units
    analysis = experiment.deciding_analysis
    units = sum(analysis.result["units"].values()) if analysis else 0
    lines = [
        f"It was planned from {day_in_words(experiment.starts_on)} to {day_in_words(experiment.last_day)}"
        + (f" for {planned:,} units." if planned else ".")
    ]
    if units:
        lines.append(f"{units:,} units were counted.")
    if planned and units < planned:
        lines.append(f"That is {units / planned * 100:.0f}\u00a0% of the plan.")
    return " ".join(lines)


def _what_was_seen(experiment: Experiment) -> str:
    analysis, decision = experiment.deciding_analysis, getattr(experiment, "decision", None)
    lines = []
    if analysis:
        lines.append(f"**{analysis.head}** {analysis.sentence}")
    if decision:
        lines.append(
            f"{decision.by} decided to {decision.get_choice_display().lower()}"
            + (f": {decision.reason}" if decision.reason else ".")
        )
    return "\n\n".join(lines)


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
