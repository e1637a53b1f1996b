"""Many rows of a model at once, as plain rows: 100,000 in a second or two where bulk_create takes ten.

The columns and their defaults come from the model, so a new field is written like the others.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction

from backlog.flows.gc_pause import no_collecting

MANY = 5_000  # rows; fewer are written before the indexes would be made
CACHE_KB = 100_000


def insert_rows(model: type[models.Model], rows: Iterable[Mapping[str, Any]], **alike: Any) -> None:
    """Insert `rows` (attribute → plain value), each with the values that are `alike` in all.

    The rest are the model's defaults; no signals, no ids back.
    """
    fields = [f for f in model._meta.concrete_fields if not (f.primary_key or f.generated)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    table = f'"{model._meta.db_table}"'
    values = _values(fields, rows, alike)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            copying = f"COPY {table} ({columns}) FROM STDIN"
            with connection.wrap_database_errors, cursor.copy(copying) as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608
            cursor.executemany(statement, values)  # type: ignore[arg-type]


def _values(
    fields: list["models.Field[Any, Any]"],
    rows: Iterable[Mapping[str, Any]],
    alike: Mapping[str, Any],
) -> Iterator[list[Any]]:
    """Each row as the list of its columns."""
    place = {field.attname: at for at, field in enumerate(fields)}
    every = [_saved(field, alike.get(field.attname, _default(field))) for field in fields]
    for row in rows:
        values = every.copy()
        for name, value in row.items():
            values[place[name]] = value
        yield values


def _default(field: "models.Field[Any, Any]") -> Any:
    value = field.get_default()
    return field.pre_save(field.model(), add=True) if value is None and not field.null else value


def _saved(field: "models.Field[Any, Any]", value: Any) -> Any:
    return field.get_db_prep_save(value, connection)


@contextmanager
def in_bulk(*tables: str, rows: int) -> Iterator[None]:
    """One transaction around the change of so many rows of these tables.

    SQLite keeps twenty indexes of ideas in order row by row, which is most of the work. If most of
    a table changes, they are dropped and built again at the end of the transaction. Nobody sees the
    table without them, and if the step fails they were never gone. On PostgreSQL this would block
    readers, so there they stay.
    """
    if connection.vendor != "sqlite" or rows < MANY:
        with transaction.atomic():
            yield
        return
    with _room_to_sort(), transaction.atomic(), _indexes_made_anew(tables, rows):
        yield


@contextmanager
def _room_to_sort() -> Iterator[None]:
    """Give the database more memory, and pause garbage collection, as all rows are kept to the
    end."""
    with connection.cursor() as cursor, no_collecting():
        usual = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {usual}")


@contextmanager
def _indexes_made_anew(tables: Iterable[str], rows: int) -> Iterator[None]:
    made: list[str] = []
    with connection.cursor() as cursor:
        for table in tables:
            last = cursor.execute(f'SELECT max(rowid) FROM "{table}"').fetchone()[0] or 0  # noqa: S608
            if last > 2 * rows:
                continue
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s "
                "AND sql IS NOT NULL",
                [table],
            )
            for name, statement in cursor.fetchall():
                cursor.execute(f'DROP INDEX "{name}"')
                made.append(statement)
        yield
        for statement in made:
            cursor.execute(statement)
