"""In what order, and from where: pages of ideas by key, never by count."""

import datetime as dt
import json
import math
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Lower

from backlog.models import Idea
from backlog.search import closeness, words_of

Ideas = QuerySet[Idea]
PAGE = 50
MOST = 500
"""Rows that one answer holds at most, when a list that was scrolled is opened again."""


@dataclass(frozen=True)
class Sort:
    """An order that the page offers; `column` is never null and stays blind for blind ideas.

    Ties go by id, in the direction in which an index of the model can be walked from end to end.
    """

    column: str
    is_falling: bool
    read: type = str
    have_ties_falling: bool = False


def _both_ways(name: str, column: str, read: type = str) -> dict[str, Sort]:
    return {
        name: Sort(column, False, read),
        f"-{name}": Sort(column, True, read, have_ties_falling=True),
    }


def _best_first(name: str, column: str, read: type = float) -> dict[str, Sort]:
    return {
        f"-{name}": Sort(column, True, read),
        name: Sort(column, False, read, have_ties_falling=True),
    }


SORTS: dict[str, Sort] = {
    **_best_first("ice", "ice_order"),
    **_best_first("impact", "impact_order"),
    **_best_first("confidence", "confidence_order"),
    **_best_first("ease", "ease_order"),
    **_best_first("scorers", "scorer_count", int),
    **_both_ways("title", "title_order"),
    **_both_ways("pod", "pod__name"),
    **_both_ways("objective", "objective_order"),
    **_both_ways("owner", "owner_order"),
    **_both_ways("status", "status_order", int),
    **_both_ways("agreement", "agreement_order", int),
    **_both_ways("lever", "lever"),
    **_both_ways("channel", "channel"),
    "age": Sort("created_at", True, dt.datetime, have_ties_falling=True),
    "-age": Sort("created_at", False, dt.datetime),
    "match": Sort("closeness", False, float, have_ties_falling=True),
    "touched": Sort("updated_at", True, dt.datetime, have_ties_falling=True),
    "-touched": Sort("updated_at", False, dt.datetime),
}
BY_ICE, BY_MATCH = "-ice", "match"

# Group → (whether the idea is in none, its name); both are sorted by before the order itself.
GROUPS: dict[str, tuple[Sort, Sort]] = {
    "pod": (Sort("has_no_pod", False, int), Sort("pod__name", False)),
    "objective": (Sort("has_no_objective", False, int), Sort("objective_order", False)),
    "lever": (Sort("has_no_lever", False, int), Sort("lever_order", False)),
}
_AGREEMENTS = ("close", "mixed", "split", "alone")


def _one_if(**conditions: Any) -> Case:
    return Case(When(**conditions, then=1), default=0, output_field=IntegerField())


_COLUMNS: dict[str, Any] = {
    "title_order": Lower("title"),
    "lever_order": Lower("lever"),
    "objective_order": Coalesce("objective__title", Value("")),
    "owner_order": Coalesce("owner__name", Value("")),
    "agreement_order": Case(
        *(When(agreement=word, then=Value(place)) for place, word in enumerate(_AGREEMENTS)),
        default=Value(len(_AGREEMENTS)),
        output_field=IntegerField(),
    ),
    "has_no_pod": Value(0, output_field=IntegerField()),
    "has_no_objective": _one_if(objective=None),
    "has_no_lever": _one_if(lever=""),
}


@dataclass(frozen=True)
class Page:
    """Some ideas, and the key to go on with: "" where there are no more."""

    ideas: list[Idea]
    after: str


def page_of(
    ideas: Ideas, *, sort: str, after: str, group: str = "", rows: int = PAGE, typed: str = ""
) -> Page:
    """The ideas behind the key `after`, in the order `sort`; a key that makes no sense is the start.

    Each page starts where the last row stood (its values and its id), so nothing is counted,
    nothing is skipped by offset, and rows that come in meanwhile shift nothing. What is sorted is
    keys alone; the rows of the page, wide as they are, are fetched by their ids. `typed` is what
    the best match is the best of.
    """
    order = SORTS.get(sort, SORTS[BY_ICE])
    sorts = (*GROUPS.get(group, ()), order)
    ideas = _with_columns(ideas, sorts, typed)
    start = _read_key(sorts, after)
    if start:
        ideas = ideas.filter(*_behind(sorts, start))
    by = [f"{'-' * one.is_falling}{one.column}" for one in sorts]
    by.append(f"{'-' * order.have_ties_falling}pk")
    keys = ideas.order_by(*by).values("pk")[: rows + 1]
    shown = _with_columns(Idea.objects.for_list(), sorts, typed).filter(pk__in=keys)
    found = list(shown.order_by(*by))
    more = len(found) > rows
    return Page(found[:rows], _write_key(sorts, found[rows - 1]) if more else "")


def _with_columns(ideas: Ideas, sorts: tuple[Sort, ...], typed: str) -> Ideas:
    """With the columns of the order that are none of the table's own."""
    ours = {one.column: _COLUMNS[one.column] for one in sorts if one.column in _COLUMNS}
    if any(one.column == "closeness" for one in sorts):
        ours["closeness"] = closeness(words_of(typed), typed)
    return ideas.annotate(**ours)


def _behind(sorts: tuple[Sort, ...], start: tuple[list[Any], int]) -> tuple[Q, ...]:
    """What comes after the key; the first column is bounded by itself, so that an index serves."""
    values, pk = start
    later = Q(**{f"pk__{'lt' if sorts[-1].have_ties_falling else 'gt'}": pk})
    for one, value in reversed(list(zip(sorts, values, strict=True))):
        further = "lt" if one.is_falling else "gt"
        later = Q(**{f"{one.column}__{further}": value}) | Q(Q(**{one.column: value}) & later)
    first = sorts[0]
    bound = Q(**{f"{first.column}__{'lte' if first.is_falling else 'gte'}": values[0]})
    return bound, later


def _write_key(sorts: tuple[Sort, ...], idea: Idea) -> str:
    values = []
    for one in sorts:
        value: Any = idea
        for name in one.column.split("__"):
            value = getattr(value, name)
        values.append(value.isoformat() if isinstance(value, dt.datetime) else value)
    return json.dumps([*values, idea.pk], ensure_ascii=False, separators=(",", ":"))


def _read_key(sorts: tuple[Sort, ...], after: str) -> tuple[list[Any], int] | None:
    try:
        *said, pk = json.loads(after)
        if len(said) != len(sorts) or type(pk) is not int or abs(pk) > 2**62:
            return None
        return [_read(one, value) for one, value in zip(sorts, said, strict=True)], pk
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _read(one: Sort, value: Any) -> Any:
    if one.read is dt.datetime:
        at = dt.datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(value)
        return at.astimezone(dt.UTC)
    if one.read is str and (not isinstance(value, str) or "\0" in value):
        raise ValueError(value)
    if one.read is not str and (not isinstance(value, int | float) or not math.isfinite(value)):
        raise ValueError(value)
    return one.read(value)
