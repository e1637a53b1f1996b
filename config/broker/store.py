"""Messages in their own SQLite file: put, claimed, done, or given back after a process was killed.

A message is a row, so it is there whole or not at all. A claim names the process that holds it;
when that process is gone, the message is there for the next one. The file may be lost, damaged or
unwritable at any time: it is created again as soon as possible, and the writer is told.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from backlog.processes import is_gone, own_name

MOST_CLAIMS = 5
"""How many processes may end with a message in hand before it is put aside."""
KEPT_ASIDE = 200
WAITS_FOR_LOCK = 5.0  # seconds
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
UNUSED_PAGES = 2_500  # of 4 kB; what a long queue has left behind

SCHEMA = """
    CREATE TABLE IF NOT EXISTS message (
        id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, payload NOT NULL,
        claimed_by TEXT, claims INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX IF NOT EXISTS waiting ON message (queue, id) WHERE claimed_by IS NULL;
    CREATE INDEX IF NOT EXISTS claimed ON message (claimed_by, id) WHERE claimed_by IS NOT NULL;
    CREATE TABLE IF NOT EXISTS put_aside (
        id INTEGER PRIMARY KEY, queue TEXT, payload, why TEXT, at REAL
    );
"""
PRAGMAS = (
    "PRAGMA auto_vacuum=INCREMENTAL", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL",
    "PRAGMA cache_size=-512", "PRAGMA mmap_size=0", "PRAGMA wal_autocheckpoint=500",
    "PRAGMA journal_size_limit=4194304",
)  # fmt: skip
Answer = TypeVar("Answer")


class Claimed(NamedTuple):
    id: int
    payload: Any
    claims: int


class Store:
    """One open file. Not for two threads at once; a process that was forked opens its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None
        self._opened: tuple[int, int, int] | None = None

    def put(self, queue: str, payload: str) -> None:
        row = (queue, payload)
        self._do(lambda db: db.execute("INSERT INTO message (queue, payload) VALUES (?, ?)", row))

    def claim(self, queue: str) -> Claimed | None:
        """The oldest message that nobody holds, now held by this process."""
        return self._do(lambda db: _claim(db, queue))

    def done(self, pk: int) -> None:
        self._do(lambda db: db.execute("DELETE FROM message WHERE id = ?", (pk,)))

    def give_back(self, pk: int) -> None:
        """What this process held and did not begin."""
        statement = "UPDATE message SET claimed_by = NULL, claims = claims - 1 WHERE id = ?"
        self._do(lambda db: db.execute(statement, (pk,)))

    def put_aside(self, pk: int, why: str) -> None:
        """Take a message out that nobody can use; the last of them stay to be looked at."""
        self._do(lambda db: _put_aside(db, pk, why))

    def take_back(self, held: Collection[int]) -> int:
        """Give back what is claimed by processes that are gone, or by this one beyond `held`."""
        return self._do(lambda db: _take_back(db, held))

    def size(self, queue: str) -> int:
        count = "SELECT count(*) FROM message WHERE queue = ? AND claimed_by IS NULL"
        return int(self._do(lambda db: db.execute(count, (queue,)).fetchone()[0]))

    def purge(self, queue: str) -> int:
        delete = "DELETE FROM message WHERE queue = ? AND claimed_by IS NULL"
        return self._do(lambda db: db.execute(delete, (queue,)).rowcount)

    def check_writable(self) -> None:
        """Raise what a message would meet, and put none."""
        self._do(_write_and_undo)

    def close(self) -> None:
        if self._db is not None and self._opened and self._opened[0] == os.getpid():
            with suppress(sqlite3.Error):
                self._db.close()
        self._db = self._opened = None

    def _do(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        try:
            return work(self._open())
        except sqlite3.DatabaseError as problem:
            code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
            if code not in DAMAGED:
                self.close()  # an error of the disk leaves nothing behind that the next try meets
                raise
            self._begin_anew()
            return work(self._open())

    def _open(self) -> sqlite3.Connection:
        """The file at the path as it is now: it may have been deleted or replaced."""
        if self._db is not None and self._opened == self._on_disk():
            return self._db
        self.close()
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        for is_last in (False, False, True):
            db = sqlite3.connect(
                self.path, timeout=WAITS_FOR_LOCK, isolation_level=None, check_same_thread=False
            )
            try:
                for pragma in PRAGMAS:
                    db.execute(pragma).fetchall()
                db.executescript(SCHEMA)
            except sqlite3.DatabaseError as problem:
                db.close()
                is_locked = getattr(problem, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY
                if is_last or not is_locked:  # two that make the file at once
                    raise
                time.sleep(0.05)
            else:
                break
        self._db, self._opened = db, self._on_disk()
        return db

    def _on_disk(self) -> tuple[int, int, int] | None:
        try:
            file = os.stat(self.path)
        except OSError:
            return None
        return os.getpid(), file.st_dev, file.st_ino

    def _begin_anew(self) -> None:
        """Move a damaged file away, unless another process has already done so."""
        seen = self._opened or self._on_disk()
        self.close()
        if seen == self._on_disk():
            with suppress(FileNotFoundError):
                os.replace(self.path, self.path.with_suffix(".damaged"))
            for end in ("-wal", "-shm"):
                Path(f"{self.path}{end}").unlink(missing_ok=True)


def _claim(db: sqlite3.Connection, queue: str) -> Claimed | None:
    look = "SELECT id FROM message WHERE queue = ? AND claimed_by IS NULL ORDER BY id LIMIT 1"
    take = (
        "UPDATE message SET claimed_by = ?, claims = claims + 1 WHERE id = ? AND claimed_by IS NULL"
        " RETURNING id, payload, claims"
    )
    while (row := db.execute(look, (queue,)).fetchone()) is not None:
        if rows := db.execute(take, (own_name(), row[0])).fetchall():
            return Claimed(*rows[0])
    return None


def _put_aside(db: sqlite3.Connection, pk: int, why: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute(
            "INSERT OR REPLACE INTO put_aside (id, queue, payload, why, at)"
            " SELECT id, queue, substr(payload, 1, 100000), ?, ? FROM message WHERE id = ?",
            (why[:500], time.time(), pk),
        )
        db.execute("DELETE FROM message WHERE id = ?", (pk,))
        db.execute(
            "DELETE FROM put_aside WHERE id NOT IN"
            " (SELECT id FROM put_aside ORDER BY at DESC LIMIT ?)",
            (KEPT_ASIDE,),
        )
        db.execute("COMMIT")
    except BaseException:
        _undo(db)
        raise


def _take_back(db: sqlite3.Connection, held: Collection[int]) -> int:
    """A dead process worked on the first message it held, so only that one counts as tried."""
    claimed = "SELECT claimed_by, id FROM message WHERE claimed_by IS NOT NULL ORDER BY id"
    own, begun, given = own_name().rpartition("/")[0], set(), 0
    for holder, pk in db.execute(claimed).fetchall():
        is_own = holder.rpartition("/")[0] == own
        if (is_own and pk in held) or not (is_own or is_gone(holder)):
            continue
        is_suspect = not is_own and holder not in begun
        begun.add(holder)
        given += db.execute(
            "UPDATE message SET claimed_by = NULL, claims = claims - ? WHERE id = ? AND claimed_by = ?",
            (0 if is_suspect else 1, pk, holder),
        ).rowcount
    if db.execute("PRAGMA freelist_count").fetchone()[0] > UNUSED_PAGES:
        db.execute(f"PRAGMA incremental_vacuum({UNUSED_PAGES})").fetchall()
    return given


def _write_and_undo(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute("INSERT INTO message (queue, payload) VALUES ('', '')")
    finally:
        _undo(db)


def _undo(db: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        db.execute("ROLLBACK")
