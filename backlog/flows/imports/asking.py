"""The steps that a person takes. Small work is done before the answer, large work is queued."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from backlog.flows.imports.kinds import kind_of
from backlog.flows.imports.moves import IMPORT_MOVES
from backlog.flows.imports.own import with_own
from backlog.flows.imports.working import work_now, work_on
from backlog.flows.incoming import desk, keep, read_table
from backlog.flows.leases import NO_LEASE
from backlog.flows.queueing import queue_on_commit
from backlog.flows.transitions import move_rows
from backlog.models import Import, Pod, User
from backlog.permissions import require
from backlog.refusals import Refused, SomebodyWasQuicker, TooLarge
from backlog.tables import HEADER_ROW, QuestionCode

PARTS = "Leave out what is not needed, or import one part at a time."
CHANGED_AT_ONCE = 200  # ideas; more take over a second
State = Import.State


def receive(
    *,
    by: User,
    pod: Pod,
    name: str,
    data: bytes,
    is_pasted: bool = False,
    kind: str = Import.Kind.IDEAS,
) -> Import:
    """Keep a table, guess its columns and read its rows. Raises Refused with the sentence.

    What was sent is kept beside its rows until they are added, so that it can be read again with an
    answer or from another row on.
    """
    require(by, kind_of(kind).permission, pod)
    if len(data) > settings.IMPORT_FILE_MAX_BYTES:
        raise TooLarge(f"“{name}” has {len(data) / 1048576:.0f} MB, which is too much. {PARTS}")
    with desk() as folder:
        sent, rows = folder / "sent", folder / "rows.json"
        sent.write_bytes(data)
        taken = Import(by=by, pod=pod, kind=kind, name=name[:200], is_pasted=is_pasted)
        sheet = _sheet_in(taken, sent, rows, folder, answers={})
        for field, value in _columns_of(sheet).items():
            setattr(taken, field, value)
        taken.mapping = _recognised(taken, taken.mapping, taken.columns)
        if sheet["questions"] or kind == Import.Kind.IDEAS:
            keep(taken, "source", sent, name="sent")
        keep(taken, "file", rows, name="rows.json")
    return _go_on(taken)


def _sheet_in(
    import_: Import, sent: Path, rows: Path, folder: Path, *, answers: dict[str, str]
) -> dict[str, Any]:
    sheet: dict[str, Any] = read_table(
        kind_of(import_.kind).call, sent, folder=folder, target=str(rows), answers=answers,
        is_pasted=import_.is_pasted,
    )  # fmt: skip
    return sheet


def _columns_of(sheet: dict[str, Any]) -> dict[str, Any]:
    """What an import keeps of a table that was read."""
    return {
        "columns": sheet["names"], "notes": sheet["notes"], "row_count": sheet["row_count"],
        "mapping": sheet["mapping"], "questions": sheet["questions"],
    }  # fmt: skip


def _recognised(import_: Import, mapping: dict[str, str], names: list[str]) -> dict[str, str]:
    return with_own(mapping, names) if import_.kind == Import.Kind.IDEAS else mapping


def answer(import_: Import, *, by: User, answers: Mapping[str, str]) -> Import:
    """Read the table again with these answers to what can be read in two ways. Raises Refused."""
    _require_own(import_, by)
    if not import_.source:
        raise Refused("The table is no longer on the server. Import it again.")
    given = {question["key"]: question["answer"] for question in import_.questions}
    offered = {*given, HEADER_ROW}
    given[HEADER_ROW] = import_.choices.get(HEADER_ROW, "")
    given |= {key: choice for key, choice in answers.items() if key in offered}
    with desk() as folder:
        rows = folder / "rows.json"
        sheet = _sheet_in(import_, Path(import_.source.path), rows, folder, answers=given)
        mine = Import.objects.filter(pk=import_.pk)
        changes = {**_columns_of(sheet), "asked_at": timezone.now()}
        changes["mapping"] = _with_chosen(
            import_, _recognised(import_, changes["mapping"], changes["columns"]), sheet["names"]
        )
        changes["choices"] = _still_valid(import_, given)
        if not move_rows(mine, IMPORT_MOVES["answer"], **changes):
            raise _was_quicker(import_)
        import_.refresh_from_db()
        earlier = import_.file.name or ""
        keep(import_, "file", rows, name="rows.json")
        import_.file.storage.delete(earlier)
    return _go_on(import_)


def _with_chosen(import_: Import, mapping: dict[str, str], names: list[str]) -> dict[str, str]:
    """The mapping of a table that was read again; columns of a known name stay as they were."""
    before = {
        name: import_.mapping.get(str(place), "") for place, name in enumerate(import_.columns)
    }
    whole = {str(place): before.get(name) for place, name in enumerate(names)}
    whole = {
        place: mapping.get(place, "") if what is None else what for place, what in whole.items()
    }
    return {place: what for place, what in whole.items() if what}


def _still_valid(import_: Import, given: Mapping[str, str]) -> dict[str, Any]:
    """The choices that hold for the table as it is read now: those of rows only in the same sheet."""
    kept = {**import_.choices, HEADER_ROW: given[HEADER_ROW]}
    sheets = {one["answer"] for one in import_.questions if one["key"] == QuestionCode.SHEET}
    if sheets and given.get(QuestionCode.SHEET, "") not in sheets:
        kept.pop("rows", None)
    return {name: value for name, value in kept.items() if value}


def take_choices(
    import_: Import, *, by: User, mapping: Mapping[str, str], choices: Mapping[str, Any]
) -> Import:
    """Read the rows again, with these columns and answers."""
    _require_own(import_, by)
    pod = choices.get("pod") or import_.pod
    require(by, kind_of(import_.kind).permission, pod)
    kept = {name: value for name, value in choices.items() if name != "pod"}
    mine, now = Import.objects.filter(pk=import_.pk), timezone.now()
    given = {"pod": pod, "mapping": dict(mapping), "choices": kept, "asked_at": now}
    if not move_rows(mine, IMPORT_MOVES["answer"], **given):
        raise _was_quicker(import_)
    return _go_on(import_)


def confirm_as_chosen(
    import_: Import, *, by: User, mapping: Mapping[str, str], choices: Mapping[str, Any]
) -> bool:
    """Add what the page shows. Returns False, and adds nothing yet, where its columns and answers
    differ from those that the rows were read with, and so other rows would be added."""
    before = import_.mapping, import_.counts
    if _is_changed(import_, mapping, choices):
        take_choices(import_, by=by, mapping=mapping, choices=choices)
        if import_.state != State.UNDERSTOOD or (import_.mapping, import_.counts) != before:
            return False
    confirm(import_, by=by)
    return True


def _is_changed(import_: Import, mapping: Mapping[str, str], choices: Mapping[str, Any]) -> bool:
    pod = choices.get("pod") or import_.pod
    usual = {"same": "out"}
    kept = {name: value for name, value in choices.items() if name != "pod"}
    given, known = (
        {name: value for name, value in one.items() if value and usual.get(name) != value}
        for one in (kept, import_.choices)
    )
    return (pod.pk, dict(mapping), given) != (import_.pod_id, import_.mapping, known)


def confirm(import_: Import, *, by: User) -> Import:
    """Add everything that was understood, or nothing. A second call (a double click) changes
    nothing."""
    _require_own(import_, by)
    counts = import_.counts
    if import_.state == State.UNDERSTOOD and not (counts.get("add") or counts.get("change")):
        raise Refused(
            import_.problem or "There are no rows to add. Change a column or an answer first."
        )
    if import_.state == State.UNDERSTOOD and import_.open_questions:
        raise Refused(f"{import_.open_questions[0]['text']} Answer first.")
    return _move(import_, "confirm", (State.CONFIRMED, State.ADDED))


def undo(import_: Import, *, by: User) -> Import:
    """Remove what was added again. What somebody has changed since stays, and is named."""
    _require_own(import_, by)
    return _move(import_, "undo", (State.UNDOING, State.UNDONE))


def _move(import_: Import, name: str, done: tuple[str, ...]) -> Import:
    mine = Import.objects.filter(pk=import_.pk)
    if move_rows(mine, IMPORT_MOVES[name], asked_at=timezone.now(), **NO_LEASE):
        return _go_on(import_, is_long=import_.counts.get("change", 0) > CHANGED_AT_ONCE)
    import_.refresh_from_db()
    if import_.state not in done:
        raise _was_quicker(import_)
    return import_


def _require_own(import_: Import, by: User) -> None:
    require(by, kind_of(import_.kind).permission, import_.pod)
    if import_.by_id != by.pk:
        raise Refused("Only the person who started this import can continue it.")


def _was_quicker(import_: Import) -> SomebodyWasQuicker:
    import_.refresh_from_db()
    return SomebodyWasQuicker(
        f"“{import_}” is now “{import_.get_state_display().lower()}”, perhaps because of another "
        "window. Nothing was changed."
    )


def _go_on(import_: Import, *, is_long: bool = False) -> Import:
    if is_long or import_.row_count > kind_of(import_.kind).at_once:
        queue_on_commit(work_on, import_.pk)
    else:
        work_now(import_.pk)
    import_.refresh_from_db()
    return import_
