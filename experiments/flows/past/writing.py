"""Add every experiment that was understood, with its idea, evidence and learning, or nothing."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from backlog.flows.imports.inserting import insert_rows
from backlog.flows.imports.moves import IMPORT_MOVES
from backlog.flows.imports.rows import ADD
from backlog.flows.imports.writing import write_ideas
from backlog.flows.moves import IDEA_MOVES
from backlog.flows.transitions import move_rows
from backlog.models import Event, Idea, Import, Pod
from backlog.permissions import require
from backlog.refusals import Refused, SomebodyWasQuicker
from backlog.ways_in import current_way_in
from experiments.flows.grading_learnings import grade_levers
from experiments.flows.moves import EXPERIMENT_MOVES
from experiments.flows.past.catalogue import Catalogue
from experiments.flows.past.past_row import TEXT, PastRow
from experiments.flows.past.understanding import read_past
from experiments.flows.past.write_ups import write_up
from experiments.learning.evidence import Backing
from experiments.models import (
    Booking,
    Decision,
    EvidenceRow,
    Experiment,
    ExperimentMetric,
    PastRecord,
    Variant,
)

PERMISSION = "experiments.import_past"
NOON = dt.time(12)
NUMBER_TAKEN = re.compile(r"experiments_experiment(\.number\b|_number_\w*(key|uniq)\b)")
"""How SQLite and PostgreSQL name the constraint of the numbers: somebody promoted an idea meanwhile."""


def put_in(import_: Import) -> bool:
    """Write everything in one transaction. Returns whether any idea came with a score."""
    reading = read_past(import_)
    if any(not question["answer"] for question in reading.questions):
        raise Refused(
            "Something can be read in two ways now. Read the rows again, and answer first."
        )
    rows = [row for row in reading.rows if row.idea.fate == ADD]
    try:
        with transaction.atomic():
            mine = Import.objects.filter(pk=import_.pk)
            if not move_rows(mine, IMPORT_MOVES["add"], problem=""):
                return False
            for pod in {row.idea.pod for row in rows if row.idea.pod}:
                require(import_.by, PERMISSION, pod)
            _write(import_, rows)
    except IntegrityError as taken:
        if not NUMBER_TAKEN.search(str(taken)):
            raise
        raise SomebodyWasQuicker(
            "Somebody added an experiment at the same moment. Nothing was added. Try again."
        ) from taken
    return any(row.idea.scores for row in rows)


def _write(import_: Import, rows: list[PastRow]) -> None:
    catalogue = Catalogue(import_.by)
    for row in rows:
        row.idea.values |= {"outcome": row.metric, "audience": row.segment}
    idea_of = write_ideas(import_, [row.idea for row in rows])
    move_rows(Idea.objects.filter(came_by=import_), IDEA_MOVES["promote"])
    tests = _experiments(import_, rows, idea_of, catalogue)
    _parts(import_, rows, tests, catalogue)
    _decide(rows, tests)
    levers, fresh = write_up(import_, rows, tests)
    insert_rows(
        Event, _events(import_, rows, tests), at=timezone.now(), by_id=import_.by_id,
        via=current_way_in(), subject="experiment", verb="bring_in",
    )  # fmt: skip
    added = f"{import_.by} imported {len(rows):,} past experiments from “{import_}”."
    Event.record(import_, "import", added, by=import_.by)
    import_.understood["made"] = catalogue.made
    Import.objects.filter(pk=import_.pk).update(understood=import_.understood)
    grade_levers(levers, fresh=fresh)


def _pod_of(row: PastRow) -> Pod:
    if row.idea.pod is None:
        raise Refused(f"Row {row.idea.number} has no pod. Choose one, or leave the row out.")
    return row.idea.pod


def _last_number() -> int:
    return Experiment.objects.aggregate(last=Max("number"))["last"] or 0


def _experiments(
    import_: Import, rows: list[PastRow], idea_of: dict[int, int], catalogue: Catalogue
) -> list[Experiment]:
    """In the order of the sheet. They come in as drafts, and one move decides all of them."""
    tests = []
    for number, row in enumerate(rows, start=_last_number() + 1):
        pod, values = _pod_of(row), row.idea.values
        parts = {name: values.get(name, "") for name in Idea.HYPOTHESIS_PARTS}
        channel = values.get("channel", "")
        test = Experiment(
            pod=pod, idea_id=idea_of[row.idea.number], number=number, title=values["title"],
            hypothesis=Idea(**parts).hypothesis_sentence if parts["change"] else "",
            author=import_.by, owner_id=values["owner_id"], is_imported=True,
            audience=row.segment, segment=catalogue.segment(pod, row.segment),
            channel=channel if len(channel) <= 40 else "", starts_on=row.started,
            ends_on=row.last_day + dt.timedelta(days=1) if row.last_day else None,
        )  # fmt: skip
        tests.append(test)
    made = Experiment.objects.bulk_create(tests)
    brought = Experiment.objects.filter(pk__in=[test.pk for test in made], is_imported=True)
    move_rows(brought, EXPERIMENT_MOVES["bring_in"])
    return made


def _parts(
    import_: Import, rows: list[PastRow], tests: list[Experiment], catalogue: Catalogue
) -> None:
    """Metrics, arms, the row of the sheet, and the days of work."""
    pairs = list(zip(rows, tests, strict=True))
    metrics = [(test, catalogue.metric(test.pod, row)) for row, test in pairs]
    ExperimentMetric.objects.bulk_create(
        ExperimentMetric(experiment=test, metric=metric) for test, metric in metrics if metric
    )
    Variant.objects.bulk_create(
        Variant(experiment=test, name=arm.name, weight=arm.units, is_control=place == 0, position=place)
        for row, test in pairs
        for place, arm in enumerate(row.arms)
    )  # fmt: skip
    Booking.objects.bulk_create(
        Booking(experiment=test, people_days=row.days_planned, days_taken=row.days_taken)
        for row, test in pairs
    )
    PastRecord.objects.bulk_create(_record(import_, row, test) for row, test in pairs)


def _record(import_: Import, row: PastRow, test: Experiment) -> PastRecord:
    cells = [
        [name, text[:TEXT]]
        for name, text in zip(import_.columns, row.idea.cells, strict=False)
        if text
    ]
    arms = [
        {"name": arm.name, "units": arm.units, "conversions": arm.conversions} for arm in row.arms
    ]
    return PastRecord(
        experiment=test, source=str(import_)[:200], row=row.idea.number, cells=cells, arms=arms,
        arm=row.arm,
    )  # fmt: skip


def _decide(rows: list[PastRow], tests: list[Experiment]) -> None:
    """What the sheet says of the decision, and what it gives to the evidence."""
    now = timezone.now()
    decisions, evidence = [], []
    for row, test in zip(rows, tests, strict=True):
        day = row.decided_on or timezone.localdate()
        at = timezone.make_aware(dt.datetime.combine(day, NOON))
        decisions.append(
            Decision(experiment=test, choice=row.choice, outcome=row.outcome, reason=row.reason,
                     decided_at=min(at, now))
        )  # fmt: skip
        evidence.append(_evidence(row, test))
    Decision.objects.bulk_create(decisions)
    EvidenceRow.objects.bulk_create(evidence)


def _evidence(row: PastRow, test: Experiment) -> EvidenceRow:
    made = EvidenceRow(
        experiment=test, outcome=row.trial_outcome.value, backing=row.backing.value,
        is_imported=True, metric=row.metric, is_increase_good=row.is_increase_good,
    )  # fmt: skip
    if row.measured and row.backing != Backing.WORDS:
        lift = row.measured
        made.lift, made.low, made.high = lift.lift, lift.low, lift.high
        made.confidence = lift.confidence
    return made


def _events(
    import_: Import, rows: list[PastRow], tests: list[Experiment]
) -> Iterator[dict[str, Any]]:
    for row, test in zip(rows, tests, strict=True):
        yield {
            "pod_id": test.pod_id,
            "subject_id": test.pk,
            "sentence": f"{import_.by} imported it, decided, from “{import_}”, row {row.idea.number}.",
        }
