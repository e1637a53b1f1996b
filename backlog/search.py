"""Full-text search over ideas: what was typed as words, and one condition for both engines.

Every word is a prefix, letters count without their accents, signs only divide words. SQLite asks
an FTS5 table, PostgreSQL a tsvector; both are kept right by triggers (`search_tables`). Words that
stand everywhere would cost as much as there are ideas, so a page asks for the newest that fit.
"""

import unicodedata
from collections.abc import Collection
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    Q,
    Value,
    When,
)
from django.db.models.expressions import Combinable

from backlog.similarity import folded

# Of a word that stands everywhere a page looks at so many of the newest ideas that have it …
ENOUGH = 1000
# … and PostgreSQL, which can't read its index newest first, at those among the newest RECENT, once
# there are COMMON of them: then the word is in too many ideas to collect them all.
RECENT, COMMON = 4000, 200
MOST_WORDS, LONGEST_WORD, LONGEST_QUERY = 8, 40, 400


def words_in(text: str) -> list[str]:
    """The words of a text, in order. Signs, emoji and NULs divide words and are not words.

    What counts as a letter is what counted in Unicode 3.2: FTS5 knows no younger letters, and a
    word that it takes for two is an error there.

    >>> words_in('LIF-121 "win* AND 😀 caf\u00e9')
    ['lif', '121', 'win', 'and', 'cafe']
    """
    category = unicodedata.ucd_3_2_0.category
    spaced = "".join(sign if category(sign)[0] in "LN" else " " for sign in folded(text))
    return [word[:LONGEST_WORD] for word in spaced.split()]


def as_column(*texts: str) -> str:
    """The words of these texts for a column that is searched: each once, with a space before it.

    >>> as_column("Café, cafe", "LIF-121")
    ' cafe lif 121'
    """
    return "".join(f" {word}" for word in dict.fromkeys(words_in(" ".join(texts))))


def words_of(typed: str) -> list[str]:
    """The words to look for in what somebody typed: the first few of them."""
    return words_in(typed[:LONGEST_QUERY])[:MOST_WORDS]


class HasWords(Func):
    """Whether the idea with this id has every one of `words`, each as the start of a word.

    `pods` narrows by the index itself, which is what keeps the newest `most` the newest of one's
    own pods; it does not replace permissions. Without `most` all that fit are found, however many.
    """

    output_field = BooleanField()

    def __init__(
        self, words: Collection[str], *, pods: Collection[int] | None, most: int | None
    ) -> None:
        super().__init__(F("pk"))
        self.words, self.pods, self.most = list(words), pods, most

    @property
    def identity(self) -> Any:
        pods = tuple(self.pods) if self.pods is not None else None
        return (type(self), tuple(self.words), pods, self.most)

    def as_sqlite(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        idea, _ = compiler.compile(self.source_expressions[0])
        expression = " AND ".join(f'"{word}" *' for word in self.words)
        match = f"{{title hypothesis words tags}} : ({expression})"
        if self.pods is not None:
            pods = " OR ".join(f'"pod{pk}"' for pk in self.pods)
            match += f" AND pod : ({pods or 'none'})"
        rows = "SELECT rowid FROM backlog_ideatext WHERE backlog_ideatext MATCH %s"
        if self.most is None:
            return f"{idea} IN ({rows})", (match,)
        return f"{idea} IN ({rows} ORDER BY rowid DESC LIMIT %s)", (match, self.most)

    def as_postgresql(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, list[Any]]:
        idea, _ = compiler.compile(self.source_expressions[0])
        expression = " & ".join(f"'{word}':*" for word in self.words)
        if self.pods is not None:
            pods = " | ".join(f"'#{pk}'" for pk in self.pods)
            expression += f""" & ({pods or "'#0'"})"""
        if self.most is None:
            rows = "SELECT id FROM backlog_ideatext WHERE document @@ %s::tsquery"
            return f"{idea} IN ({rows})", [expression]
        return f"{idea} = ANY(ARRAY({_NEWEST}))", [
            RECENT, expression, self.most, COMMON, expression, self.most,
        ]  # fmt: skip


class HasTrigrams(Func):
    """Whether the idea with this id has all trigrams of any of these sets in its title or change."""

    output_field = BooleanField()

    def __init__(self, sets: Collection[Collection[str]], *, most: int) -> None:
        super().__init__(F("pk"))
        self.sets, self.most = [tuple(grams) for grams in sets], most

    @property
    def identity(self) -> Any:
        return (type(self), tuple(self.sets), self.most)

    def as_sqlite(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        idea, _ = compiler.compile(self.source_expressions[0])
        quoted = [[gram.replace('"', '""') for gram in grams] for grams in self.sets]
        sets = (" AND ".join(f'"{gram}"' for gram in grams) for grams in quoted)
        expression = " OR ".join(f"({grams})" for grams in sets)
        rows = "SELECT rowid FROM backlog_ideagram WHERE backlog_ideagram MATCH %s"
        return f"{idea} IN ({rows} ORDER BY rowid DESC LIMIT %s)", (expression, self.most)

    def as_postgresql(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, list[Any]]:
        idea, _ = compiler.compile(self.source_expressions[0])
        condition = " OR ".join(["grams @> %s::text[]"] * len(self.sets))
        rows = f"SELECT id FROM backlog_ideagram WHERE {condition} LIMIT %s"  # noqa: S608
        return f"{idea} = ANY(ARRAY({rows}))", [*map(list, self.sets), self.most]


# `id + 0` keeps the planner from walking all ideas in search of a rare word.
_NEWEST = """
    WITH recent AS MATERIALIZED (
        SELECT id FROM (
            SELECT id, document FROM backlog_ideatext ORDER BY id DESC LIMIT %s
        ) AS newest WHERE document @@ %s::tsquery
    )
    (SELECT id FROM recent LIMIT %s)
    UNION ALL
    (SELECT id FROM backlog_ideatext
     WHERE (SELECT count(*) FROM recent) < %s AND document @@ %s::tsquery
     ORDER BY id + 0 DESC LIMIT %s)
"""


def closeness(words: Collection[str], typed: str) -> Combinable:
    """How well an idea fits, small is better: by its key, by its title, by what else it says.

    Among those that fit alike the better ICE stands first; it is below 1,001, and −1 while blind.
    """
    in_title = Q(pk__isnull=False)
    for word in words:
        in_title &= Q(title__istartswith=word) | Q(title__icontains=f" {word}")
    tier = Case(
        When(key__iexact=typed.strip().replace("\0", ""), then=Value(0.0)),
        When(in_title, then=Value(2000.0)),
        default=Value(4000.0),
        output_field=FloatField(),
    )
    return ExpressionWrapper(tier - F("ice_order"), output_field=FloatField())
