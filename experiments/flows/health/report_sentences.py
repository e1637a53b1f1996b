"""What the report of a quarter says in a sentence, for its pages and for a post-mortem of the quarter."""

from collections.abc import Mapping

from experiments.flows.health.report import QuarterReport
from experiments.flows.signing_off import Slip

OUTCOMES = {
    "won": "won",
    "lost": "lost",
    "flat": "showed no clear difference",
    "stopped": "stopped",
}


def headline(report: QuarterReport) -> str:
    """“8 experiments were decided: 3 won, 2 lost, 3 showed no clear difference.”"""
    count = len(report.rows)
    if not count:
        return "No experiment was decided in this quarter."
    noun = "experiment was" if count == 1 else "experiments were"
    return f"{count} {noun} decided: {outcome_words(report.outcomes)}."


def outcome_words(counts: Mapping[str, int]) -> str:
    """How many experiments ended in which way.

    >>> outcome_words({"flat": 4, "won": 3})
    '3 won, 4 showed no clear difference'
    """
    return ", ".join(
        f"{counts[code]} {words}" for code, words in OUTCOMES.items() if counts.get(code)
    )


def slip_words(slip: Slip, report: QuarterReport) -> str:
    """“Night mode: 14 days later. Data were late: events were missing.”"""
    cause = report.causes.get(slip.experiment.pk)
    if slip.is_cancelled:
        what = "cancelled"
    elif slip.days is None:
        what = "taken off the calendar"
    else:
        days = abs(slip.days)
        what = f"{days} day{'' if days == 1 else 's'} {'later' if slip.days > 0 else 'earlier'}"
    note = f": {cause.note.rstrip('.')}" if cause and cause.note else ""
    why = f" {cause.get_cause_display()}{note}." if cause else ""
    return f"{slip.experiment.title}: {what}.{why}"


def slips_in(report: QuarterReport) -> list[Slip]:
    """Those that ended later, or not at all."""
    return [
        one for one in report.slips.slips
        if one.is_cancelled or one.days is None or one.days > 0
    ]  # fmt: skip
