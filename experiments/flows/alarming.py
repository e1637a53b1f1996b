"""Raise and resolve the alarms of running tests, tell who has a part in them, mute with a reason."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.flows.notifying import tell
from backlog.models import Event, Notification, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.engine.before import in_codes
from experiments.engine.freshness import late_after
from experiments.engine.results import balance_in, guardrails_beyond, sample_ratio_says
from experiments.models import Alarm, Experiment, Intake

Kind = Alarm.Kind
LONGEST_MUTE = 60


def late_of(experiment: Experiment) -> dt.datetime | None:
    """The moment by which data was due that has not come; only while it runs."""
    is_on = experiment.state == Experiment.State.RUNNING and not experiment.is_over
    if not is_on or not experiment.starts_on or experiment.starts_on > timezone.localdate():
        return None
    states = (Intake.State.COUNTED, Intake.State.ANALYSED, Intake.State.REPLACED)
    received = [row.received_at for row in experiment.intakes.all() if row.state in states]
    due = late_after(experiment.starts_on, received)
    return due if due < timezone.now() else None


def alarms_now(experiment: Experiment) -> dict[str, str]:
    """What is wrong or due at this moment: kind → evidence. No arm is named, no outcome's size."""
    if not experiment.is_undecided:
        return {}
    alarms: dict[str, str] = {}
    analysis = experiment.latest_analysis
    if analysis:
        alarms = _in_the_data(in_codes(analysis.result))
    if late := late_of(experiment):
        alarms[Kind.STALE] = f"New data was due by {timezone.localtime(late):%-d %b}."
    if experiment.is_over:
        alarms.pop(Kind.FULL, None)
        due = experiment.outcomes_open_on or experiment.ends_on
        if experiment.is_overdue and due and due < timezone.localdate():
            alarms[Kind.OVERDUE] = (
                f"It reached its planned end on {experiment.last_day:%-d %b} and is not decided."
            )
    return alarms


def _in_the_data(result: dict[str, Any]) -> dict[str, str]:
    alarms: dict[str, str] = {}
    balance = balance_in(result)
    if balance["is_mismatch"]:
        alarms[Kind.SAMPLE_RATIO] = sample_ratio_says(balance)
    if beyond := guardrails_beyond(result):
        names = ", ".join(f"“{name}”" for name in beyond)
        alarms[Kind.GUARDRAIL] = (
            f"{names} is worse than allowed in at least one arm. The check allows for looking every day."
        )
    units, planned = sum(result["units"].values()), result["planned_units"]
    if planned and units >= planned:
        alarms[Kind.FULL] = (
            f"{units:,} of {planned:,} planned units are in, so the results can be read."
        )
    return alarms


@transaction.atomic
def check_alarms(experiment: Experiment) -> list[Alarm]:
    """Bring the alarms in line with what is so now; the new ones. Safe to run at any time."""
    now = alarms_now(experiment)
    mine = Alarm.objects.filter(experiment=experiment)
    known = {alarm.kind: alarm for alarm in mine.open().select_for_update()}
    over = [alarm.pk for kind, alarm in known.items() if kind not in now]
    Alarm.objects.filter(pk__in=over).update(resolved_at=timezone.now())
    return [_raise(experiment, kind, now[kind]) for kind in now if kind not in known]


def _raise(experiment: Experiment, kind: str, sentence: str) -> Alarm:
    """A mute that still runs goes on: what comes and goes tells nobody a second time."""
    today = timezone.localdate()
    mine = Alarm.objects.filter(experiment=experiment, kind=kind)
    earlier = mine.filter(muted_until__gt=today).first()
    alarm = Alarm(experiment=experiment, kind=kind, sentence=sentence[:400])
    if earlier:
        alarm.muted_by, alarm.muted_until = earlier.muted_by, earlier.muted_until
        alarm.mute_reason = earlier.mute_reason
    alarm.save()
    Event.record(experiment, "alarm", f"{alarm.get_kind_display()}. {sentence}", by=None)
    if not earlier:
        message = f"{experiment.key} {experiment.title}: {alarm.get_kind_display()}. {sentence}"
        people = [person for person in (experiment.owner, experiment.analyst) if person]
        url = f"{experiment.get_absolute_url()}results/"
        tell(people, Notification.Kind.ALARM, message, url=url, pod=experiment.pod, by=None)
    return alarm


@transaction.atomic
def mute(alarm: Alarm, *, by: User, reason: str, days: int) -> Alarm:
    """Keep an alarm quiet for some days, for everybody, with a reason.

    Raises PermissionDenied, Refused.
    """
    require(by, "experiments.mute_alarm", alarm.experiment)
    if alarm.resolved_at:
        raise Refused("This alarm is already over.")
    if not reason.strip():
        raise Refused("Say why you mute it, so that the next person knows.")
    if not 1 <= days <= LONGEST_MUTE:
        raise Refused(f"Mute an alarm for 1 to {LONGEST_MUTE} days.")
    alarm.muted_by, alarm.mute_reason = by, reason.strip()[:300]
    alarm.muted_until = timezone.localdate() + dt.timedelta(days=days)
    alarm.save(update_fields=["muted_by", "mute_reason", "muted_until"])
    Event.record(
        alarm.experiment, "mute",
        f"{by} muted “{alarm.get_kind_display()}” until {alarm.muted_until:%-d %b}: "
        f"{alarm.mute_reason}", by=by,
    )  # fmt: skip
    return alarm


def check_all(experiments: Iterable[Experiment]) -> int:
    """The alarms of many; how many are new."""
    return sum(len(check_alarms(experiment)) for experiment in experiments)
