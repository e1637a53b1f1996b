"""Pages of ideas by key, never by count."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OrderBy, OuterRef

from backlog.models import Idea, ListedIdea
from backlog.orders import (
    Column,
    Ideas,
    behind,
    order_of,
    read_key,
    with_columns,
    write_key,
)

Found = tuple[ListedIdea, dict[str, Any]]
"""A row, and the values of the order that it does not show."""
PAGE = 50
MOST = 500
"""Rows that one answer holds at most, when a list that was scrolled is opened again."""
RELATED = ("pod__name", "objective__title", "owner__name")
GROUPS_AT_ONCE = 6


@dataclass(frozen=True)
class Page:
    """Some ideas, and the key to go on with: "" where there are no more."""

    ideas: list[ListedIdea]
    after: str


def page_of(
    ideas: Ideas, *, sort: str, after: str, group: str = "", rows: int = PAGE, typed: str = ""
) -> Page:
    """The ideas behind the key `after`, in the order `sort`; a key that makes no sense is the start.

    Each page starts where the last row stood (its values and its id), so nothing is counted,
    nothing is skipped by offset, and rows that come in meanwhile shift nothing. `typed` is what
    the best match is the best of.
    """
    order = order_of(sort, group)
    start = read_key(order, after)
    found: list[Found] = []
    for which, columns in order.parts():
        if start and (start[0] is None) != (len(columns) < len(order.columns)):
            continue
        some, first = with_columns(ideas.filter(which), columns, typed), None
        if start:
            first, start = start[-len(columns) :], None
            some = some.filter(*behind(columns, first))
        found += _fetch(some, columns, rows + 1 - len(found), typed, first)
        if len(found) > rows:
            break
    more = len(found) > rows
    after = write_key(order, *found[rows - 1]) if more else ""
    return Page([idea for idea, _ in found[:rows]], after)


def _fetch(
    ideas: Ideas, columns: tuple[Column, ...], most: int, typed: str, first: list[Any] | None
) -> list[Found]:
    """What is sorted is keys alone; the rows of the page, wide as they are, are fetched by their ids."""
    by = _by(columns)
    keys: Any = None
    if connection.vendor == "postgresql" and columns[0].path in RELATED:
        keys = _keys_by_group(ideas, columns, most, first)
    if keys is None:
        keys = ideas.order_by(*by).values("pk")[:most]
    shown = with_columns(Idea.objects.all(), columns, typed).filter(pk__in=keys).order_by(*by)
    paths = (one.path for one in columns)
    further = [path for path in paths if path not in ListedIdea._fields]
    found: list[Found] = shown[:most].listed(*further)  # type: ignore[attr-defined]
    return found


def _by(columns: Iterable[Column]) -> list[OrderBy]:
    return [OrderBy(F(one.path), descending=one.is_falling) for one in columns]


def _keys_by_group(
    ideas: Ideas, columns: tuple[Column, ...], most: int, first: list[Any] | None
) -> list[int] | None:
    """Ids enough for the page, of the first groups, each read from its own index.

    PostgreSQL would sort all ideas where a name of another table leads; SQLite walks one index
    inside the other by itself. None where these groups hold too few and there are more.
    """
    relation, _, name = columns[0].path.partition("__")
    groups = Idea._meta.get_field(relation).related_model._default_manager.filter(  # type: ignore[union-attr]
        Exists(Idea.objects.filter(**{relation: OuterRef("pk")}))
    )
    if first is not None:
        groups = groups.filter(**{f"{name}__{'lte' if columns[0].is_falling else 'gte'}": first[0]})
    sign = "-" if columns[0].is_falling else ""
    near = list(groups.order_by(f"{sign}{name}", f"{sign}pk").values_list("pk", flat=True)[
        : GROUPS_AT_ONCE + 1
    ])  # fmt: skip
    within = _by(one for one in columns[1:] if not one.path.endswith("_place"))
    of_each = [
        ideas.filter(**{relation: group}).order_by(*within).values_list("pk", flat=True)[:most]
        for group in near[:GROUPS_AT_ONCE]
    ]
    keys = list(of_each[0].union(*of_each[1:], all=True)) if of_each else []
    return keys if len(keys) >= most or len(near) <= GROUPS_AT_ONCE else None
