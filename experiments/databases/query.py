"""Rows out of somebody's database: one SELECT, read-only, so many rows, so many seconds.

Pure: no Django. `rows_from` yields the names of the columns, then each row as text. Four kinds of
address: `postgresql://…`, `sqlite:///path`, `duckdb:///path`, and `dbapi+module://host/name?…` for any
module that speaks Python's DB-API 2.0 (PEP 249).
"""

from __future__ import annotations

import importlib
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import duckdb
import psycopg

AT_ONCE: Final = 500
MOST_BYTES: Final = 200 << 20
LONGEST_VALUE: Final = 1 << 20
MOST_COLUMNS: Final = 1_000
LONGEST_SQL: Final = 20_000
_WRITES: Final = re.compile(
    r"\b(insert|update|delete|merge|create|alter|drop|truncate|grant|revoke|attach|detach|copy|pragma"
    r"|install|load|call|do|vacuum|set|reset|into)\b",
    re.IGNORECASE,
)
# What is not closed runs to the end, so that no sign is looked at twice.
_TEXTS: Final = re.compile(
    r"'[^']*+(?P<open_text>\Z)?'?|\"[^\"]*+(?P<open_name>\Z)?\"?|--[^\n]*+"
    r"|/\*(?:(?!\*/).)*+(?P<open_note>\Z)?(?:\*/)?",
    re.DOTALL,
)


class SourceProblem(Exception):  # noqa: N818 - the database has the problem, the code no error
    """What stands in the way; its text is the sentence that the user reads, without any secret."""


def checked_sql(sql: str) -> str:
    """The one SELECT that may run. The database is opened read-only all the same.

    >>> checked_sql("select arm, n from results;")
    'select arm, n from results'

    Raises:
        SourceProblem: empty, too long, more than one statement, or one that could write.
    """
    if len(sql) > LONGEST_SQL:
        raise SourceProblem(f"The query has more than {LONGEST_SQL:,} characters.")
    sql = sql.strip().rstrip(";").strip()
    bare = _TEXTS.sub(_blanked, sql)
    if not re.match(r"(select|with)\b", bare.strip(), re.IGNORECASE):
        raise SourceProblem("Write one SELECT (or WITH … SELECT). Floe runs nothing else.")
    if ";" in bare:
        raise SourceProblem("Write one statement. There is a semicolon in the middle of yours.")
    if writing := _WRITES.search(bare):
        raise SourceProblem(
            f"“{writing[0]}” belongs to statements that write, and Floe only reads. If it "
            'is the name of a column, put it between double quotation marks ("…").'
        )
    return sql


def _blanked(match: re.Match[str]) -> str:
    if any(part is not None for part in match.groups()):
        raise SourceProblem("A quotation mark or a comment is never closed.")
    return " "


def shown(address: str) -> str:
    """The address without user, password and parameters, for pages and messages.

    >>> shown("postgresql://ada:secret@db.example:5432/shop?sslmode=require")
    'postgresql://db.example:5432/shop'
    """
    parts = _split(address)
    host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    return f"{parts.scheme}://{host}{parts.path}"


def rows_from(
    address: str, sql: str, *, most_rows: int, seconds: float, most_bytes: int = MOST_BYTES,
    modules: Sequence[str] = (), is_hidden: Callable[[Path], bool] = lambda path: False,
) -> Iterator[list[str]]:  # fmt: skip
    """The names of the columns, then the rows, every value as text ("" for NULL).

    `modules` are those that a `dbapi+` address may name; `is_hidden` says which files are not to be
    opened. Raises:
        SourceProblem: the address, the query, the limits, or what the database says.
    """
    sql, parts = checked_sql(sql), _split(address)
    stop_at = time.monotonic() + seconds
    open_ = _opener(parts, modules, is_hidden)
    try:
        with closing(open_(address, parts, seconds)) as connection:
            cursor = _cursor(connection)
            stop = _timer(connection, seconds)
            try:
                cursor.execute(sql)
                yield [str(column[0]) for column in cursor.description or ()]
                yield from _rows(cursor, most_rows, most_bytes, stop_at)
            finally:
                stop()
    except SourceProblem:
        raise
    except Exception as error:  # whatever any driver may raise becomes the sentence of its own
        if time.monotonic() >= stop_at:
            raise _too_slow(seconds) from error
        message = " ".join(str(error).split())
        for secret in (parts.password, parts.username):
            message = message.replace(unquote(secret), "…") if secret else message
        raise SourceProblem(f"The database at {shown(address)} says: {message[:300]}") from error


def _cursor(connection: Any) -> Any:
    """One that fetches as it goes: psycopg's usual one takes the whole answer into memory at once."""
    if isinstance(connection, psycopg.Connection):
        return connection.cursor(name="floe")
    return connection.cursor()


def _rows(cursor: Any, most_rows: int, most_bytes: int, stop_at: float) -> Iterator[list[str]]:
    if len(cursor.description or ()) > MOST_COLUMNS:
        raise SourceProblem(
            f"The query gives more than {MOST_COLUMNS:,} columns. Name those you need."
        )
    seen = size = 0
    while rows := cursor.fetchmany(AT_ONCE):
        seen += len(rows)
        if seen > most_rows:
            raise SourceProblem(
                f"The query gives more than {most_rows:,} rows. Add a WHERE, or compute sums for each arm."
            )
        if time.monotonic() > stop_at:
            raise _too_slow(0)
        for row in rows:
            texts = ["" if value is None else str(value) for value in row]
            size += sum(map(_bytes_of, texts)) + len(texts)
            if size > most_bytes:
                raise SourceProblem(
                    f"The answer has more than {most_bytes >> 20:,} MB. Name the columns you "
                    "need, add a WHERE, or compute sums for each arm."
                )
            yield texts


def _bytes_of(text: str) -> int:
    if len(text) > LONGEST_VALUE:
        raise SourceProblem(
            f"The answer has a value of {len(text):,} characters; {LONGEST_VALUE:,} are the most. Name "
            "the columns you need."
        )
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _too_slow(seconds: float) -> SourceProblem:
    limit = f"{seconds:g} seconds" if seconds else "its time"
    return SourceProblem(
        f"The query took longer than {limit}. Ask for fewer rows, or compute sums for each arm."
    )


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address.strip())
        parts.port  # noqa: B018  (raises if it is not a number)
    except ValueError as error:
        raise SourceProblem("This is not the address of a database.") from error
    if not parts.scheme:
        raise SourceProblem(
            "Write the address as postgresql://user:password@host/name, sqlite:////path, "
            "duckdb:////path or dbapi+module://user:password@host/name."
        )
    return parts


def _opener(
    parts: SplitResult, modules: Sequence[str], is_hidden: Callable[[Path], bool]
) -> Callable[[str, SplitResult, float], Any]:
    if parts.scheme in ("postgresql", "postgres"):
        return _open_postgresql
    if parts.scheme in ("sqlite", "duckdb"):
        path = Path(unquote(parts.path)).resolve()
        if is_hidden(path):
            raise SourceProblem("This file belongs to Floe itself. Choose another one.")
        if not path.is_file():
            raise SourceProblem(f"There is no file {path.name} at this place on the server.")
        return _open_sqlite if parts.scheme == "sqlite" else _open_duckdb
    kind, _, module = parts.scheme.partition("+")
    if kind == "dbapi" and module.replace("-", "_") in modules:
        return _open_any
    if kind == "dbapi":
        raise SourceProblem(
            f"The module “{module}” is not allowed. Name it in CONNECTOR_MODULES and install it."
        )
    raise SourceProblem(f"Floe does not know addresses that begin with {parts.scheme}://.")


def _open_postgresql(address: str, parts: SplitResult, seconds: float) -> Any:
    options = f"-c default_transaction_read_only=on -c statement_timeout={int(seconds * 1000)}"
    connection = psycopg.connect(address, connect_timeout=10, options=options)
    connection.read_only = True
    return connection


def _open_sqlite(address: str, parts: SplitResult, seconds: float) -> Any:
    path = Path(unquote(parts.path)).resolve()
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=ro", uri=True, timeout=5, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 16 * LONGEST_VALUE)
    return connection


def _open_duckdb(address: str, parts: SplitResult, seconds: float) -> Any:
    path = Path(unquote(parts.path)).resolve()
    limits: dict[str, Any] = {"threads": "1", "memory_limit": "512MB", "temp_directory": "", "autoinstall_known_extensions": "false",
                              "autoload_known_extensions": "false"}  # fmt: skip
    connection = duckdb.connect(str(path), read_only=True, config=limits)
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
    return connection


def _open_any(address: str, parts: SplitResult, seconds: float) -> Any:
    """PEP 249's `connect` with what the address says; a transaction that is never committed."""
    module = importlib.import_module(parts.scheme.partition("+")[2].replace("-", "_"))
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if parts.hostname:
        options["host"] = parts.hostname
    if parts.port:
        options["port"] = parts.port
    if parts.username:
        options["user"] = unquote(parts.username)
    if parts.password:
        options["password"] = unquote(parts.password)
    if name := unquote(parts.path.lstrip("/")):
        options["database"] = name
    return module.connect(**options)


def _timer(connection: Any, seconds: float) -> Callable[[], None]:
    """Interrupt the query when its time is up, where the driver can; the function calls it off."""
    interrupt = getattr(connection, "interrupt", None) or getattr(connection, "cancel", None)
    if interrupt is None:
        return lambda: None
    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    return timer.cancel
