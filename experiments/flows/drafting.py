"""What Floe can say about an experiment by itself, as the first text of its post-mortem."""

import datetime as dt

from experiments.models import Experiment


def draft_summary(experiment: Experiment) -> str:
    """Markdown: planned against done, what was measured, what was decided."""
    parts = [_what_ran(experiment), _planned_against_done(experiment), _what_was_seen(experiment)]
    return "\n\n".join(part for part in parts if part)


def _day(day: dt.date | None) -> str:
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
        f"It was planned from {_day(experiment.starts_on)} to {_day(experiment.last_day)}"
        + (f" for {planned:,} units." if planned else ".")
    ]
    if units:
        lines.append(f"{units:,} units were counted.")
    if planned and units < planned:
        lines.append(f"That is {units / planned:.0%} of the plan.")
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
