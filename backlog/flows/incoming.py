"""Untrusted tables come in: they are read in a temporary folder with limits, then kept or
refused."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db.models import Model

from backlog import quarantine
from backlog.file_kinds import HEAD, Unreadable, encoding_of, kind_of
from backlog.quarantine import Bounds, Busy, Seats
from backlog.refusals import NotNow, Refused, TooLarge
from backlog.room import require_room, room_on_disk, writing
from backlog.ways_in import current_way_in

AT_HAND = 1 << 20  # bytes of text that are read where one stands: what a process costs is more
PATIENCE = {"task": 120.0, "command": 120.0}
FEWER = "Leave out columns that are not needed, or send totals per arm."
IMAGE_STOPPED = (
    "Reading this image took too long or too much memory, so it was stopped. Make it smaller, or "
    "save it again as PNG."
)
BUSY = "The server is busy reading other files. Nothing was saved. Send the file again in a minute."


@contextmanager
def desk() -> Iterator[Path]:
    """A folder to work in, gone afterwards with all that lies in it."""
    root = Path(settings.FILE_UPLOAD_TEMP_DIR)
    root.mkdir(parents=True, exist_ok=True)
    with (
        writing("this file"),
        tempfile.TemporaryDirectory(prefix="desk-", dir=root, ignore_cleanup_errors=True) as folder,
    ):
        yield Path(folder)


def require_size(upload: Any, most: int, *, advice: str = FEWER) -> None:
    """Raises TooLarge with the size and the limit."""
    if (size := upload.size or 0) > most:
        raise TooLarge(
            f"“{upload.name}” has {size / 1048576:.0f} MB; files up to {most // 1048576} MB are "
            "taken. "
            f"{advice}"
        )


def laid_down(upload: Any, folder: Path) -> Path:
    """An upload as a file on the disk: its own where it has one, else a copy in `folder`."""
    if hasattr(upload, "temporary_file_path"):
        return Path(upload.temporary_file_path())
    path = folder / "sent"
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path


def read_table(
    call: str, path: str | Path, *, folder: Path,
    progress: Callable[[str, float], None] | None = None,
    **arguments: Any,
) -> Any:  # fmt: skip
    """The result of the function `call` ("module:name") for the file at `path`.

    Short text is read here. Everything else is read in its own process, with limits, few at a time.
    Raises Refused with what is wrong with the file; NotNow; NoRoom.
    """
    work = {"path": str(path), **arguments}
    try:
        if _is_short_text(Path(path)):
            return quarantine.called(call, work, progress)
        with _a_seat():
            return quarantine.read(call, work, folder=folder, bounds=_bounds(), progress=progress)
    except Unreadable as problem:
        raise Refused(str(problem)) from problem


@contextmanager
def _a_seat() -> Iterator[None]:
    """One of the few processes that read files at once. Raises NotNow."""
    patience = PATIENCE.get(current_way_in(), 5.0)
    seats = Seats(Path(settings.FILE_UPLOAD_TEMP_DIR), settings.FILES_READ_AT_ONCE, patience)
    try:
        with seats.taken():
            yield
    except Busy as busy:
        raise NotNow(BUSY) from busy


def rewrite_image(path: Path, target: Path) -> dict[str, Any]:
    """Write an image again to `target`; the result is that of `images.rewritten`.

    Raises Refused with what is wrong with it; NotNow.
    """
    work = {"path": str(path), "target": str(target)}
    bounds = Bounds(seconds=10, memory=1024 << 20, file_size=64 << 20)
    try:
        with _a_seat():
            answer: dict[str, Any] = quarantine.read(
                "backlog.images:rewritten", work, folder=target.parent, bounds=bounds
            )
            return answer
    except quarantine.Ended as ended:
        raise Refused(IMAGE_STOPPED) from ended
    except Unreadable as problem:
        raise Refused(str(problem)) from problem


def _bounds() -> Bounds:
    """A temporary file may be twice as large as an upload, if there is space."""
    most = 2 * max(settings.RESULTS_FILE_MAX_BYTES, settings.IMPORT_FILE_MAX_BYTES)
    require_room(0, "this file")
    return Bounds(file_size=max(min(most, room_on_disk()), 1 << 20), seconds=settings.FILE_SECONDS)


def _is_short_text(path: Path) -> bool:
    if path.stat().st_size > AT_HAND:
        return False
    with path.open("rb") as file:
        head = file.read(HEAD)
    return kind_of(head) is None and encoding_of(head) is not None


def keep(row: Model, field: str, path: Path, *, name: str) -> None:
    """Move a file among the uploads and save the row that it belongs to: both or neither.

    Raises NoRoom.
    """
    require_room(0 if _is_upload(path) else path.stat().st_size, "this file")
    file: Any = getattr(row, field)
    with writing("this file"):
        file.save(name, _Finished(path), save=False)
        try:
            row.save()
        except BaseException:
            file.delete(save=False)
            raise


def _is_upload(path: Path) -> bool:
    return path.is_relative_to(settings.FILE_UPLOAD_TEMP_DIR)


class _Finished(File):  # type: ignore[type-arg]
    """A file that the storage may move instead of copying it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self.path = path

    def temporary_file_path(self) -> str:
        return str(self.path)
