"""The tables behind search, and the triggers that keep them right whoever writes an idea.

`backlog_ideatext` holds the words of an idea, `backlog_ideagram` the trigrams of what it proposes;
both go by the idea's id. They are no models: FTS5 has no other way, and PostgreSQL gets the same
two tables. A migration makes them. The triggers go before other migrations run and come back after
them, because SQLite rebuilds a table to change it and the triggers of the old one are gone then.

The words of an idea are written once however many tags it is given: PostgreSQL's trigger runs once
a statement, and on SQLite, which knows no such trigger, a flow holds the idea (`held`) meanwhile.

Ideas of an import are not taken in one by one, nor out when it is undone: its flow does that, at
once or a few at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as default_connection
from django.db import connections, transaction

_SAID = ("observation", "change", "audience", "outcome", "expected_effect")
_WORDS = ("description", "lever", "channel")
_WATCHED = ("pod_id", "key", "title", *_SAID, *_WORDS)
GRAMS = 600  # letters of an idea whose trigrams are kept

SQLITE_TABLES = (
    # A prefix of one of these lengths is read as it stands; any other is put together from all words
    # that begin so, which takes 5 ms a word where 100,000 ideas have it.
    "CREATE VIRTUAL TABLE backlog_ideatext USING fts5(pod, title, hypothesis, words, tags, "
    "prefix='1 2 3 4 5 6', detail=column, tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE backlog_ideagram USING fts5(said, detail=none, tokenize='trigram')",
)
POSTGRESQL_TABLES = (
    "CREATE TABLE backlog_ideatext (id bigint PRIMARY KEY, document tsvector NOT NULL)",
    "CREATE INDEX backlog_ideatext_document ON backlog_ideatext USING gin (document) "
    "WITH (fastupdate = off)",
    "CREATE TABLE backlog_ideagram (id bigint PRIMARY KEY, grams text[] NOT NULL)",
    "CREATE INDEX backlog_ideagram_grams ON backlog_ideagram USING gin (grams) "
    "WITH (fastupdate = off)",
)
TABLES = {"sqlite": SQLITE_TABLES, "postgresql": POSTGRESQL_TABLES}
NAMES = ("backlog_ideatext", "backlog_ideagram")
HELD = "CREATE TABLE IF NOT EXISTS backlog_ideaheld (id integer PRIMARY KEY)"


_UNDONE = "id = OLD.came_by_id AND state = 'undone'"


def _joined(names: tuple[str, ...], row: str) -> str:
    return " || ' ' || ".join(f'{row}."{name}"' for name in names)


def _sqlite_tags(idea: str) -> str:
    return (
        "(SELECT group_concat(t.name, ' ') FROM backlog_idea_tags AS m "
        f"JOIN backlog_tag AS t ON t.id = m.tag_id WHERE m.idea_id = {idea})"
    )


def _sqlite_values(row: str) -> dict[str, str]:
    return {
        "pod": f"'pod' || {row}.pod_id",
        "title": _joined(("key", "title"), row),
        "hypothesis": _joined(_SAID, row),
        "words": _joined(_WORDS, row),
        "tags": _sqlite_tags(f"{row}.id"),
    }


def _said(row: str) -> str:
    return f"substr({_joined(('title', 'change'), row)}, 1, {GRAMS})"


def _sqlite_triggers() -> dict[str, str]:
    new = _sqlite_values("NEW")
    text = f"INSERT INTO backlog_ideatext (rowid, {', '.join(new)})"
    added = (
        f"{text} VALUES (NEW.id, {', '.join(new.values())}); "
        f"INSERT INTO backlog_ideagram (rowid, said) VALUES (NEW.id, {_said('NEW')});"
    )
    again = ", ".join(f"{name} = {value}" for name, value in new.items())
    changed = (
        f"UPDATE backlog_ideatext SET {again} WHERE rowid = NEW.id; "
        f"UPDATE backlog_ideagram SET said = {_said('NEW')} WHERE rowid = NEW.id;"
    )
    gone = " ".join(f"DELETE FROM {name} WHERE rowid = OLD.id;" for name in NAMES)
    tags = "UPDATE backlog_ideatext SET tags = {} WHERE rowid {};"
    is_free = "NOT EXISTS (SELECT 1 FROM backlog_ideaheld WHERE id = {}.idea_id)"
    of_new = tags.format(_sqlite_tags("NEW.idea_id"), "= NEW.idea_id")
    of_old = tags.format(_sqlite_tags("OLD.idea_id"), "= OLD.idea_id")
    renamed = tags.format(
        _sqlite_tags("backlog_ideatext.rowid"),
        "IN (SELECT idea_id FROM backlog_idea_tags WHERE tag_id = NEW.id)",
    )
    columns = ", ".join(f'"{name}"' for name in _WATCHED)
    return {
        "ideatext_added": "AFTER INSERT ON backlog_idea WHEN NEW.came_by_id IS NULL "
        f"BEGIN {added} END",
        "ideatext_changed": f"AFTER UPDATE OF {columns} ON backlog_idea BEGIN {changed} END",
        "ideatext_removed": "AFTER DELETE ON backlog_idea WHEN NOT EXISTS ("
        f"SELECT 1 FROM backlog_import WHERE {_UNDONE}) BEGIN {gone} END",
        "ideatext_tagged": "AFTER INSERT ON backlog_idea_tags "
        f"WHEN {is_free.format('NEW')} BEGIN {of_new} END",
        "ideatext_untagged": f"AFTER DELETE ON backlog_idea_tags WHEN {is_free.format('OLD')} "
        f"AND EXISTS (SELECT 1 FROM backlog_idea WHERE id = OLD.idea_id) BEGIN {of_old} END",
        "ideatext_released": "AFTER DELETE ON backlog_ideaheld "
        f"BEGIN {tags.format(_sqlite_tags('OLD.id'), '= OLD.id')} END",
        "ideatext_renamed": f"AFTER UPDATE OF name ON backlog_tag BEGIN {renamed} END",
    }


def _sqlite_fill(condition: str) -> list[str]:
    values = _sqlite_values("i")
    return [
        f"INSERT INTO backlog_ideatext (rowid, {', '.join(values)}) "
        f"SELECT i.id, {', '.join(values.values())} FROM backlog_idea AS i WHERE {condition} "
        "AND NOT EXISTS (SELECT 1 FROM backlog_ideatext AS x WHERE x.rowid = i.id)",
        f"INSERT INTO backlog_ideagram (rowid, said) SELECT i.id, {_said('i')} "
        f"FROM backlog_idea AS i WHERE {condition} "
        "AND NOT EXISTS (SELECT 1 FROM backlog_ideagram AS x WHERE x.rowid = i.id)",
    ]


# Signs become spaces, so that PostgreSQL's own parser, which reads "LIF-121" as "lif" and minus 121,
# meets words alone; accents go as `folded` in search.py takes them away.
_SIGNS = r"""-_./,;:!?"''()[]{}<>|\@#$%^&*+=~`’‘“”„«»–—…·•/"""
POSTGRESQL_FUNCTIONS = (
    rf"""
    CREATE OR REPLACE FUNCTION backlog_folded(said text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
        SELECT translate(lower(normalize(regexp_replace(
            normalize(said, NFKD), '[\u0300-\u036F]', '', 'g'), NFC)),
            '{_SIGNS}', repeat(' ', 100))
    $body$
    """,
    """
    CREATE OR REPLACE FUNCTION backlog_grams(said text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
        SELECT coalesce(array_agg(DISTINCT substr(said, place, 3)), '{}')
        FROM generate_series(1, length(said) - 2) AS place
    $body$
    """,
    f"""
    CREATE OR REPLACE FUNCTION backlog_index_ideas(ids bigint[]) RETURNS void
    LANGUAGE sql AS $body$
        INSERT INTO backlog_ideatext (id, document)
        SELECT i.id, to_tsvector('simple', backlog_folded({_joined(("key", "title"), "i")}
            || ' ' || {_joined(_SAID, "i")} || ' ' || {_joined(_WORDS, "i")} || ' ' || coalesce((
                SELECT string_agg(t.name, ' ') FROM backlog_idea_tags AS m
                JOIN backlog_tag AS t ON t.id = m.tag_id WHERE m.idea_id = i.id), '')))
            || array_to_tsvector(ARRAY['#' || i.pod_id])
        FROM backlog_idea AS i WHERE i.id = ANY(ids)
        ON CONFLICT (id) DO UPDATE SET document = EXCLUDED.document;
        INSERT INTO backlog_ideagram (id, grams)
        SELECT i.id, backlog_grams(lower({_said("i")}))
        FROM backlog_idea AS i WHERE i.id = ANY(ids)
        ON CONFLICT (id) DO UPDATE SET grams = EXCLUDED.grams;
    $body$
    """,
    """
    CREATE OR REPLACE FUNCTION backlog_idea_written() RETURNS trigger LANGUAGE plpgsql AS $body$
    DECLARE tagged bigint[];
    BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            DELETE FROM backlog_ideatext; DELETE FROM backlog_ideagram;
        ELSIF TG_TABLE_NAME = 'backlog_tag' THEN
            PERFORM backlog_index_ideas(
                (SELECT array_agg(idea_id) FROM backlog_idea_tags WHERE tag_id = NEW.id));
        ELSIF TG_TABLE_NAME = 'backlog_idea_tags' THEN
            SELECT array_agg(i.id) INTO tagged FROM backlog_idea AS i JOIN backlog_ideatext AS x USING (id)
            WHERE i.id IN (SELECT idea_id FROM touched);
            IF tagged IS NOT NULL THEN
                PERFORM backlog_index_ideas(tagged);
            END IF;
        ELSIF TG_OP = 'DELETE' THEN
            IF NOT EXISTS (
                SELECT 1 FROM backlog_import WHERE id = OLD.came_by_id AND state = 'undone'
            ) THEN
                DELETE FROM backlog_ideatext WHERE id = OLD.id;
                DELETE FROM backlog_ideagram WHERE id = OLD.id;
            END IF;
        ELSE
            PERFORM backlog_index_ideas(ARRAY[NEW.id]);
        END IF;
        RETURN NULL;
    END $body$
    """,
)


def _postgresql_triggers() -> dict[str, str]:
    run = "EXECUTE FUNCTION backlog_idea_written()"
    columns = ", ".join(f'"{name}"' for name in _WATCHED)
    return {
        "ideatext_added": "AFTER INSERT ON backlog_idea FOR EACH ROW "
        f"WHEN (NEW.came_by_id IS NULL) {run}",
        "ideatext_changed": f"AFTER UPDATE OF {columns} ON backlog_idea FOR EACH ROW {run}",
        "ideatext_removed": f"AFTER DELETE ON backlog_idea FOR EACH ROW {run}",
        "ideatext_emptied": f"AFTER TRUNCATE ON backlog_idea FOR EACH STATEMENT {run}",
        "ideatext_tagged": "AFTER INSERT ON backlog_idea_tags "
        f"REFERENCING NEW TABLE AS touched FOR EACH STATEMENT {run}",
        "ideatext_untagged": "AFTER DELETE ON backlog_idea_tags "
        f"REFERENCING OLD TABLE AS touched FOR EACH STATEMENT {run}",
        "ideatext_renamed": f"AFTER UPDATE OF name ON backlog_tag FOR EACH ROW {run}",
    }


def triggers_of(vendor: str) -> dict[str, str]:
    """Trigger → when it runs and what it does, for `CREATE TRIGGER name …`."""
    return _sqlite_triggers() if vendor == "sqlite" else _postgresql_triggers()


def create_tables(connection: Any) -> None:
    with connection.cursor() as cursor:
        for statement in TABLES[connection.vendor]:
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
    """Make the triggers anew, and the index as if they had been there all the time."""
    remove_triggers(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for function in POSTGRESQL_FUNCTIONS:
                cursor.execute(function)
        else:
            cursor.execute(HELD)
        for name, what in triggers_of(connection.vendor).items():
            cursor.execute(f"CREATE TRIGGER {name} {what}")
        for name in NAMES:
            cursor.execute(f"DELETE FROM {name}")
    index_ideas(connection, "1 = 1")


@contextmanager
def held(idea: int) -> Iterator[None]:
    """While its tags change the index leaves this idea alone; at the end its words are written once.

    A transaction takes the hold along when it fails.
    """
    is_sqlite = default_connection.vendor == "sqlite"
    with transaction.atomic(), default_connection.cursor() as cursor:
        if is_sqlite:
            cursor.execute("INSERT OR IGNORE INTO backlog_ideaheld (id) VALUES (%s)", [idea])
        yield
        if is_sqlite:
            cursor.execute("DELETE FROM backlog_ideaheld WHERE id = %s", [idea])


def index_ideas(connection: Any, condition: str, parameters: tuple[Any, ...] = ()) -> None:
    """Put the ideas for which `condition` holds (SQL about the row `i`) into both tables.

    Those that are there already may be passed over: the triggers keep them right.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for statement in _sqlite_fill(condition):
                cursor.execute(statement, parameters)
        else:
            ideas = f"SELECT array_agg(i.id) FROM backlog_idea AS i WHERE {condition}"
            cursor.execute(f"SELECT backlog_index_ideas(({ideas}))", parameters)


def forget_ideas(connection: Any, first: int, last: int) -> None:
    """Take out of both tables what belongs to no idea any more, among these ids."""
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
