"""What the agreements in force say, for those who ask: launch checks, the calendar, pages."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from backlog.calendar_days import quarter_around
from backlog.models import Workspace
from experiments.flows.sealing import sizing_of
from experiments.models import Agreement, Booking, Experiment, Term
from experiments.plan import terms as plan_terms
from experiments.plan.terms import ContactRule, FinalEdit, final_edit_day_of, strictest
from experiments.units.assignment import BUCKETS

Kind = Agreement.Kind


def terms_in_force(*kinds: str) -> QuerySet[Term]:
    """The lines of the newest version of these agreements, in their order."""
    newest = F("agreement_version__agreement__number")
    rows = Term.objects.filter(
        agreement_version__agreement__kind__in=kinds, agreement_version__number=newest
    )
    return rows.select_related("person")


def line_of(kind: str, term: Term) -> dict[str, Any]:
    """A line as the arithmetic takes it."""
    line = {field: getattr(term, field) for field in plan_terms.FIELDS[kind]}
    if kind == Kind.RISK:
        line["measure_label"] = term.get_measure_display()
    return line


def terms_asked_of(experiment: Experiment) -> dict[str, list[Term]]:
    """The lines that a launch asks for, by kind: read once for an experiment (`forget_cached`)."""
    held: dict[str, list[Term]] | None = experiment.__dict__.get("agreed_terms")
    if held is None:
        rows = terms_in_force(Kind.CONTACT, Kind.FINAL_EDIT, Kind.RISK, Kind.ESCALATION)
        held = experiment.__dict__["agreed_terms"] = {}
        for term in rows.select_related("agreement_version__agreement"):
            held.setdefault(term.agreement_version.agreement.kind, []).append(term)
    return held


def strictest_rule(terms: Iterable[Term], channel: str) -> ContactRule | None:
    """The strictest contact rule that is about a channel, or None where nothing is agreed."""
    return strictest(
        [ContactRule(term.number or 0, term.channel, term.country) for term in terms], channel
    )


def contact_rules_for(channel: str) -> float | None:
    """The most messages a week per person on a channel, or None where nothing is agreed."""
    rule = strictest_rule(terms_in_force(Kind.CONTACT), channel)
    return rule.most if rule else None


def final_edit_day(experiment: Experiment) -> dt.date | None:
    """The last day on which this experiment may be changed, or None where nothing is agreed."""
    rules = _final_edits(terms_asked_of(experiment).get(Kind.FINAL_EDIT, ()))
    if not rules or not experiment.starts_on:
        return None
    return _final_edit_day(rules, experiment, Workspace.current().quarter_start_month)


def _final_edits(terms: Iterable[Term]) -> list[FinalEdit]:
    return [
        FinalEdit(term.channel, None if term.number is None else int(term.number), term.day)
        for term in terms
    ]


def _final_edit_day(rules: list[FinalEdit], experiment: Experiment, month: int) -> dt.date | None:
    if not experiment.starts_on:
        return None
    quarter = quarter_around(experiment.starts_on, start_month=month)
    return final_edit_day_of(rules, experiment.channel, experiment.starts_on, quarter)


class AgreementDeadline(NamedTuple):
    """A day that agreements set: a fixed one of a channel, or the last day for one experiment."""

    name: str
    day: dt.date
    channel: str = ""
    experiment: Experiment | None = None


def deadlines_of_agreements(
    starts_on: dt.date, ends_on: dt.date, experiments: Iterable[Experiment] = ()
) -> list[AgreementDeadline]:
    """The days for edits from `starts_on` to before `ends_on`, the earliest first.

    Without `experiments` only the fixed days, which are everybody's. Hand in those that somebody
    may see for the last days of each one.
    """
    rules = _final_edits(terms_in_force(Kind.FINAL_EDIT))
    month = Workspace.current().quarter_start_month
    days = [
        AgreementDeadline(f"Last day for edits{f': {r.channel}' if r.channel else ''}", r.day,
                          r.channel)
        for r in rules if r.day and starts_on <= r.day < ends_on
    ]  # fmt: skip
    for experiment in experiments:
        day = _final_edit_day(rules, experiment, month)
        if experiment.state in ("draft", "planned") and day and starts_on <= day < ends_on:
            name = f"Last day for edits: {experiment.key}"
            days.append(AgreementDeadline(name, day, experiment.channel, experiment))
    return sorted(days, key=lambda one: (one.day, one.name))


def share_limit() -> float | None:
    """The most of a segment that a first wave may take, as a fraction, or None."""
    return share_limit_in(terms_in_force(Kind.RISK))


def share_limit_in(terms: Iterable[Term]) -> float | None:
    shares = [term.number for term in terms if term.measure == Term.Measure.SHARE]
    return min((number / 100 for number in shares if number), default=None)


def booking_of(experiment: Experiment) -> Booking | None:
    booking: Booking | None = getattr(experiment, "booking", None)
    return booking


def share_of(experiment: Experiment) -> float | None:
    """The share of its segment that an experiment takes: as booked, else as its plan needs."""
    sizing = sizing_of(experiment)
    return share_taken(experiment, booking_of(experiment), sizing.units if sizing else None)


def share_taken(experiment: Experiment, booking: Booking | None, units: int | None) -> float | None:
    """As booked, else units over the people of the segment or, if unknown, of its own audience.

    Else the part of its namespace that it holds.
    """
    if booking and booking.share is not None:
        return booking.share
    size = (experiment.segment.size if experiment.segment else None) or experiment.audience_size
    if units and size:
        return min(units / size, 1.0)
    held = sum(end - start for start, end in experiment.buckets) if experiment.namespace_id else 0
    return held / BUCKETS if held else None
