"""A file comes in: kept, looked into, and asked about until it is clear which table it holds."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from backlog.flows.incoming import desk, keep, laid_down, read_table, require_size
from backlog.flows.transitions import move_rows
from backlog.models import User
from backlog.refusals import SomebodyWasQuicker
from experiments.flows.counting import require_open
from experiments.flows.intake_moves import INTAKE_MOVES
from experiments.flows.understanding import require_file
from experiments.models import Experiment, Intake
from experiments.results_file.apart import STACKED, UNPACKED

TO_BE_MAPPED = (Intake.State.RECEIVED, Intake.State.UNDERSTOOD)


def receive_file(experiment: Experiment, upload: "UploadedFile[Any]", *, by: User) -> Intake:
    """Keep an uploaded file and look into it. Raises Refused with the sentence; keeps nothing then.

    What is to be known before its columns can be mapped (which sheet, which row names them) waits
    as a question in `sniffed`; the answers of earlier files hold for this one too.
    """
    require_open(experiment, by)
    require_size(upload, settings.RESULTS_FILE_MAX_BYTES)
    intake = Intake(experiment=experiment, by=by, filename=Path(upload.name or "file").name[:200])
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    intake.digest = digest.hexdigest()
    with desk() as folder:
        sent = laid_down(upload, folder)
        made = _look(intake, sent, folder, answers=remembered_answers(intake))
        keep(intake, "file", made or sent, name=f"{intake.digest[:16]}.csv")
    return intake


def _look(intake: Intake, sent: Path, folder: Path, *, answers: Mapping[str, str]) -> Path | None:
    """Look into the file with these answers. Returns the table that was made of it, if any."""
    looked = read_table(
        "experiments.results_file.apart:look",
        sent,
        folder=folder,
        work_folder=str(folder),
        max_rows=settings.RESULTS_FILE_MAX_ROWS,
        max_bytes=settings.RESULTS_FILE_MAX_BYTES,
        answers=dict(answers),
    )
    intake.sniffed = looked["sniffed"] | {"unpacked": looked["note"]}
    intake.mapping = {**intake.mapping, "answers": dict(answers)}
    made = {name: folder / name for name in (UNPACKED, STACKED)}
    return made.get(looked["made"])


def questions_before_mapping(intake: Intake) -> list[dict[str, Any]]:
    """Which sheet, which row: answered ones too."""
    questions: list[dict[str, Any]] = intake.sniffed.get("questions", [])
    return questions


def is_table_clear(intake: Intake) -> bool:
    return all(question.get("answer") for question in questions_before_mapping(intake))


def look_again(intake: Intake, *, by: User, answers: Mapping[str, str]) -> Intake:
    """Look into a file again with these answers; its columns are to be mapped then. Raises Refused."""
    require_open(intake.experiment, by)
    require_file(intake)
    if intake.state not in INTAKE_MOVES["look_again"].sources:
        raise _was_read()
    earlier = intake.file.name or ""
    known = {question["key"] for question in questions_before_mapping(intake)}
    given = {key: choice for key, choice in answers.items() if key in known}
    with desk() as folder:
        kept = {**intake.mapping.get("answers", {}), **given}
        intake.mapping = {}
        made = _look(intake, Path(intake.file.path), folder, answers=kept)
        mine = Intake.objects.filter(pk=intake.pk)
        changes = {"sniffed": intake.sniffed, "mapping": intake.mapping, "understood": {}}
        if not move_rows(mine, INTAKE_MOVES["look_again"], problem="", **changes):
            raise _was_read()
        intake.refresh_from_db()
        if made is not None:
            keep(intake, "file", made, name=f"{intake.digest[:16]}.csv")
            intake.file.storage.delete(earlier)
    return intake


def _was_read() -> SomebodyWasQuicker:
    return SomebodyWasQuicker("This file was already read. Send a new one to replace it.")


def remembered_answers(intake: Intake) -> dict[str, str]:
    """Question → the newest answer among the files of this experiment that counted."""
    counted = intake.experiment.intakes.exclude(counted_at=None).exclude(pk=intake.pk)
    answers: dict[str, str] = {}
    for mapped in counted.order_by("counted_at").values_list("mapping", flat=True):
        answers |= mapped.get("answers", {})
    return answers


def labels_in(intake: Intake, column: str) -> tuple[str, ...]:
    """The variant labels that stand in a column of the file. Raises Refused."""
    require_file(intake)
    with desk() as folder:
        call = "experiments.results_file.apart:labels"
        answers = intake.mapping.get("answers", {})
        labels = read_table(call, intake.file.path, folder=folder, column=column, answers=answers)
        return tuple(labels)
