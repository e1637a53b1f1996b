"""Data in: understand a file that was received, count it only when somebody confirms. All or nothing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backlog.flows.leases import NO_LEASE
from backlog.flows.queueing import queue_on_commit
from backlog.flows.transitions import move_rows
from backlog.models import Event, User
from backlog.refusals import Refused, SomebodyWasQuicker
from experiments.flows.confirming import OWN_QUESTIONS, Review
from experiments.flows.counting import require_open, settle, write_observations
from experiments.flows.intake_moves import INTAKE_MOVES
from experiments.flows.reading_files import read_file
from experiments.flows.receiving import is_table_clear, remembered_answers
from experiments.flows.understanding import summary_for
from experiments.models import Intake

MOST_REASON = 1000
MOST_TICKS = 100


def understand(
    intake: Intake,
    *,
    by: User,
    mapping: Mapping[str, Any],
    labels: Mapping[str, str],
    typed: Mapping[str, Any] | None = None,
    answers: Mapping[str, str] | None = None,
) -> Intake:
    """Read the file by this mapping and keep what was understood; nothing counts yet.

    `mapping` has the fields of `results_file.Mapping`, `labels` says which arm a label in the file
    means, `typed` is kept to fill the form of the next file. `answers` are those to the reader's
    questions, by key; what earlier files of this experiment answered holds too. A large file is
    read by a worker: its state is READING then. Raises Refused with the file's problem.
    """
    require_open(intake.experiment, by)
    if intake.state not in INTAKE_MOVES["understand"].sources:
        raise _is_past_mapping(intake)
    if not is_table_clear(intake):
        raise Refused("Say first which table of the file to read.")
    intake.mapping = {
        "columns": dict(mapping),
        "labels": dict(labels),
        "form": dict(typed or {}),
        "answers": {
            **remembered_answers(intake),
            **intake.mapping.get("answers", {}),
            **(answers or {}),
        },
        "acknowledged": intake.mapping.get("acknowledged", []),
    }
    intake.accumulation = mapping.get("accumulation", Intake.Accumulation.TOTAL)
    changes = {"mapping": intake.mapping, "accumulation": intake.accumulation, "problem": ""}
    if intake.sniffed.get("rows", 0) > settings.RESULTS_ROWS_READ_AT_ONCE:
        _move(
            intake, "queue", **changes, understood={}, queued_at=timezone.now(), tries=0, **NO_LEASE
        )
        queue_on_commit(read_file, intake.pk)
        return intake
    _move(intake, "understand", **changes, understood=summary_for(intake))
    return intake


def answer(intake: Intake, *, by: User, answers: Mapping[str, str]) -> Intake:
    """Read the file again with these answers beside the earlier ones; "" opens a question again.

    Raises Refused.
    """
    mapped = intake.mapping
    if "columns" not in mapped:
        raise Refused("Say first what the columns of this file mean.")
    kept = {**mapped.get("answers", {}), **answers}
    changed = {key for key in kept if kept[key] != mapped.get("answers", {}).get(key, "")}
    if changed.issubset(OWN_QUESTIONS):
        intake.mapping = {**mapped, "answers": kept}
        mine = Intake.objects.filter(pk=intake.pk, state=Intake.State.UNDERSTOOD)
        mine.update(mapping=intake.mapping)
        return intake
    return understand(
        intake, by=by, mapping=mapped["columns"], labels=mapped["labels"], typed=mapped.get("form"),
        answers=kept,
    )  # fmt: skip


def acknowledge(intake: Intake, *, by: User, codes: Collection[str]) -> None:
    """Keep which doubts somebody has ticked, so that a page that is read again still shows them."""
    require_open(intake.experiment, by)
    ticks = sorted({code[:300] for code in codes})[:MOST_TICKS]
    if ticks != intake.mapping.get("acknowledged", []):
        intake.mapping = {**intake.mapping, "acknowledged": ticks}
        mine = Intake.objects.filter(pk=intake.pk, state=Intake.State.UNDERSTOOD)
        mine.update(mapping=intake.mapping)


def _move(intake: Intake, name: str, **changes: Any) -> None:
    """Another tab may have counted it while this one read: then nothing of this one is written."""
    if not move_rows(Intake.objects.filter(pk=intake.pk), INTAKE_MOVES[name], **changes):
        intake.refresh_from_db()
        raise _is_past_mapping(intake)
    intake.refresh_from_db()


def _is_past_mapping(intake: Intake) -> SomebodyWasQuicker:
    if intake.state == Intake.State.READING:
        return SomebodyWasQuicker(
            "Floe is still reading this file. Wait until it shows what is in it."
        )
    return SomebodyWasQuicker("This file was already counted. Send a new one to replace it.")


@transaction.atomic
def count(
    intake: Intake, *, by: User, acknowledged: Collection[str] = (), reason: str = ""
) -> Intake:
    """Let what was understood count: observations are written, an analysis is queued on commit.

    It replaces the data that counted before. A second call (a double click) changes nothing.
    `acknowledged` are the codes of the doubts that somebody has ticked, `reason` is why a file with
    problems counts all the same. Raises Refused while something is open.
    """
    require_open(intake.experiment, by)
    mine = Intake.objects.filter(pk=intake.pk)
    review = Review(intake)
    if intake.state == Intake.State.UNDERSTOOD:
        review.require_confirmable(acknowledged=acknowledged, reason=reason)
        acknowledge(intake, by=by, codes=acknowledged)
    confirmed = move_rows(mine, INTAKE_MOVES["count"], counted_at=timezone.now(), tries=0)
    intake.refresh_from_db()
    if confirmed:
        doubts = review.doubts  # before the earlier data is retired
        _write(intake, review)
        settle(intake, by=by, kept_days=review.kept.days if review.joined else ())
        if doubts:
            titles = ". ".join(doubt.title for doubt in doubts)
            seen = f"{by} confirmed it although Floe asked: {titles}."
            Event.record(intake.experiment, "intake", seen, by=by, intake=intake.pk)
        if review.problems:
            why = f"{by} counted {intake} despite its problems: {reason.strip()[:MOST_REASON]}"
            Event.record(
                intake.experiment, "intake", why, by=by, intake=intake.pk,
                problems=review.problems,
            )  # fmt: skip
    if intake.state not in (Intake.State.COUNTED, Intake.State.ANALYSED):
        raise SomebodyWasQuicker(
            f"The file is “{intake.get_state_display().lower()}” now. Nothing was changed."
        )
    return intake


def _write(intake: Intake, review: Review) -> None:
    """The observations, with earlier days that stay; what was understood says so then."""
    if review.joined is not None:
        intake.understood |= {
            "units": review.units, "days": review.days, "kept_days": review.kept.days,
            "warnings": review.warnings,
        }  # fmt: skip
        intake.save(update_fields=["understood"])
    write_observations(intake, review.will_count)


def rejected_rows(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The rejected rows with their reasons, below a head."""
    return [
        ["row", "why", "what stands there"],
        *([str(row["row"]), row["reason"], row["line"]] for row in rows),
    ]
