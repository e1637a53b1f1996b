"""The quarter report in sentences, for the page, for paper and as Markdown."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.utils import timezone

from backlog.templatetags.figures import number, percent, signed_percent
from experiments.flows.health.report import DecidedRow, QuarterReport
from experiments.flows.health.report_sentences import OUTCOMES, headline, slip_words, slips_in
from experiments.flows.holding_out import SIDES
from experiments.flows.process.words import report_line
from experiments.flows.quarter.sentences import days_words
from experiments.learning.calibration import Calibration
from experiments.models import HoldoutReading
from experiments.views.process.words import (
    Missing,
    confidence_headline,
    days_headline,
    impact_headline,
    missing,
)

HELD = SIDES[0]

MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


class Interval(NamedTuple):
    """The mark of a lift in a row: per cent of the width."""

    low: float
    high: float
    middle: float
    edge: str


def winners_words(report: QuarterReport) -> str:
    """What won was measured at, after shrinkage, beside what its scores had claimed."""
    winners = report.winners
    if winners is None:
        return ""
    return (
        f"What won brought {signed_percent(winners.measured)} on average, or "
        f"{signed_percent(winners.shrunk)} after shrinkage, because the largest lifts are partly luck. "
        f"Its scores had claimed {signed_percent(winners.claimed)}."
    )


def holdout_words(reading: HoldoutReading) -> str:
    """“Paid: +5.1 % (−1.0 to +11.2) against 1,204 held out, read on 12 Dec 2026.”"""
    effect, held = reading.effect, reading.counts[HELD]
    tail = f"against {held:,} held out, read on {timezone.localtime(reading.at):%-d %b %Y}"
    if effect["lift"] is None:
        return f"{reading.metric}: can’t be computed {tail}."
    ends = effect["lift_low"], effect["lift_high"]
    could_be = "" if None in ends else f" ({_number(ends[0])} to {_number(ends[1])})"
    return f"{reading.metric}: {signed_percent(effect['lift'])}{could_be} {tail}."


def prediction_words(calibration: Calibration) -> list[str]:
    """How well scores foretold results, or why that can’t be told yet."""
    parts = (
        ("Confidence", confidence_headline(calibration), calibration.confidence.bias),
        ("Impact", impact_headline(calibration), calibration.impact.ratio),
        ("Ease", days_headline(calibration), calibration.days),
    )
    figures: list[str] = []
    gaps: dict[str, list[str]] = {}
    for name, figure, estimate in parts:
        gap = missing(estimate)
        if figure is not None and gap is None:
            could_be = f" ({figure.could_be})" if figure.could_be else ""
            figures.append(f"{name}: {figure.figure} {figure.words}{could_be}.")
        elif gap is not None:
            gaps.setdefault(_why_missing(gap), []).append(name)
    return figures + [f"{_listed(names)}: {why}" for why, names in gaps.items()]


def _why_missing(gap: Missing) -> str:
    if gap.needed:
        return f"not enough data, {gap.n} of {gap.needed} decided experiments."
    return gap.words[0].lower() + gap.words[1:]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def quality_words(report: QuarterReport) -> str:
    """“Minimum quality: 84 % (8 experiments), 79 % the quarter before.”"""
    now, before = report.quality, report.quality_before
    if now is None:
        return ""
    noun = "experiment" if now.n == 1 else "experiments"
    tail = f", {percent(before.score, 0)} the quarter before" if before else ""
    return f"Minimum quality: {percent(now.score, 0)} ({now.n} {noun}){tail}"


def lift_words(row: DecidedRow) -> tuple[str, str]:
    """The lift and what it could be."""
    if row.lift is None:
        return "–", ""
    low, high = row.low, row.high
    could_be = f"{_number(low)} to {_number(high)}" if low is not None and high is not None else ""
    return signed_percent(row.lift), could_be


def _number(share: float) -> str:
    return number(share * 100, 1)


def scale_of(rows: Iterable[DecidedRow]) -> float:
    """The largest end of an interval, at least half a per cent: the marks share one scale."""
    ends = [abs(end) for row in rows for end in (row.low, row.high) if end is not None]
    return min(max([*ends, 0.005]), 1.0)


def interval_of(row: DecidedRow, scale: float) -> Interval | None:
    if row.lift is None or row.low is None or row.high is None:
        return None

    def at(share: float) -> float:
        return round(50 + 48 * max(-1.0, min(1.0, share / scale)), 2)

    edge = {"won": "won", "lost": "lost"}.get(row.outcome, "")
    return Interval(at(row.low), at(row.high), at(row.lift), edge)


def next_words(report: QuarterReport) -> list[str]:
    if report.next_quarter is None:
        return ["The next quarter has not been opened yet."]
    count = report.next_planned
    noun = "experiment stands" if count == 1 else "experiments stand"
    rows = [f"{count} {noun} in {report.next_quarter}."]
    rows += [f"“{one.title}” has no experiment yet." for one in report.next_unserved]
    rows += [f"To look at again: {one.claim}" for one in report.expired]
    return rows


def as_markdown(report: QuarterReport, workspace: str) -> str:
    """The same report as text; what people wrote is escaped, so that it stays what it is."""
    lines = [
        f"# {_plain(workspace)}: what we tested, {_plain(str(report.quarter))}",
        "",
        f"{days_words(report.quarter.starts_on, report.quarter.ends_on)}, "
        f"{_plain(str(report.pod)) if report.pod else 'all pods'}",
        "",
        headline(report),
    ]
    if words := winners_words(report):
        lines += ["", words]
    lines += ["", f"- {report.planned} planned", f"- {report.started} started",
              f"- {len(report.rows)} decided", f"- {report.learning_count} learnings"]  # fmt: skip
    if words := quality_words(report):
        lines.append(f"- {words}")
    lines += ["", "## Every experiment", ""]
    for row in report.rows:
        lift, could_be = lift_words(row)
        words = f" ({could_be})" if could_be else ""
        parts = [_plain(str(row.experiment.pod)), _plain(row.metric)]
        parts.append("imported" if row.experiment.is_imported else "")
        place = ", ".join(filter(None, parts))
        lines.append(
            f"- {OUTCOMES.get(row.outcome, row.outcome).capitalize()}: "
            f"{_plain(row.experiment.title)} ({place}) {lift}{words}"
        )
    lines += ["", "## Objectives", ""]
    lines += [
        f"- {_plain(one.objective.title)}: {one.planned} planned, {one.decided} decided, {one.won} won"
        for one in report.objectives
    ]
    if report.holdout:
        lines += ["", "## Against the holdout", ""]
        lines += [f"- {_plain(holdout_words(one))}" for one in report.holdout]
    lines += ["", "## How well we predicted, to date", ""]
    lines += [f"- {words}" for words in prediction_words(report.calibration)]
    lines += ["", "## What we learned", ""]
    lines += [f"- {_plain(one.claim)} ({_plain(one.scope)})" for one in report.learnings]
    if report.processes:
        lines += ["", "## How we work", ""]
        lines += [f"- {_plain(report_line(one))}" for one in report.processes]
    lines += ["", "## What slipped, and why", ""]
    lines += [f"- {_plain(slip_words(one, report))}" for one in slips_in(report)]
    lines += ["", "## What comes next", ""]
    lines += [f"- {_plain(one)}" for one in next_words(report)]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return MARKUP.sub(r"\\\1", " ".join(text.split()))
