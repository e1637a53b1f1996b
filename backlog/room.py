"""Disk space for uploads, checked before and while a file is written."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from backlog.refusals import NoRoom

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_KEPT = "Nothing was saved."


def require_room(size: int, name: str) -> None:
    """Check for `size` more bytes. Raises NoRoom with what is missing and who can help."""
    free = room_on_disk()
    if size > free or not free:
        raise NoRoom(
            f"There is not enough disk space for {name}: {_megabytes(free)} MB are free, and this "
            f"may need {_megabytes(size)} MB. {_KEPT} Tell an admin, and send it again when there "
            "is space."
        )
    taken, most = bytes_of_uploads(), settings.UPLOADS_MAX_BYTES
    if taken + size > most:
        raise NoRoom(
            f"There is not enough space for {name}: uploaded files use {_megabytes(taken)} of the "
            f"{_megabytes(most)} MB allowed (UPLOADS_MAX_MB). {_KEPT} Tell an admin, and send it "
            "again when there is space."
        )


def room_on_disk() -> int:
    """Bytes that may be written before the disk is as full as it may get."""
    here = Path(settings.MEDIA_ROOT)
    while not here.exists():
        here = here.parent
    kept: int = settings.UPLOADS_KEEP_FREE_BYTES
    return max(shutil.disk_usage(here).free - kept, 0)


def bytes_of_uploads() -> int:
    """The size of uploads: those that are stored, and those that are coming in."""
    return sum(map(_bytes_in, (settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR)))


def _bytes_in(folder: str | Path) -> int:
    total = 0
    for at, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(at, name)).st_size
            except FileNotFoundError:  # it was removed meanwhile
                continue
    return total


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Report a disk that fills up during the write like one that was already full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise NoRoom(
            f"The disk filled up while {name} was being saved. {_KEPT} Tell an admin, and send it "
            "again when there is space."
        ) from error


def _megabytes(size: int) -> str:
    return f"{size / 1048576:,.0f}"
