"""Which ideas come first in an order, among those that fit: found by a walk along the order.

A filter and an order have an index each, and a database uses one of them: it reads what fits and
sorts it, or it goes along the order and leaves out what does not fit. Which is less work depends on
how many ideas fit, and neither engine knows that: SQLite supposes one number for all values of a
column, and both take a filter to be spread evenly over the order. So the walk is tried first, as it
ends soon where many ideas fit, and given up after WALKED ideas. Few fit then, and they are sorted.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Func, OrderBy, Value, When
from django.db.models.functions import Lower
from django.db.models.lookups import Exact, In
from django.db.models.sql.where import AND, WhereNode

from backlog.orders import Ideas
from backlog.search import HasWords

WALKED, GAVE_UP = 2_000, -1
_BEFORE_ICE = (
    "pod",
    "objective",
    "owner",
    "status_order",
    "agreement_order",
    "lever_order",
    "channel_order",
)
SHARED = {"ice_order": _BEFORE_ICE} | dict.fromkeys(
    ("scorer_count", "objective__title", "owner__name"), ("pod",)
)
"""What leads an order → columns that stand before it in an index, so that a filter by one of them
and the order share this index."""


class Conditions:
    """What `ideas` are narrowed by, parted by what an order that `lead` leads makes of it.

    `along` the index of the order leads to it, or no index does; the walk tests each idea for the
    rest. Where that names a few ideas by their ids (`names_few`), there is nothing to walk for; where
    all have one value of what leads (`is_one`), the rest of the order decides.
    """

    def __init__(self, ideas: Ideas, lead: str) -> None:
        self.along, self.rest = WhereNode(connector=AND), WhereNode(connector=AND)
        self.names_few = self.is_one = False
        for node in ideas.query.where.children:
            self.names_few |= _names_few(node)
            self.is_one |= _is_equality(node) and _column_of(getattr(node, "lhs", None)) == lead
            leads = getattr(node, "negated", False) or _is_along(node, lead)
            (self.along if leads else self.rest).children.append(node)


def _names_few(node: Any) -> bool:
    if isinstance(node, In):
        return bool(node.lhs.target.primary_key and node.rhs_is_direct_value())
    return isinstance(getattr(node, "lhs", None), HasWords)


def _is_along(node: Any, lead: str) -> bool:
    column = _column_of(getattr(node, "lhs", None))
    if column is None:
        return False
    is_shared = _is_equality(node) and column in SHARED.get(lead, ())
    return is_shared or column == lead.partition("__")[0]


def _is_equality(node: Any) -> bool:
    """Whether it names one value: the list of one's pods often holds one."""
    if isinstance(node, In):
        return bool(node.rhs_is_direct_value() and len(node.rhs) == 1)
    return isinstance(node, Exact)


def _column_of(expression: Any) -> str | None:
    if isinstance(expression, Lower):
        column = _column_of(expression.get_source_expressions()[0])
        return column and f"{column}_order"
    target = getattr(expression, "target", None)
    return target.name if target is not None else None


def first_along(ways: Sequence[Ideas], conditions: Conditions, most: int) -> list[int] | None:
    """Ids of the first `most` ideas that fit, on these ways one after the other; None if it gave up.

    Each way is all ideas, or those of one group, in their order.
    """
    fits = Case(When(conditions.rest, then=Value(1)), default=Value(0))
    steps: list[str] = []
    parameters: list[Any] = []
    for way in ways:
        marked = way.annotate(fits=fits).values_list("pk", "fits")
        for node in conditions.along.children:
            marked.query.where.add(node, AND)
        try:
            sql, values = marked.query.sql_with_params()
        except EmptyResultSet:
            continue
        steps.append(f"SELECT * FROM ({sql} LIMIT {WALKED}) AS way")  # noqa: S608  (Django's own SQL)
        steps.append(f"SELECT {GAVE_UP}, 1 FROM ({sql} LIMIT 1 OFFSET {WALKED}) AS further")  # noqa: S608
        parameters += (*values, *values)
    if not steps:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH steps (id, fits) AS ({' UNION ALL '.join(steps)}) "  # noqa: S608
            f"SELECT id FROM steps WHERE fits = 1 LIMIT {most:d}",
            parameters,
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    return None if GAVE_UP in ids else ids


def first_sorted(fitting: Ideas, by: Sequence[OrderBy], most: int) -> Any:
    """The ids of the first `most` of all that fit, in the order `by`, read without regard to it.

    A database that sees an index of the order would walk it to the end.
    """
    unseen = [OrderBy(_Unindexed(one.expression), descending=one.descending) for one in by]
    return fitting.order_by(*unseen).values("pk")[:most]


class _Unindexed(Func):
    """The same value, for which no index is looked up."""

    arity, template = 1, "+%(expressions)s"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="(SELECT %(expressions)s)", **context)
