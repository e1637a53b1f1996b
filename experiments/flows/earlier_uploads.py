"""What may be done with an earlier upload: let it count again, or remove it with its content."""

from django.db import transaction
from django.utils import timezone

from backlog.flows.transitions import move_rows
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.counting import require_open, settle
from experiments.flows.intake_moves import INTAKE_MOVES
from experiments.models import Experiment, Intake, Observation

State = Intake.State


@transaction.atomic
def count_again(intake: Intake, *, by: User) -> Intake:
    """Let data that was replaced count once more, as a new row with the same observations.

    The row is new because a reading belongs to one coming in of data: the earlier one keeps its
    readings, and this one gets its own. A second call (a double click) changes nothing. Raises
    PermissionDenied, Refused.
    """
    require_open(intake.experiment, by)
    Experiment.objects.select_for_update().get(pk=intake.experiment_id)
    earlier = Intake.objects.select_related("experiment").get(pk=intake.pk)
    counting = earlier.experiment.intakes.counting().filter(understood__again_of=earlier.pk)
    if done := counting.first():
        return done
    if earlier.state != State.REPLACED:
        raise Refused(f"It is “{earlier.get_state_display().lower()}”, so it can’t count again.")
    rows = list(earlier.observations.all())
    if not rows:
        raise Refused("Its figures are not on the server any more. Send the file again.")
    again = Intake.objects.create(
        experiment=earlier.experiment, by=by, source=earlier.source, filename=earlier.filename,
        digest=earlier.digest, state=State.COUNTED, accumulation=earlier.accumulation,
        sniffed=earlier.sniffed, mapping=earlier.mapping,
        understood={**earlier.understood, "again_of": earlier.pk},
        counted_at=timezone.now(),
    )  # fmt: skip
    for row in rows:
        row.pk, row.intake = None, again
    Observation.objects.bulk_create(rows, batch_size=500)
    settle(again, by=by, came=f"let the data of {earlier.received_at:%-d %b %Y} count again,")
    return again


@transaction.atomic
def remove(intake: Intake, *, by: User) -> Intake:
    """Remove an upload with everything that it says of single people.

    What counts now keeps its statistics: the file, its examples and its rejected rows go. Anything
    else keeps nothing but a line that says who removed it. Raises PermissionDenied, Refused.
    """
    require_may_remove(intake, by)
    taken = Intake.objects.select_for_update().get(pk=intake.pk)
    if taken.state == State.READING:
        raise Refused("Floe is still reading this file. Wait until it has been read.")
    if not _has_content(taken):
        return taken
    name, storage, what = str(taken), taken.file.storage, taken.file.name
    mine = Intake.objects.filter(pk=taken.pk)
    if counts_now(taken):
        mine.update(file="", **_without_people(taken))
        how = "removed the content of"
    else:
        emptied = {"file": "", "sniffed": {}, "mapping": {}, "understood": {}, "problem": ""}
        if not move_rows(mine, INTAKE_MOVES["remove"], **emptied):
            raise Refused("Somebody was quicker: it is in use now. Nothing was removed.")
        Observation.objects.filter(intake=taken.pk).delete()
        how = "removed"
    if what:
        transaction.on_commit(lambda: storage.delete(what))
    sentence = f"{by} {how} “{name}” of {taken.received_at:%-d %b %Y}."
    Event.record(taken.experiment, "intake", sentence, by=by, intake=taken.pk)
    taken.refresh_from_db()
    return taken


def counts_now(intake: Intake) -> bool:
    return intake.state in (State.COUNTED, State.ANALYSED)


def require_may_remove(intake: Intake, by: User) -> None:
    """The sender may, and a lead. Raises PermissionDenied."""
    require(by, _needed(intake, by), intake.experiment)


def may_remove(intake: Intake, by: User) -> bool:
    is_in_reach = intake.state != State.READING and _has_content(intake)
    return is_in_reach and by.has_perm(_needed(intake, by), intake.experiment)


def _has_content(intake: Intake) -> bool:
    """Something of it can go: what counts now keeps its statistics, so only what is left of people."""
    if not counts_now(intake):
        return intake.state != State.REMOVED
    blank = _without_people(intake)
    return bool(intake.file) or any(getattr(intake, name) != kept for name, kept in blank.items())


def _needed(intake: Intake, by: User) -> str:
    return f"experiments.{'add_observation' if intake.by_id == by.pk else 'remove_intake'}"


def _without_people(intake: Intake) -> dict[str, object]:
    """What was kept of single rows is blank; names of columns, counts and statistics stay."""
    sniffed, understood = intake.sniffed, intake.understood
    columns = [{**column, "examples": []} for column in sniffed.get("columns", [])]
    rejected = [{**row, "line": ""} for row in understood.get("rejected", [])]
    return {
        "sniffed": {**sniffed, "columns": columns, "preview": []} if sniffed else {},
        "understood": {**understood, "rejected": rejected},
    }
