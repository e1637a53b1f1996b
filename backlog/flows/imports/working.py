"""The work on an import, by its state. Safe to run twice, and by two workers at once."""

import datetime as dt
import logging

from celery import shared_task
from django.db import connection, transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from backlog import search_tables
from backlog.flows.clockwork import count_values
from backlog.flows.imports.editing import ReadAgain
from backlog.flows.imports.kinds import kind_of
from backlog.flows.imports.moves import BACK, IMPORT_MOVES
from backlog.flows.leases import NO_LEASE, end_leases_of_the_gone, lease
from backlog.flows.queueing import queue_on_commit
from backlog.flows.ranking import rank_soon
from backlog.flows.transitions import move_rows
from backlog.models import Import
from backlog.refusals import Refused
from backlog.ways_in import coming_by

logger = logging.getLogger("floe")

LEASE = dt.timedelta(minutes=10)
INDEXED_AT_ONCE = 1_000
MANY = 1_000  # rows that change how the values of the table are spread
FAILED = "Something went wrong with this import. Nothing was added. Try again."
State = Import.State


@shared_task  # type: ignore[untyped-decorator]
def work_on(import_id: int) -> None:
    """Do what the import waits for: read its rows, add them, or take them out."""
    with coming_by("task"):
        work_now(import_id)


def work_now(import_id: int) -> None:
    """The work of the task. A lease lets one worker through."""
    end_leases_of_the_gone(Import.objects.filter(pk=import_id))
    now = timezone.now()
    free = Import.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), pk=import_id)
    if not free.update(**lease(LEASE)):
        return
    import_ = Import.objects.select_related("by", "pod").get(pk=import_id)
    try:
        _work(import_)
    except ReadAgain as refusal:
        _read_again(import_, str(refusal))
    except Refused as refusal:
        _back(import_, str(refusal))
    except Exception:
        logger.exception("Import %s failed", import_id)
        _back(import_, FAILED)
    finally:
        Import.objects.filter(pk=import_id).update(**NO_LEASE)


def _work(import_: Import) -> None:
    kind = kind_of(import_.kind)
    if import_.state == State.RECEIVED:
        kind.understand(import_)
    elif import_.state == State.CONFIRMED:
        has_scores = kind.put_in(import_)
        index(import_)
        if has_scores:
            rank_soon()
    elif import_.state == State.UNDOING:
        ends = import_.ideas.aggregate(first=Min("pk"), last=Max("pk"))
        if kind.take_out(import_):
            rank_soon()
        forget(ends["first"] or 0, ends["last"] or -1)
        _count_after(import_)
    elif import_.state == State.ADDED and not import_.is_indexed:
        index(import_)


def _back(import_: Import, sentence: str) -> None:
    """Move it back to a state from which the person can continue, with the sentence. Nothing was
    written."""
    mine = Import.objects.filter(pk=import_.pk)
    for name in BACK:  # none of them leads where another one begins
        move_rows(mine, IMPORT_MOVES[name], problem=sentence)


def _read_again(import_: Import, sentence: str) -> None:
    """Show the rows as they are now, with the sentence."""
    _back(import_, sentence)
    mine = Import.objects.filter(pk=import_.pk)
    if move_rows(mine, IMPORT_MOVES["answer"]):
        kind_of(import_.kind).understand(import_)
        mine.update(problem=sentence)


def index(import_: Import) -> None:
    """Let search find the new ideas, a thousand at a time, so that nobody waits for the database."""
    ends = import_.ideas.aggregate(first=Min("pk"), last=Max("pk"))
    for first in range(ends["first"] or 0, (ends["last"] or -1) + 1, INDEXED_AT_ONCE):
        last = first + INDEXED_AT_ONCE - 1
        with transaction.atomic():
            search_tables.index_ideas(
                connection,
                "(i.came_by_id = %s AND i.id BETWEEN %s AND %s)",
                (import_.pk, first, last),
            )
    Import.objects.filter(pk=import_.pk).update(is_indexed=True)
    _count_after(import_)


def _count_after(import_: Import) -> None:
    if import_.row_count >= MANY:
        count_values()


def forget(first: int, last: int) -> None:
    """Let search forget the ideas that are gone, a thousand at a time."""
    for start in range(first, last + 1, INDEXED_AT_ONCE):
        with transaction.atomic():
            search_tables.forget_ideas(connection, start, min(start + INDEXED_AT_ONCE - 1, last))


@shared_task  # type: ignore[untyped-decorator]
def work_on_left_behind() -> int:
    """Queue imports again that have waited for over a minute without a worker. Run by the clock."""
    end_leases_of_the_gone(Import.objects.all())
    before = timezone.now() - dt.timedelta(minutes=1)
    left = list(Import.objects.left_behind(before).values_list("pk", flat=True)[:100])
    for import_id in left:
        queue_on_commit(work_on, import_id)
    return len(left)
