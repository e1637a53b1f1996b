"""Pages of ideas by key, never by count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OrderBy, OuterRef, Q

from backlog.models import Idea, ListedIdea
from backlog.orders import (
    SCORES,
    SORTS,
    Column,
    Ideas,
    Order,
    behind,
    order_of,
    read_key,
    with_columns,
    write_key,
)
from backlog.walking import Conditions, first_along, first_sorted

Facts = Mapping[str, Q]
Found = tuple[ListedIdea, dict[str, Any]]
"""A row, and the values of the order that it does not show."""
PAGE = 50
MOST = 500
"""Rows that one answer holds at most, when a list that was scrolled is opened again."""
RELATED = ("pod__name", "objective__title", "owner__name")
GROUPS_AT_ONCE = 6
ALL = 10**9


@dataclass(frozen=True)
class Page:
    """Some ideas, and the key to go on with: "" where there are no more."""

    ideas: list[ListedIdea]
    after: str


def page_of(
    ideas: Ideas,
    *,
    sort: str,
    after: str,
    group: str = "",
    rows: int = PAGE,
    typed: str = "",
    implied: Sequence[Facts] = ({},),
    orders: Mapping[str, Order] = SORTS,
) -> Page:
    """The ideas behind the key `after`, in the order `sort`; a key that makes no sense is the start.

    Each page starts where the last row stood (its values and its id), so nothing is counted,
    nothing is skipped by offset, and rows that come in meanwhile shift nothing. `typed` is what
    the best match is the best of. `implied` is what holds of all `ideas`, by the column that leads
    an order, so that a page begins where they do; several where the better ideas imply another.
    """
    order = order_of(sort, group, orders)
    start = read_key(order, after)
    listed: list[Found] = []
    for which, columns in order.parts():
        if start and (start[0] is None) != (order.lacks is not None and which is order.lacks):
            continue
        first, start = start[-len(columns) :] if start else None, None
        part = Part(ideas, columns, which, first, order.is_indexed, typed)
        for facts in _in_turn(implied, columns[0]):
            if len(listed) <= rows:
                listed += part.rows(rows + 1 - len(listed), facts)
    more = len(listed) > rows
    after = write_key(order, *listed[rows - 1]) if more else ""
    return Page([idea for idea, _ in listed[:rows]], after)


def _in_turn(implied: Sequence[Facts], lead: Column) -> Sequence[Facts]:
    """The facts about those that come first in the order, then about the others."""
    if len(implied) > 1 and lead.path not in SCORES:
        return ({},)
    return implied if lead.is_falling else implied[::-1]


@dataclass(frozen=True)
class Part:
    """The ideas that have what is sorted by, or those that lack it, behind the key `first`."""

    ideas: Ideas
    columns: tuple[Column, ...]
    which: Q
    first: list[Any] | None
    is_indexed: bool
    typed: str

    def rows(self, most: int, facts: Facts) -> list[Found]:
        """What is sorted is keys alone; the rows of the page, wide as they are, are fetched by their ids."""
        paths = (one.path for one in self.columns)
        further = [path for path in paths if path not in ListedIdea._fields]
        keys = self._keys(most, facts)
        shown = with_columns(Idea.objects.filter(pk__in=keys), self.columns, self.typed)
        listed: list[Found] = shown.order_by(*_by(self.columns))[:most].listed(*further)  # type: ignore[attr-defined]
        return listed

    def _keys(self, most: int, facts: Facts) -> Any:
        lead = self.columns[0].path
        conditions = Conditions(self.ideas, lead)
        by = _by(self.columns[1:] if conditions.is_one else self.columns)
        is_by_group = connection.vendor == "postgresql" and lead in RELATED
        is_walked = self.is_indexed and not conditions.names_few
        if not is_walked or not (is_by_group or conditions.rest.children):
            here = self._joined(self.ideas).filter(self.which, facts.get(lead, Q()))
            return self._behind(here).order_by(*by).values("pk")[:most]
        joined = self._joined(Idea.objects.all())
        every = self._behind(joined.filter(self.which, facts.get(lead, Q())))
        if is_by_group:
            keys = self._first_of_groups(every, conditions, most)
        else:
            keys = first_along([every.order_by(*by)], conditions, most)
        if keys is not None:
            return keys
        fitting = self.ideas.filter(facts.get("", Q()))
        if lead in RELATED:  # what fits first, and their names then, not the other way round
            fitting = Idea.objects.filter(pk__in=fitting.order_by().values("pk")[:ALL])
        return first_sorted(self._behind(self._joined(fitting).filter(self.which)), by, most)

    def _behind(self, ideas: Ideas) -> Ideas:
        return ideas.filter(*behind(self.columns, self.first)) if self.first else ideas

    def _joined(self, ideas: Ideas) -> Ideas:
        return with_columns(ideas, self.columns, self.typed)

    def _first_of_groups(self, every: Ideas, conditions: Conditions, most: int) -> list[int] | None:
        """From the first group, which holds enough for a page as a rule; else from some more."""
        ways = self._by_group(every)
        keys = first_along(ways[:1], conditions, most)
        if keys is not None and len(keys) < most:
            further = first_along(ways[1:], conditions, most - len(keys))
            keys = None if further is None else keys + further
        is_enough = keys is not None and (len(keys) == most or len(ways) < GROUPS_AT_ONCE)
        return keys if is_enough else None

    def _by_group(self, ideas: Ideas) -> list[Ideas]:
        """The first groups, each in the order of its own index.

        PostgreSQL would sort all ideas where a name of another table leads; SQLite walks one index
        inside the other by itself.
        """
        lead = self.columns[0]
        relation, _, name = lead.path.partition("__")
        groups = Idea._meta.get_field(relation).related_model._default_manager.filter(  # type: ignore[union-attr]
            Exists(Idea.objects.filter(**{relation: OuterRef("pk")}))
        )
        if self.first is not None:
            bound = f"{name}__{'lte' if lead.is_falling else 'gte'}"
            groups = groups.filter(**{bound: self.first[0]})
        sign = "-" if lead.is_falling else ""
        near = groups.order_by(f"{sign}{name}", f"{sign}pk").values_list("pk", flat=True)
        behind_the_name = (one for one in self.columns[1:] if not one.path.endswith("_place"))
        by = _by(behind_the_name)
        return [ideas.filter(**{relation: group}).order_by(*by) for group in near[:GROUPS_AT_ONCE]]


def _by(columns: Iterable[Column]) -> list[OrderBy]:
    return [OrderBy(F(one.path), descending=one.is_falling) for one in columns]
