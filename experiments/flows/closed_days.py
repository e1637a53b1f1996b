"""Blackouts, on which nothing runs, and deadlines, towards which pods work."""

import datetime as dt
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from backlog.flows.conflicts import write_unless_changed
from backlog.models import Event, Pod, User
from backlog.permissions import require
from experiments.models import Blackout, Deadline, Experiment

MOST_NAMED = 5
QUICKER = "Somebody changed this in the meantime. Reload the page and compare."
D = TypeVar("D", Blackout, Deadline)


def require_for(by: User, entry: Blackout | Deadline) -> None:
    """Leads for their pod’s, programme owners for those of every pod."""
    if entry.pod is None:
        require(by, "experiments.change_blackout_of_all")
    else:
        require(by, "experiments.change_blackout", entry)


def running_on(
    starts_on: dt.date, ends_on: dt.date, *, pod: Pod | None, channel: str
) -> list[Experiment]:
    """The running experiments of half-open days that a blackout of this pod and channel meets.

    An experiment without a channel may use any.
    """
    rows = Experiment.objects.filter(state=Experiment.State.RUNNING).touching(starts_on, ends_on)
    if pod is not None:
        rows = rows.filter(pod=pod)
    if channel:
        rows = rows.filter(Q(channel__iexact=channel) | Q(channel=""))
    return list(rows.order_by("number"))


@transaction.atomic
def save_blackout(
    blackout: Blackout, *, by: User, keeps_running: bool = False, **fields: Any
) -> Blackout:
    """Write a blackout. Where experiments already run on its days, `keeps_running` must say so.

    Raises PermissionDenied, ValidationError, SomebodyWasQuicker.
    """
    before = Blackout.objects.filter(pk=blackout.pk).first()
    blackout = _filled(blackout, by=by, **fields)
    covers = ("starts_on", "ends_on", "pod_id", "channel")
    is_wider = before is None or any(getattr(before, n) != getattr(blackout, n) for n in covers)
    if is_wider and not keeps_running:
        _require_nothing_running(blackout)
    return _written(blackout, by=by)


def _require_nothing_running(blackout: Blackout) -> None:
    running = running_on(
        blackout.starts_on, blackout.ends_on, pod=blackout.pod, channel=blackout.channel
    )
    if not running:
        return
    keys = [experiment.key for experiment in running[:MOST_NAMED]]
    if len(running) > MOST_NAMED:
        keys.append(f"{len(running) - MOST_NAMED} more")
    names = " and ".join([", ".join(keys[:-1]), keys[-1]] if len(keys) > 1 else keys)
    verb = "runs" if len(running) == 1 else "run"
    raise ValidationError(
        {
            "keeps_running": f"{names} {verb} on these days. Tick the box if that is fine, "
            "or choose other days."
        }
    )


@transaction.atomic
def save_deadline(deadline: Deadline, *, by: User, **fields: Any) -> Deadline:
    """Write a deadline. Raises PermissionDenied, ValidationError, SomebodyWasQuicker."""
    return _written(_filled(deadline, by=by, **fields), by=by)


def _filled(entry: D, *, by: User, **fields: Any) -> D:
    if entry.pk:
        require_for(by, type(entry).objects.get(pk=entry.pk))
    for name, value in fields.items():
        setattr(entry, name, value)
    require_for(by, entry)
    entry.full_clean()
    return entry


def _written(entry: D, *, by: User) -> D:
    verb = "changed" if entry.pk else "added"
    if entry.pk:
        fields = {
            field.attname: getattr(entry, field.attname)
            for field in entry._meta.concrete_fields
            if field.editable and not field.primary_key
        }
        write_unless_changed(entry, refusal=QUICKER, **fields)
    else:
        entry.save()
    noun = entry._meta.verbose_name
    Event.record(entry, verb, f"{by} {verb} the {noun} “{entry}”.", by=by)
    return entry


@transaction.atomic
def remove_entry(entry: Blackout | Deadline, *, by: User) -> None:
    """Remove a blackout or a deadline. Experiments keep their days."""
    require_for(by, entry)
    noun = entry._meta.verbose_name
    Event.record(entry, "remove", f"{by} removed the {noun} “{entry}”.", by=by)
    entry.delete()
