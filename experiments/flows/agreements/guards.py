"""What agreements ask of a launch. Where nothing is agreed, nothing is asked."""

import functools
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from backlog.flows.transitions import Guard
from backlog.models import Event
from experiments.flows.agreements import terms
from experiments.models import Agreement, Approval, Experiment


def before_the_launch(guard: Guard) -> Guard:
    """The guard, silent for what was launched already: it was not asked then, or it was answered."""

    @functools.wraps(guard)
    def unless_sealed(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
        return None if experiment.is_sealed else guard(experiment, changes)

    return unless_sealed


# Changes of a plan that change nothing that people receive.
NO_EDIT = {"answers", "risks"}


@before_the_launch
def within_contact_rules(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    agreed = terms.terms_asked_of(experiment).get(Agreement.Kind.CONTACT, ())
    rule = terms.strictest_rule(agreed, experiment.channel)
    booking = terms.booking_of(experiment) if rule else None
    messages = booking.messages_per_week if booking else None
    if not messages or rule is None or messages <= rule.most:
        return None
    where = f" on {rule.channel}" if rule.channel else ""
    where += f" in {rule.country}" if rule.country else ""
    return (
        f"It sends {messages:g} messages a week per person, and {rule.most:g} are agreed{where}. "
        "Send fewer, or waive the contact rules with a reason."
    )


@before_the_launch
def within_final_edits(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    day = terms.final_edit_day(experiment)
    if day is None or timezone.localdate() <= day:
        return None
    edits = Event.objects.about(experiment).filter(verb__in=("change", "promote"))
    edited = next((timezone.localdate(event.at) for event in edits if _is_an_edit(event)), None)
    if edited is None or edited <= day:
        return None
    return (
        f"The last day for edits was {day:%-d %b %Y}, and the plan was changed on "
        f"{edited:%-d %b %Y}. Start later, or waive the last day for edits with a reason."
    )


def _is_an_edit(event: Event) -> bool:
    fields = event.details.get("fields")
    return fields is None or not NO_EDIT.issuperset(fields)


def over_the_share_limit(experiment: Experiment) -> str | None:
    """The sentence where an experiment takes more of its segment than was agreed."""
    limit = terms.share_limit_in(terms.terms_asked_of(experiment).get(Agreement.Kind.RISK, ()))
    share = terms.share_of(experiment) if limit else None
    if limit is None or share is None or share <= limit:
        return None
    return f"It takes {share:.0%} of its segment, and {limit:.0%} are agreed.".replace("%", " %")


@before_the_launch
def within_risk_limits(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    sentence = over_the_share_limit(experiment)
    if sentence is None or _is_approved(experiment):
        return None
    return f"{sentence} Take fewer, ask a programme owner to approve the risk, or waive the limit."


def _is_approved(experiment: Experiment) -> bool:
    """A programme owner approved the risk of at least this share, whatever changed since."""
    share = terms.share_of(experiment) or 0
    return any(
        row.kind == Approval.Kind.RISK and (row.share or 0) >= share for row in experiment.vouched
    )


@before_the_launch
def with_an_escalation_contact(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    contacts = terms.terms_asked_of(experiment).get(Agreement.Kind.ESCALATION)
    if not contacts:
        return None
    if any(term.person is None or term.person.is_active for term in contacts):
        return None
    return (
        "The escalation plan names nobody who can be reached. Ask a programme owner to name a "
        "contact, or waive it with a reason."
    )
