"""A large file is read by a worker: the intake is the durable row, with a lease, and a sweep behind it."""

import datetime as dt
from typing import Any

from celery import shared_task
from django.db.models import F, Q
from django.utils import timezone

from backlog.flows.leases import NO_LEASE, end_leases_of_the_gone, lease
from backlog.flows.queueing import queue_on_commit
from backlog.flows.transitions import move_rows
from backlog.refusals import Refused
from backlog.ways_in import coming_by
from experiments.flows.intake_moves import INTAKE_MOVES
from experiments.flows.understanding import summary_for
from experiments.models import Intake

LEASE = dt.timedelta(minutes=3)
FAILED = "Reading the file failed several times. Send it again. If that fails too, tell an admin."


@shared_task(bind=True, max_retries=3)  # type: ignore[untyped-decorator]
def read_file(self: Any, intake_id: int) -> None:
    """Read a mapped file. Safe to run twice, or at once in two workers: a lease lets one through.

    A worker that dies leaves the intake as it was: nothing of it is written before all of it is.
    """
    with coming_by("task"):
        try:
            read_now(intake_id)
        except Exception as error:
            intakes = Intake.objects.filter(pk=intake_id, state=Intake.State.READING)
            intakes.update(**NO_LEASE)
            if self.request.retries >= self.max_retries:
                move_rows(intakes, INTAKE_MOVES["give_back"], problem=FAILED, understood={})
                raise
            raise self.retry(exc=error, countdown=2**self.request.retries) from error


def read_now(intake_id: int) -> bool:
    """The work of the task; whether there was any."""
    end_leases_of_the_gone(Intake.objects.filter(pk=intake_id))
    now = timezone.now()
    free = Intake.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), pk=intake_id)
    if not free.filter(state=Intake.State.READING).update(**lease(LEASE), tries=F("tries") + 1):
        return False
    intake = Intake.objects.select_related("experiment").get(pk=intake_id)
    waiting = Intake.objects.filter(pk=intake_id, state=Intake.State.READING)

    def report(step: str, share: float) -> None:
        waiting.update(understood={"step": step, "share": share})

    try:
        summary = summary_for(intake, progress=report)
    except Refused as no:
        back = INTAKE_MOVES["give_back"]
        move_rows(waiting, back, problem=str(no), understood={}, **NO_LEASE)
        return True
    done = INTAKE_MOVES["finish_reading"]
    move_rows(waiting, done, understood=summary, problem="", **NO_LEASE)
    return True


@shared_task  # type: ignore[untyped-decorator]
def read_left_behind() -> int:
    """Queue again what no worker reads: its lease ran out, or nobody was told; run by the clock.

    A file under which every worker died goes back to the person who sent it.
    """
    end_leases_of_the_gone(Intake.objects.filter(state=Intake.State.READING))
    now = timezone.now()
    left = Intake.objects.filter(
        Q(leased_until__lt=now) | Q(leased_until=None, queued_at__lt=now - dt.timedelta(minutes=1)),
        state=Intake.State.READING,
    )
    given_up = left.filter(tries__gte=Intake.MOST_TRIES)
    move_rows(given_up, INTAKE_MOVES["give_back"], problem=FAILED, understood={}, **NO_LEASE)
    pks = list(left.values_list("pk", flat=True))
    for pk in pks:
        queue_on_commit(read_file, pk)
    return len(pks)
