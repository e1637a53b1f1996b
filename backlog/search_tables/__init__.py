"""The tables behind search, and the triggers that keep them right whoever writes an idea.

`backlog_ideatext` holds the words of an idea, `backlog_ideagram` the trigrams of what it proposes;
both go by the idea's id. They are not models because FTS5 does not allow that, and PostgreSQL gets
the same two tables. A migration makes them. The triggers are dropped before other migrations and
created again after them, because SQLite rebuilds a table to change it and then loses its triggers.

The words of an idea are written once however many tags it is given: PostgreSQL's trigger runs once
a statement, and on SQLite, which knows no such trigger, a flow holds its ideas (`held`) meanwhile.

Ideas of an import are not taken in one by one, nor out when it is undone: its flow does that, at
once or a few at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as default_connection
from django.db import connections, transaction

from backlog.search_tables import postgresql, sqlite
from backlog.search_tables.words import NAMES


def triggers_of(vendor: str) -> dict[str, str]:
    """Trigger → when it runs and what it does, for `CREATE TRIGGER name …`."""
    return sqlite.triggers() if vendor == "sqlite" else postgresql.triggers()


def create_tables(connection: Any) -> None:
    with connection.cursor() as cursor:
        for statement in (sqlite if connection.vendor == "sqlite" else postgresql).TABLES:
            cursor.execute(statement)


def drop_tables(connection: Any) -> None:
    remove_triggers(connection)
    with connection.cursor() as cursor:
        for name in NAMES:
            cursor.execute(f"DROP TABLE {name}")
        cursor.execute("DROP TABLE IF EXISTS backlog_ideaheld")
        if connection.vendor == "postgresql":
            for function in (
                "idea_written()",
                "index_ideas(bigint[])",
                "grams(text)",
                "folded(text)",
            ):
                cursor.execute(f"DROP FUNCTION IF EXISTS backlog_{function}")


def remove_triggers(connection: Any) -> None:
    with connection.cursor() as cursor:
        for name, what in triggers_of(connection.vendor).items():
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            else:
                table = what.partition(" ON ")[2].split()[0]
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")


def install_triggers(connection: Any) -> None:
    """Create the triggers again, and bring the index up to date."""
    remove_triggers(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for function in postgresql.FUNCTIONS:
                cursor.execute(function)
        else:
            cursor.execute(sqlite.HELD)
        for name, what in triggers_of(connection.vendor).items():
            cursor.execute(f"CREATE TRIGGER {name} {what}")
        for name in NAMES:
            cursor.execute(f"DELETE FROM {name}")
    index_ideas(connection, "1 = 1")


@contextmanager
def held(*ideas: int) -> Iterator[None]:
    """While these ideas and their tags change search leaves them alone; at the end each is written once.

    Within another hold they wait for the end of the outer one. A transaction takes the hold along
    when it fails. PostgreSQL's triggers run once a statement, so nothing is held there.
    """
    is_sqlite = default_connection.vendor == "sqlite"
    with transaction.atomic(), default_connection.cursor() as cursor:
        is_outer = is_sqlite and sqlite.hold(cursor, ideas)
        yield
        if is_outer:
            cursor.execute(sqlite.RELEASE)


def index_ideas(connection: Any, condition: str, parameters: tuple[Any, ...] = ()) -> None:
    """Put the ideas for which `condition` holds (SQL about the row `i`) into both tables.

    Existing ones may be skipped, because the triggers keep them right.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for statement in sqlite.fill(condition):
                cursor.execute(statement, parameters)
        else:
            ideas = f"SELECT array_agg(i.id) FROM backlog_idea AS i WHERE {condition}"
            cursor.execute(f"SELECT backlog_index_ideas(({ideas}))", parameters)


def forget_ideas(connection: Any, first: int, last: int) -> None:
    """Remove the rows of deleted ideas, among these ids, from both tables."""
    key = "rowid" if connection.vendor == "sqlite" else "id"
    with connection.cursor() as cursor:
        for name in NAMES:
            cursor.execute(
                f"DELETE FROM {name} WHERE {key} BETWEEN %s AND %s "
                "AND NOT EXISTS (SELECT 1 FROM backlog_idea AS i WHERE i.id = "
                f"{name}.{key})",
                (first, last),
            )


def are_there(connection: Any) -> bool:
    """Whether the tables are made; before their migration there is nothing to keep right."""
    with connection.cursor() as cursor:
        return set(NAMES) <= set(connection.introspection.table_names(cursor))


def _is_about_ideas(plan: Any) -> bool:
    return any(migration.app_label == "backlog" for migration, _ in plan)


def before_migrations(plan: Any = (), using: str = "default", **_: Any) -> None:
    """For Django's signal: no trigger stands in the way of a table that is rebuilt."""
    if connections[using].vendor == "sqlite" and _is_about_ideas(plan):
        remove_triggers(connections[using])


def after_migrations(plan: Any = (), using: str = "default", **_: Any) -> None:
    """For Django's signal: the triggers come back, and make up for what was written meanwhile."""
    if _is_about_ideas(plan) and are_there(connections[using]):
        install_triggers(connections[using])
