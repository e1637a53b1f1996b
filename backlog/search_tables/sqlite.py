"""Search in SQLite: two FTS5 tables, filled by triggers."""

from collections.abc import Collection
from typing import Any

from backlog.search_tables.words import NAMES, SAID, WATCHED, WORDS, joined, proposal

TABLES = (
    # A prefix of one of these lengths is read as it stands; any other is put together from all words
    # that begin so, which takes 5 ms a word where 100,000 ideas have it.
    "CREATE VIRTUAL TABLE backlog_ideatext USING fts5(pod, title, hypothesis, words, tags, "
    "prefix='1 2 3 4 5 6', detail=column, tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE backlog_ideagram USING fts5(said, detail=none, tokenize='trigram')",
)
HELD = "CREATE TABLE IF NOT EXISTS backlog_ideaheld (id integer PRIMARY KEY)"
# FTS5 writes a segment whenever a row comes that does not follow the one before. Held
# ideas are released in the order of their ids, so that many of them make one segment, not one each.
RELEASE = "DELETE FROM backlog_ideaheld"

_UNDONE = "id = OLD.came_by_id AND state = 'undone'"


def _tags(idea: str) -> str:
    return (
        "(SELECT group_concat(t.name, ' ') FROM backlog_idea_tags AS m "
        f"JOIN backlog_tag AS t ON t.id = m.tag_id WHERE m.idea_id = {idea})"
    )


def _values(row: str) -> dict[str, str]:
    return {
        "pod": f"'pod' || {row}.pod_id",
        "title": joined(("key", "title"), row),
        "hypothesis": joined(SAID, row),
        "words": joined(WORDS, row),
        "tags": _tags(f"{row}.id"),
    }


def hold(cursor: Any, ideas: Collection[int]) -> bool:
    """Hold these ideas; whether nobody in this transaction held any before."""
    is_first = cursor.execute("SELECT 1 FROM backlog_ideaheld LIMIT 1").fetchone() is None
    cursor.executemany(
        "INSERT OR IGNORE INTO backlog_ideaheld (id) VALUES (%s)", [(idea,) for idea in ideas]
    )
    return is_first


def triggers() -> dict[str, str]:
    new = _values("NEW")
    text = f"INSERT INTO backlog_ideatext (rowid, {', '.join(new)})"
    added = (
        f"{text} VALUES (NEW.id, {', '.join(new.values())}); "
        f"INSERT INTO backlog_ideagram (rowid, said) VALUES (NEW.id, {proposal('NEW')});"
    )
    again = ", ".join(f"{name} = {value}" for name, value in new.items())
    changed = (
        f"UPDATE backlog_ideatext SET {again} WHERE rowid = NEW.id; "
        f"UPDATE backlog_ideagram SET said = {proposal('NEW')} WHERE rowid = NEW.id;"
    )
    released = (
        f"UPDATE backlog_ideatext SET ({', '.join(new)}) = "
        f"(SELECT {', '.join(_values('i').values())} FROM backlog_idea AS i WHERE i.id = OLD.id) "
        "WHERE rowid = OLD.id; "
        f"UPDATE backlog_ideagram SET said = "
        f"(SELECT {proposal('i')} FROM backlog_idea AS i WHERE i.id = OLD.id) WHERE rowid = OLD.id;"
    )
    gone = " ".join(f"DELETE FROM {name} WHERE rowid = OLD.id;" for name in NAMES)
    tags = "UPDATE backlog_ideatext SET tags = {} WHERE rowid {};"
    is_free = "NOT EXISTS (SELECT 1 FROM backlog_ideaheld WHERE id = {})"
    of_new = tags.format(_tags("NEW.idea_id"), "= NEW.idea_id")
    of_old = tags.format(_tags("OLD.idea_id"), "= OLD.idea_id")
    renamed = tags.format(
        _tags("backlog_ideatext.rowid"),
        "IN (SELECT idea_id FROM backlog_idea_tags WHERE tag_id = NEW.id)",
    )
    columns = ", ".join(f'"{name}"' for name in WATCHED)
    return {
        "ideatext_added": "AFTER INSERT ON backlog_idea WHEN NEW.came_by_id IS NULL "
        f"BEGIN {added} END",
        "ideatext_changed": f"AFTER UPDATE OF {columns} ON backlog_idea "
        f"WHEN {is_free.format('NEW.id')} BEGIN {changed} END",
        "ideatext_removed": "AFTER DELETE ON backlog_idea WHEN NOT EXISTS ("
        f"SELECT 1 FROM backlog_import WHERE {_UNDONE}) BEGIN {gone} END",
        "ideatext_tagged": "AFTER INSERT ON backlog_idea_tags "
        f"WHEN {is_free.format('NEW.idea_id')} BEGIN {of_new} END",
        "ideatext_untagged": f"AFTER DELETE ON backlog_idea_tags WHEN {is_free.format('OLD.idea_id')} "
        f"AND EXISTS (SELECT 1 FROM backlog_idea WHERE id = OLD.idea_id) BEGIN {of_old} END",
        "ideatext_released": f"AFTER DELETE ON backlog_ideaheld BEGIN {released} END",
        "ideatext_renamed": f"AFTER UPDATE OF name ON backlog_tag BEGIN {renamed} END",
    }


def fill(condition: str) -> list[str]:
    values = _values("i")
    return [
        f"INSERT INTO backlog_ideatext (rowid, {', '.join(values)}) "
        f"SELECT i.id, {', '.join(values.values())} FROM backlog_idea AS i WHERE {condition} "
        "AND NOT EXISTS (SELECT 1 FROM backlog_ideatext AS x WHERE x.rowid = i.id)",
        f"INSERT INTO backlog_ideagram (rowid, said) SELECT i.id, {proposal('i')} "
        f"FROM backlog_idea AS i WHERE {condition} "
        "AND NOT EXISTS (SELECT 1 FROM backlog_ideagram AS x WHERE x.rowid = i.id)",
    ]
