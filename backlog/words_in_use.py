"""The different words that a column holds, read along its index: as many steps as there are words,
however many rows hold them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models.expressions import RawSQL


class Column(NamedTuple):
    """`name` is the caller's; `alike` is what the index holds of `text`, and `idea` leads to the idea.
    `condition` picks rows by the first part of the index. All of it is ours, and nothing typed."""

    name: str
    table: str
    text: str
    alike: str
    idea: str = "id"
    condition: str = "TRUE"


_STATEMENT = """
SELECT * FROM (
    WITH RECURSIVE word (alike) AS (
        SELECT * FROM (
            SELECT {alike} FROM {table} WHERE {condition} AND {alike} > '' ORDER BY {alike} LIMIT 1
        ) AS one
        UNION ALL
        SELECT (
            SELECT {alike} FROM {table} WHERE {condition} AND {alike} > word.alike
            ORDER BY {alike} LIMIT 1
        ) FROM word WHERE word.alike IS NOT NULL
    )
    SELECT CAST(%s AS text) AS name, spelling FROM (
        SELECT (
            SELECT row_.{text} FROM {table} row_
            WHERE {condition} AND {alike} = word.alike AND EXISTS ({visible}) LIMIT 1
        ) AS spelling FROM word
    ) AS one_of_each WHERE spelling IS NOT NULL LIMIT %s
) AS of_column
"""


def words_in_use(columns: Sequence[Column], ideas: Any, *, most: int) -> dict[str, list[str]]:
    """The first words of each column that `ideas` (a query) have, in order and whatever their
    capitals, by the names of the columns."""
    words: dict[str, list[str]] = {column.name: [] for column in columns}
    parts, values = [], []
    for column in columns:
        same = RawSQL(f"row_.{column.idea}", ())  # noqa: S611  (ours)
        try:
            visible, arguments = (
                ideas.order_by().filter(pk=same).values("pk").query.sql_with_params()
            )
        except EmptyResultSet:  # somebody in no pod sees no idea
            return words
        parts.append(_STATEMENT.format(**column._asdict(), visible=visible))
        values += [column.name, *arguments, most]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            for name, spelling in cursor.fetchall():
                words[name].append(spelling)
    return words
