"""A post-mortem opens by itself when an experiment is decided or cancelled, and has a day."""

import datetime as dt

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from backlog.flows.notifying import tell
from backlog.models import Event, Notification, User, Workspace
from backlog.ways_in import coming_by
from experiments.flows.agreements.terms import terms_in_force
from experiments.flows.drafting import draft_summary
from experiments.models import Agreement, Experiment, PostMortem
from experiments.quarter.bars import working_days_after

NAMES = ("post-mortem", "postmortem", "write-up")  # how a turnaround time says that it is about it


def due_day(start: dt.date) -> dt.date:
    """By the turnaround time that was agreed for post-mortems, else by the workspace's days."""
    for term in terms_in_force(Agreement.Kind.TURNAROUND):
        if term.number is not None and any(name in term.name.casefold() for name in NAMES):
            return working_days_after(start, int(term.number))
    return start + dt.timedelta(days=Workspace.current().write_up_days)


@transaction.atomic
def open_post_mortem(experiment: Experiment, by: User | None = None) -> PostMortem | None:
    """Open and draft it. Somebody begins it later; a plan that never ran has nothing to write up."""
    if not experiment.sealed_at:
        return None
    made, is_new = PostMortem.objects.get_or_create(
        experiment=experiment,
        defaults={"summary": draft_summary(experiment), "due_on": due_day(timezone.localdate())},
    )
    if is_new and made.due_on:
        sentence = f"The post-mortem is open. It is due on {made.due_on:%-d %b %Y}."
        Event.record(experiment, "post_mortem", sentence, by=by)
    return made


@shared_task  # type: ignore[untyped-decorator]
def remind_of_post_mortems() -> int:
    """Tell the author, or the owner while nobody has begun, once when it is due; how many were told of."""
    with coming_by("task"):
        due = PostMortem.objects.filter(
            state=PostMortem.State.DRAFT, due_on__lte=timezone.localdate(), reminded_at=None
        )
        return sum(_remind(pk) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _remind(pk: int) -> bool:
    """The row says that it was done before anybody is told, so that two clocks tell once."""
    mine = PostMortem.objects.filter(pk=pk, reminded_at=None)
    if not mine.update(reminded_at=timezone.now()):
        return False
    written = (
        PostMortem.objects.with_subject().select_related("experiment__owner", "author").get(pk=pk)
    )
    experiment = written.experiment
    person = written.author or (experiment and (experiment.owner or experiment.author))
    what = f"{experiment.key} {experiment.title}" if experiment else written.name
    if person:
        tell([person], Notification.Kind.WRITING, f"The post-mortem of {what} is due.",
             url=written.get_absolute_url(), pod=written.pod, by=None)  # fmt: skip
    return True
