"""Failures of the disk and the database: what is wrong, in words, and which writes may be lost."""

import errno
import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

logger = logging.getLogger("floe")

FULL = "The server’s disk is full, so nothing can be saved."
READ_ONLY = "Floe is read-only right now: its database does not accept changes."
BUSY = "The database is busy with a large change."
AWAY = "The database does not answer."

OF_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_IOERR: AWAY,
    sqlite3.SQLITE_CANTOPEN: AWAY,
    sqlite3.SQLITE_CORRUPT: AWAY,
    sqlite3.SQLITE_NOTADB: AWAY,
    sqlite3.SQLITE_PROTOCOL: AWAY,
}
OF_POSTGRES = {"25006": READ_ONLY, "53100": FULL, "55P03": BUSY, "40P01": BUSY, "57014": BUSY}
OF_POSTGRES_CLASSES = {"08": AWAY, "53": AWAY, "57": AWAY}
OF_FILES = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EFBIG: FULL, errno.EROFS: READ_ONLY}
NO_LONG_WAIT = 200  # milliseconds
SAYS_AGAIN = 60.0  # seconds

Answer = TypeVar("Answer")

_said_at = float("-inf")


def trouble_of(error: BaseException | None) -> str:
    """What is wrong with the disk or the database, as a sentence, or "" for other errors."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if trouble := _trouble_itself(error):
            return trouble
        error = error.__cause__ or error.__context__
    return ""


def _trouble_itself(error: BaseException) -> str:
    if isinstance(error, DatabaseError | InterfaceError):
        return _trouble_of_database(error.__cause__)
    if isinstance(error, sqlite3.Error):
        return _trouble_of_database(error)
    if isinstance(error, OSError):
        return OF_FILES.get(error.errno or 0, "")
    return ""


def _trouble_of_database(cause: Any) -> str:
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return OF_SQLITE.get(code & 0xFF, "")
    if isinstance(cause, sqlite3.Error) or cause is None:
        return ""
    state = getattr(cause, "sqlstate", None)
    if state is None:  # no connection, so no answer that could hold a code
        return AWAY if "Operational" in type(cause).__name__ or _is_of_pool(cause) else ""
    return OF_POSTGRES.get(state) or OF_POSTGRES_CLASSES.get(state[:2], "")


def _is_of_pool(cause: Any) -> bool:
    return type(cause).__module__.startswith("psycopg_pool")


def written_if_possible(write: Callable[[], Answer]) -> Answer | None:
    """The result of `write`, or None if the database can't write at once. Readers then go on
    without.

    For time stamps in requests that only read. Other errors are raised as usual.
    """
    global _said_at  # noqa: PLW0603  (one line a minute for the process)
    try:
        with without_long_wait(), transaction.atomic():
            return write()
    except (DatabaseError, InterfaceError) as error:
        if not trouble_of(error):
            raise
        if time.monotonic() - _said_at > SAYS_AGAIN:
            _said_at = time.monotonic()
            logger.warning("A time stamp was not written: %s", error)
        return None


@contextmanager
def without_long_wait() -> Iterator[None]:
    """Give up soon where somebody else holds SQLite's write lock."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    usual = connection.connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.connection.execute(f"PRAGMA busy_timeout = {NO_LONG_WAIT}")
    try:
        yield
    finally:
        if connection.connection is not None:
            connection.connection.execute(f"PRAGMA busy_timeout = {usual}")


def free_bytes(folder: Path | str | None = None) -> int:
    """Free bytes on the disk of the installation's folder, or 0 if that is unknown."""
    try:
        return shutil.disk_usage(folder or settings.VAR_DIR).free
    except OSError:
        return 0


def is_short_of_space(needed: int = 0) -> bool:
    """Whether less than the reserve would be left once `needed` bytes are written."""
    return free_bytes() - needed < int(settings.DISK_RESERVE_BYTES)
