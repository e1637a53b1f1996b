"""In what order ideas stand, and the key of a place in it, from which the next page goes on."""

import datetime as dt
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce, Lower
from django.db.models.lookups import Exact, GreaterThan

from backlog.models import Idea, IdeaValue, ListedIdea, OwnField
from backlog.search import closeness, words_of

Ideas = QuerySet[Idea]


@dataclass(frozen=True)
class Column:
    """One column of an order, as a path from the idea; it stays blind for blind ideas."""

    path: str
    is_falling: bool = False
    read: type = str


@dataclass(frozen=True)
class Order:
    """Columns that tell any two ideas apart, none of them null where `has` holds.

    Ideas for which `lacks` holds come last and go without the first `leading` columns. Each order
    follows an index of the model from end to end, in one direction or the other, if it `is_indexed`.
    `without` are other columns for those that lack it, `within` is the column inside of a group.
    """

    columns: tuple[Column, ...]
    leading: int = 0
    has: Q | None = None
    lacks: Q | None = None
    is_indexed: bool = True
    without: tuple[Column, ...] = ()
    within: Column | None = None

    @property
    def lacking(self) -> tuple[Column, ...]:
        """The columns by which those are sorted that lack it."""
        return self.without or self.columns[self.leading :]

    def turned(self) -> "Order":
        """The other way round; what lacks it stays last."""
        columns = tuple(replace(one, is_falling=not one.is_falling) for one in self.columns)
        within = self.within and replace(self.within, is_falling=not self.within.is_falling)
        return replace(self, columns=columns, within=within)

    def parts(self) -> Iterator[tuple[Q, tuple[Column, ...]]]:
        """The ideas that have what is sorted by, then those that lack it, each with its columns."""
        yield self.has or Q(), self.columns
        if self.lacks:
            yield self.lacks, self.lacking


AGE, ID = Column("created_at", read=dt.datetime), Column("pk", read=int)
BEST_FIRST = (Column("ice_order", True, float), ID)


def _led_by(*leading: Column, has: Q | None = None, lacks: Q | None = None) -> Order:
    """By something that many ideas share; among those the best first."""
    return Order((*leading, *BEST_FIRST), len(leading), has, lacks)


def _both_ways(name: str, *columns: Column) -> dict[str, Order]:
    order = Order((*columns, ID))
    return {name: order, f"-{name}": order.turned()}


def _best_first(name: str, column: str, read: type = float) -> dict[str, Order]:
    order = Order((Column(column, True, read), ID))
    return {f"-{name}": order, name: order.turned()}


def _has_word(name: str) -> Q:
    return Q(GreaterThan(Lower(name), Value("")))  # as the index of this order knows it


def _lacks_word(name: str) -> Q:
    return Q(Exact(Lower(name), Value("")))


# What an idea has or lacks, by its name; a related row is told from its namesakes by its id.
_LED: dict[str, Order] = {
    "pod": _led_by(Column("pod__name")),
    "objective": _led_by(
        Column("objective__title"), Column("objective_place", read=int),
        has=Q(objective__title__isnull=False), lacks=Q(objective=None),
    ),
    "owner": _led_by(
        Column("owner__name"), Column("owner_place", read=int),
        has=Q(owner__name__isnull=False), lacks=Q(owner=None),
    ),
    "lever": _led_by(Column("lever_order"), has=_has_word("lever"), lacks=_lacks_word("lever")),
    "channel": _led_by(
        Column("channel_order"), has=_has_word("channel"), lacks=_lacks_word("channel")
    ),
    "status": _led_by(Column("status_order", read=int)),
    "agreement": _led_by(Column("agreement_order", read=int)),
}  # fmt: skip
# Among ideas of one expected value, such as all of those without one, the best by ICE first.
_BY_VALUE = _led_by(Column("expected_order", True, float))
SORTS: dict[str, Order] = {
    **_best_first("ice", "ice_order"),
    **_best_first("impact", "impact_order"),
    **_best_first("confidence", "confidence_order"),
    **_best_first("ease", "ease_order"),
    "-expected": _BY_VALUE,
    "expected": _BY_VALUE.turned(),
    **_best_first("scorers", "scorer_count", int),
    **_both_ways("title", Column("title_order")),
    **_LED,
    **{f"-{name}": order.turned() for name, order in _LED.items()},
    "age": Order((AGE, ID)).turned(),
    "-age": Order((AGE, ID)),
    "match": Order(
        (Column("closeness", read=float), replace(ID, is_falling=True)), is_indexed=False
    ),
    "touched": Order((Column("updated_at", read=dt.datetime), ID)).turned(),
    "-touched": Order((Column("updated_at", read=dt.datetime), ID)),
}
BY_ICE, BY_MATCH = "-ice", "match"
SCORES = ("ice_order", "impact_order", "confidence_order", "ease_order")
GROUPS = ("pod", "objective", "lever")


class _RelatedId(F):
    """The id of the row that `name` leads into, taken from that row itself.

    Django takes the idea's own column that points there, and SQLite does not see that an index of
    the other table, then one of the ideas, come in this order.
    """

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Col:
        column: Any = super().resolve_expression(*args, **kwargs)
        return Col(column.alias, column.target.model._meta.pk)


_COLUMNS: dict[str, Any] = {
    "title_order": Lower("title"),
    "lever_order": Lower("lever"),
    "channel_order": Lower("channel"),
    "objective_place": _RelatedId("objective__title"),
    "owner_place": _RelatedId("owner__name"),
    # Within a group, where no index leads to a name of another table.
    "objective_name": Coalesce("objective__title", Value("")),
    "owner_name": Coalesce("owner__name", Value("")),
}
_WITHIN = {"objective": Column("objective_name"), "owner": Column("owner_name")}


_KEY_OF: dict[str, tuple[type, Any]] = {
    "alike": (str, ""), "number": (float, -1e16), "day": (dt.date, dt.date.min)
}  # fmt: skip


def orders_with(fields: Iterable[OwnField]) -> Mapping[str, Order]:
    """The orders of every list, and those by own fields (docs/decisions/0074)."""
    orders: dict[str, Order] = {}
    for field in fields:
        read, _ = _KEY_OF[field.column]
        path = f"{field.slug}__{field.column}"
        order = Order(
            (Column(path, read=read), Column(f"{field.slug}__idea", read=int)), 1,
            has=Q(**{f"{path}__isnull": False}), without=BEST_FIRST,
            lacks=~Q(Exists(IdeaValue.objects.filter(field=field.pk, idea=OuterRef("pk")))),
            within=Column(f"{path}__within", read=read),
        )  # fmt: skip
        orders |= {field.slug: order, f"-{field.slug}": order.turned()}
    return SORTS | orders if orders else SORTS


def _own_column(path: str) -> dict[str, Any]:
    """The value of an own field as a joined row, and inside of groups as a column without nulls."""
    slug, _, rest = path.partition("__")
    joined = FilteredRelation("own_values", condition=Q(own_values__field=int(slug[3:])))
    column, _, is_within = rest.partition("__")
    if not is_within:
        return {slug: joined}
    return {slug: joined, path: Coalesce(F(f"{slug}__{column}"), Value(_KEY_OF[column][1]))}


def order_of(sort: str, group: str = "", orders: Mapping[str, Order] = SORTS) -> Order:
    """The order that the words of an address ask for; without sense it is the ranking."""
    order = orders.get(sort, SORTS[BY_ICE])
    if group not in GROUPS:
        return order
    name = sort.removeprefix("-")
    columns = order.columns
    if order.within:
        columns = (order.within, ID)
    elif name in _WITHIN:
        within = replace(_WITHIN[name], is_falling=columns[0].is_falling)
        columns = (within, *columns[order.leading :])
    lead = _LED[group]
    columns = (*lead.columns[: lead.leading], *columns)
    return replace(lead, columns=columns, is_indexed=sort == BY_ICE)


def with_columns(ideas: Ideas, columns: tuple[Column, ...], typed: str) -> Ideas:
    """Adds the columns of the order that the table does not have itself."""
    ours = {one.path: _COLUMNS[one.path] for one in columns if one.path in _COLUMNS}
    if columns[0].path == "closeness":
        ours["closeness"] = closeness(words_of(typed), typed)
    for one in columns:
        if one.path.startswith("own") and one.path[3].isdigit():
            ours |= _own_column(one.path)
    return ideas.annotate(**ours)


def behind(columns: tuple[Column, ...], values: list[Any]) -> tuple[Q, ...]:
    """What comes after the key; the first column is bounded by itself, so that an index serves."""
    later = Q()
    for one, value in reversed(list(zip(columns, values, strict=True))):
        further = Q(**{f"{one.path}__{'lt' if one.is_falling else 'gt'}": value})
        later = further | Q(Q(**{one.path: value}) & later) if later else further
    first = columns[0]
    bound = Q(**{f"{first.path}__{'lte' if first.is_falling else 'gte'}": values[0]})
    return bound, later


def write_key(order: Order, idea: ListedIdea, further: dict[str, Any]) -> str:
    values: list[Any] = []
    for one in order.columns:
        values.append(_written(further.get(one.path, getattr(idea, one.path, None))))
    if order.lacks and values[0] in (None, ""):
        left = (getattr(idea, one.path, further.get(one.path)) for one in order.lacking)
        values = [None] * order.leading + [_written(one) for one in left]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def read_key(order: Order, after: str) -> list[Any] | None:
    """The values of the last row; None for the first `leading` of them where it lacked them."""
    try:
        values = json.loads(after)
        lacking = order.leading if order.lacks and values[0] is None else 0
        columns = order.lacking if lacking else order.columns
        pairs = zip(columns, values[lacking:], strict=True)
        return [None] * lacking + [_read(one, value) for one, value in pairs]
    except (ValueError, TypeError, OverflowError, RecursionError, LookupError):
        return None


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _read(one: Column, value: Any) -> Any:
    if one.read is dt.datetime:
        at = dt.datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(value)
        return at.astimezone(dt.UTC)
    if one.read is dt.date:
        return dt.date.fromisoformat(value)
    if one.read is str:
        if not isinstance(value, str) or "\0" in value:
            raise ValueError(value)
        value.encode()  # raises where it holds a lone surrogate, which JSON can spell in plain letters
    if one.read is not str and (not isinstance(value, int | float) or not math.isfinite(value)):
        raise ValueError(value)
    if one.read is int and (type(value) is not int or abs(value) > 2**62):
        raise ValueError(value)
    return one.read(value)
