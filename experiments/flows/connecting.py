"""Results out of a database: made known by an admin, asked with one SELECT, each day by the clock."""

import csv
import logging
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from celery import shared_task
from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.utils import timezone

from backlog.flows.incoming import desk
from backlog.flows.notifying import tell
from backlog.flows.queueing import queue_on_commit
from backlog.models import Event, Notification, User
from backlog.permissions import require
from backlog.refusals import Refused
from backlog.room import require_room
from backlog.ways_in import coming_by
from experiments.databases.query import SourceProblem, checked_sql, rows_from, shown
from experiments.databases.sealed_address import seal, unseal
from experiments.flows import intake as intakes
from experiments.flows.reading_files import read_now
from experiments.flows.receiving import receive_file
from experiments.models import Analysis, Connector, Experiment, Feed, Intake, Look

logger = logging.getLogger("floe")

TRIED_ROWS = 20
FAILED = "Something went wrong while Floe queried the database. Try the query on this page. The log has the details."


class Tried(NamedTuple):
    """What a query gave on trial: the first rows, and how long it took."""

    names: list[str]
    rows: list[list[str]]
    seconds: float


@transaction.atomic
def save_connector(
    connector: Connector, *, by: User, name: str, address: str, seconds: int, most_rows: int
) -> Connector:
    """Make a database known, or change it; an empty address keeps the one that is sealed.

    Raises PermissionDenied, ValidationError, Refused.
    """
    require(by, "backlog.change_workspace")
    connector.name, connector.seconds, connector.most_rows = name, seconds, most_rows
    if address.strip():
        try:
            connector.place = shown(address)[:300]
        except SourceProblem as problem:
            raise Refused(str(problem)) from problem
        connector.sealed_address = seal(address.strip(), settings.SECRET_KEY)
    elif not connector.sealed_address:
        raise Refused("Enter the address of the database.")
    connector.by = connector.by or by
    connector.full_clean()
    connector.save()
    Event.record(
        connector, "change", f"{by} saved the database {name} at {connector.place}.", by=by
    )
    return connector


@transaction.atomic
def remove_connector(connector: Connector, *, by: User) -> None:
    """Remove a database that no experiment reads from. Raises PermissionDenied, Refused."""
    require(by, "backlog.change_workspace")
    name = connector.name
    try:
        connector.delete()
    except RestrictedError as used:
        raise Refused(f"Experiments read from {name}. Give them another database first.") from used


def try_query(connector: Connector, sql: str, *, by: User) -> Tried:
    """The first rows of a query. Nothing counts and nothing is kept. Raises PermissionDenied, Refused."""
    require(by, "experiments.write_query")
    start = time.monotonic()
    rows = _ask(connector, sql)
    try:
        first = list(islice(rows, TRIED_ROWS + 1))
    except SourceProblem as problem:
        raise Refused(str(problem)) from problem
    finally:
        rows.close()
    if len(first) < 2:
        raise Refused("The query ran but returned no rows. Check its conditions.")
    return Tried(first[0], first[1:], time.monotonic() - start)


def is_trial_a_look(experiment: Experiment) -> bool:
    """While outcomes are veiled, or nothing was read yet that could lift the veil."""
    analysis: Analysis | None = experiment.latest_analysis
    return experiment.keeps_a_veil and (analysis is None or analysis.is_veiled)


@transaction.atomic
def note_trial(experiment: Experiment, *, by: User) -> None:
    """Rows of a query may hold outcomes by arm: while they are veiled, seeing them is a look."""
    if not is_trial_a_look(experiment):
        return
    Event.record(
        experiment, "look", f"{by} saw the first rows of a query while the results were veiled.",
        by=by,
    )  # fmt: skip
    analysis: Analysis | None = experiment.latest_analysis
    if analysis:
        seen = {"units": analysis.units, "is_early": not analysis.is_at_planned_end}
        row = Look(
            experiment=experiment, analysis=analysis, user=by, day=timezone.localdate(), **seen
        )
        Look.objects.bulk_create([row], ignore_conflicts=True)


@transaction.atomic
def save_feed(
    experiment: Experiment, *, by: User, connector: Connector, sql: str, hour: int, is_paused: bool
) -> Feed:
    """Save the query of this experiment. Raises PermissionDenied, ValidationError, Refused."""
    require(by, "experiments.write_query")
    try:
        sql = checked_sql(sql)
    except SourceProblem as problem:
        raise Refused(str(problem)) from problem
    feed = Feed.objects.filter(experiment=experiment).first() or Feed(experiment=experiment)
    feed.connector, feed.sql, feed.hour, feed.is_paused, feed.by = (
        connector,
        sql,
        hour,
        is_paused,
        by,
    )
    feed.full_clean()
    try:
        with transaction.atomic():
            feed.save()
    except IntegrityError as twice:
        raise Refused("Somebody saved a query at the same moment. Reload the page.") from twice
    word = "paused reading it from" if is_paused else "set it to be read from"
    Event.record(experiment, "feed", f"{by} {word} {connector}, each day at {hour}:00.", by=by)
    return feed


def ask_now(feed: Feed, *, by: User) -> None:
    """Query at once rather than at its hour. Raises PermissionDenied."""
    require(by, "experiments.write_query")
    queue_on_commit(bring_in_feed, feed.pk)


def bring_in(feed: Feed) -> Intake:
    """Ask, and take the answer in like a file: mapped as the last one was, it counts at once.

    Without a mapping that fits it waits for somebody to map it. Raises Refused.
    """
    experiment, by = feed.experiment, feed.by
    if by is None:
        raise Refused("The author of the query has left. Somebody else has to save it again.")
    require_room(0, f"the answer of {feed.connector}")
    with desk() as folder:
        path = folder / "answer.csv"
        _write(path, _ask(feed.connector, feed.sql))
        with path.open("rb") as file:
            answer: Any = File(file, name=f"{feed.connector.name}.csv")
            taken = receive_file(experiment, answer, by=by)
    last = _mapping_before(taken)
    if not last:
        return taken
    intakes.understand(
        taken, by=by, mapping=last["columns"], labels=last["labels"], typed=last.get("form")
    )
    if taken.state == Intake.State.READING:
        read_now(taken.pk)
        taken.refresh_from_db()
    if taken.state != Intake.State.UNDERSTOOD:
        raise Refused(taken.problem or "The answer could not be read.")
    try:
        return intakes.count(taken, by=by, acknowledged=last.get("acknowledged", ()))
    except Refused as no:
        raise Refused(
            f"The answer came in and does not count yet. {no} It waits under Data."
        ) from no


def _ask(connector: Connector, sql: str) -> Any:
    address = unseal(connector.sealed_address, settings.SECRET_KEY)
    if address is None:
        raise Refused(
            f"The address of {connector} can’t be read any more, because the secret key of this installation "
            "has changed. An admin has to enter the address again."
        )
    return rows_from(
        address, sql, most_rows=connector.most_rows, seconds=connector.seconds,
        most_bytes=settings.RESULTS_FILE_MAX_BYTES, modules=settings.CONNECTOR_MODULES, is_hidden=_is_ours,
    )  # fmt: skip


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(Path(settings.VAR_DIR).resolve())


def _write(path: Path, rows: Iterator[list[str]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    except SourceProblem as problem:
        raise Refused(str(problem)) from problem


def _mapping_before(taken: Intake) -> dict[str, Any]:
    """That of the newest data of the experiment that counted, if its columns are all there."""
    known = {column["name"] for column in taken.sniffed["columns"]}
    counted = taken.experiment.intakes.exclude(counted_at=None).exclude(mapping={})
    last = counted.order_by("-counted_at").first()
    if last is None:
        return {}
    columns = last.mapping["columns"]
    named = [columns.get(name) for name in ("variant", "unit", "count", "day", "stratum")]
    for metric in columns["metrics"]:
        named += [
            metric.get(name)
            for name in ("column", "denominator", "spread", "covariate", "value_day")
        ]
    if not known.issuperset(name for name in named if name):
        return {}
    metrics = [{**metric, "known_until": ""} for metric in columns["metrics"]]
    return {**last.mapping, "columns": {**columns, "metrics": metrics}}


@shared_task  # type: ignore[untyped-decorator]
def bring_in_feed(feed_id: int) -> None:
    """Ask for one experiment; what went wrong stands on its page, and its owner is told once."""
    with coming_by("task"):
        feed = Feed.objects.select_related("experiment__pod", "connector", "by").get(pk=feed_id)
        failed = feed.has_failed
        try:
            taken = bring_in(feed)
        except Refused as no:
            feed.has_failed, feed.message = True, str(no)
        except Exception:
            logger.exception("Feed %s failed", feed_id)
            feed.has_failed, feed.message = True, FAILED
        else:
            feed.has_failed = False
            is_waiting = taken.state == Intake.State.RECEIVED
            feed.message = (
                "It is waiting to be mapped once." if is_waiting else "It came in and counts."
            )
        feed.asked_at = timezone.now()
        feed.save(update_fields=["has_failed", "message", "asked_at"])
        if feed.has_failed and not failed:
            _tell(feed)


def _tell(feed: Feed) -> None:
    experiment = feed.experiment
    people = [user for user in (experiment.owner, feed.by) if user]
    sentence = (
        f"{experiment.key} {experiment.title}: the query to {feed.connector} failed. {feed.message}"
    )
    tell(people, Notification.Kind.ALARM, sentence[:500], url=experiment.get_absolute_url(),
         pod=experiment.pod, by=None)  # fmt: skip


@shared_task  # type: ignore[untyped-decorator]
def bring_in_due() -> int:
    """Query for every running experiment that is due; run by the clock, safe to run twice."""
    now = timezone.localtime()
    due = list(Feed.objects.due(now).values_list("pk", flat=True))
    claimed = [
        pk for pk in due if Feed.objects.due(now).filter(pk=pk).update(asked_at=timezone.now())
    ]
    for pk in claimed:
        queue_on_commit(bring_in_feed, pk)
    return len(claimed)
