"""Which ideas, and in what order: one FilterSet, and pages by key, not by count."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.http import HttpRequest
from django_filters import CharFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from backlog.models import Idea, Objective, User
from backlog.search import ENOUGH

Ideas = QuerySet[Idea]
PAGE = 50
STATUSES = (
    ("in_play", "In play"),
    ("new", "New"),
    ("in_round", "In round"),
    ("scored", "Scored"),
    ("promoted", "Promoted"),
    ("snoozed", "Snoozed"),
    ("rejected", "Rejected"),
    ("duplicate", "Duplicate"),
    ("any", "Any"),
)
_STATUS_IS: dict[str, Q] = {
    "in_play": ~Q(state__in=(Idea.State.REJECTED, Idea.State.DUPLICATE)),
    "new": Q(state=Idea.State.OPEN, ice=None),
    "in_round": Q(state=Idea.State.SCORING),
    "scored": Q(state=Idea.State.OPEN, ice__isnull=False),
    "promoted": Q(state=Idea.State.PROMOTED),
    "snoozed": Q(state=Idea.State.SNOOZED),
    "rejected": Q(state=Idea.State.REJECTED),
    "duplicate": Q(state=Idea.State.DUPLICATE),
    "any": Q(),
}


def _objectives(request: HttpRequest | None) -> QuerySet[Objective]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Objective.objects.none()
    return Objective.objects.visible_to(user).distinct()


def _owners(request: HttpRequest | None) -> QuerySet[User]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return User.objects.none()
    people = User.objects.filter(is_active=True).order_by("name")
    if user.stands_above_pods:
        return people
    return people.filter(memberships__pod__in=list(user.pod_roles)).distinct()


class IdeaFilter(FilterSet):  # type: ignore[misc]
    """By what the reader sees of an idea; nothing here looks at a score."""

    q = CharFilter(label="Text", method="having_text")
    pod = CharFilter(label="Pod", field_name="pod__prefix", lookup_expr="iexact")
    status = ChoiceFilter(label="Status", choices=STATUSES, method="of_status", empty_label=None)
    objective = ModelChoiceFilter(label="Objective", queryset=_objectives, empty_label="Any")
    owner = ModelChoiceFilter(label="Owner", queryset=_owners, empty_label="Any")
    lever = CharFilter(label="Lever", lookup_expr="iexact")
    channel = CharFilter(label="Channel", lookup_expr="iexact")
    tag = CharFilter(label="Tag", field_name="tags__name", lookup_expr="iexact")

    most: int | None = ENOUGH

    class Meta:
        model = Idea
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, ideas: Ideas, *, request: HttpRequest, is_whole: bool) -> None:
        """Not `is_whole`: only the fields that `data` names, which is all that a list needs."""
        super().__init__(data, ideas, request=request)
        if not is_whole:
            every: dict[str, Any] = self.filters  # type: ignore[has-type]
            self.filters = {name: one for name, one in every.items() if data.get(name)}

    def having_text(self, queryset: Ideas, name: str, value: str) -> Ideas:
        """On a page the newest that fit, of one's own pods; all of them where `most` is None."""
        user = getattr(self.request, "user", None)
        pods = None
        if isinstance(user, User) and not user.stands_above_pods:
            pods = list(user.pod_roles)
        found: Ideas = queryset.having_text(value, pods=pods, most=self.most)  # type: ignore[attr-defined]
        return found

    def of_status(self, queryset: Ideas, name: str, value: str) -> Ideas:
        return queryset.filter(_STATUS_IS[value])


@dataclass(frozen=True)
class Sort:
    """An order that the page offers; `column` is never null and stays blind for blind ideas.

    Ties go by id, in the direction in which an index of the model can be walked from end to end.
    """

    column: str
    is_falling: bool
    read: type = str
    have_ties_falling: bool = False


SORTS: dict[str, Sort] = {
    "-ice": Sort("ice_order", True, float),
    "ice": Sort("ice_order", False, float, have_ties_falling=True),
    "title": Sort("title_order", False),
    "-title": Sort("title_order", True, have_ties_falling=True),
    "pod": Sort("pod__name", False),
    "-pod": Sort("pod__name", True, have_ties_falling=True),
    "status": Sort("status_order", False, int),
    "-status": Sort("status_order", True, int, have_ties_falling=True),
    "age": Sort("created_at", True, dt.datetime, have_ties_falling=True),
    "-age": Sort("created_at", False, dt.datetime),
}
BY_ICE = "-ice"
_ORDERS: dict[str, Any] = {
    "title_order": Lower("title"),
    "status_order": Case(
        *(
            When(_STATUS_IS[name], then=Value(place))
            for place, (name, _) in enumerate(STATUSES)
            if name not in ("in_play", "any")
        ),
        output_field=IntegerField(),
    ),
}


@dataclass(frozen=True)
class Page:
    """Up to 50 ideas, and the key to go on with: "" where there are no more."""

    ideas: list[Idea]
    after: str


def page_of(ideas: Ideas, *, sort: str, after: str) -> Page:
    """The ideas behind the key `after`, in the order `sort`; a key that makes no sense is the start.

    Each page starts where the last row stood (its value and its id), so nothing is counted,
    nothing is skipped by offset, and rows that come in meanwhile shift nothing. What is sorted is
    keys alone; the rows of the page, wide as they are, are fetched by their ids.
    """
    order = SORTS.get(sort, SORTS[BY_ICE])
    ideas = _with_column(ideas, order)
    start = _read_key(order, after)
    if start:
        value, pk = start
        further = "lt" if order.is_falling else "gt"
        later = "lt" if order.have_ties_falling else "gt"
        ideas = ideas.filter(
            Q(**{f"{order.column}__{further}": value}) | Q(**{f"pk__{later}": pk}),
            **{f"{order.column}__{further}e": value},
        )
    by = (f"{'-' * order.is_falling}{order.column}", f"{'-' * order.have_ties_falling}pk")
    keys = ideas.order_by(*by).values("pk")[: PAGE + 1]
    shown = _with_column(Idea.objects.for_list(), order).filter(pk__in=keys)
    rows = list(shown.order_by(*by))
    return Page(rows[:PAGE], _write_key(order, rows[PAGE - 1]) if len(rows) > PAGE else "")


def _with_column(ideas: Ideas, order: Sort) -> Ideas:
    """With the column of the order, where it is none of the table's own."""
    if order.column not in _ORDERS:
        return ideas
    return ideas.annotate(**{order.column: _ORDERS[order.column]})


def _write_key(order: Sort, idea: Idea) -> str:
    value: Any = idea
    for name in order.column.split("__"):
        value = getattr(value, name)
    text = value.isoformat() if isinstance(value, dt.datetime) else value
    return f"{idea.pk}~{text}"


def _read_key(order: Sort, after: str) -> tuple[Any, int] | None:
    pk, _, text = after.partition("~")
    try:
        if order.read is dt.datetime:
            value: Any = dt.datetime.fromisoformat(text)
            return (value.astimezone(dt.UTC), int(pk)) if value.tzinfo else None
        return (order.read(text), int(pk)) if "\0" not in text else None
    except (ValueError, OverflowError):
        return None
