"""Which ideas: one FilterSet for the table, the board, the map and the API."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django_filters import (
    BooleanFilter,
    CharFilter,
    ChoiceFilter,
    FilterSet,
    ModelChoiceFilter,
    NumberFilter,
)

from backlog.models import Idea, Objective, RoundIdea, User
from backlog.search import ENOUGH

Ideas = QuerySet[Idea]
FEW = 1_000  # ideas of a tag that a query names one by one
DAYS: dict[str, Any] = {"min_value": 0, "max_value": 10_000}
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
STATUS_IS: dict[str, Q] = {
    "in_play": ~Q(state__in=(Idea.State.REJECTED, Idea.State.DUPLICATE)),
    "new": Q(state=Idea.State.OPEN, ice_order=-1),
    "in_round": Q(state=Idea.State.SCORING),
    "scored": Q(state=Idea.State.OPEN, ice_order__gt=-1),
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


_AGREEMENTS = [("close", "Close"), ("mixed", "Mixed"), ("split", "Split"), ("alone", "One scorer")]


class IdeaFilter(FilterSet):  # type: ignore[misc]
    """By what the reader sees of an idea; nothing here looks at a score that is hidden."""

    q = CharFilter(label="Text", method="having_text", max_length=400)
    pod = CharFilter(label="Pod", field_name="pod__prefix", lookup_expr="iexact", max_length=6)
    status = ChoiceFilter(label="Status", choices=STATUSES, method="of_status", empty_label=None)
    objective = ModelChoiceFilter(label="Objective", queryset=_objectives, empty_label="Any")
    owner = ModelChoiceFilter(label="Owner", queryset=_owners, empty_label="Anybody")
    author = ModelChoiceFilter(label="Written by", queryset=_owners, empty_label="Anybody")
    lever = CharFilter(label="Lever", lookup_expr="iexact", max_length=60)
    channel = CharFilter(label="Channel", lookup_expr="iexact", max_length=60)
    tag = CharFilter(label="Tag", method="having_tag", max_length=40)
    ice_least = NumberFilter(
        label="ICE at least",
        field_name="ice_order",
        lookup_expr="gte",
        min_value=0,
        max_value=1_001,
    )
    scorers_most = NumberFilter(
        label="Scorers at most",
        field_name="scorer_count",
        lookup_expr="lte",
        min_value=0,
        max_value=10_000,
    )
    agreement = ChoiceFilter(label="Agreement", choices=_AGREEMENTS, empty_label="Any")
    younger = NumberFilter(label="Days old at most", method="of_age", **DAYS)
    older = NumberFilter(label="Days old at least", method="of_age", **DAYS)
    untouched = NumberFilter(label="Days unchanged at least", method="of_age", **DAYS)
    mine = BooleanFilter(label="Waits for my score", method="waiting", widget=forms.CheckboxInput)

    most: int | None = ENOUGH
    base_filters: dict[str, Any]

    class Meta:
        model = Idea
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, ideas: Ideas, *, request: HttpRequest, is_whole: bool) -> None:
        """Not `is_whole`: only the fields that `data` names, which is all that a list needs."""
        if not is_whole:
            every = self.base_filters
            self.base_filters = {name: one for name, one in every.items() if data.get(name)}
        super().__init__(data, ideas, request=request)

    def having_text(self, queryset: Ideas, name: str, value: str) -> Ideas:
        """On a page the newest that fit, of one's own pods; all of them where `most` is None."""
        user = getattr(self.request, "user", None)
        pods = None
        if isinstance(user, User) and not user.stands_above_pods:
            pods = list(user.pod_roles)
        found: Ideas = queryset.having_text(value, pods=pods, most=self.most)  # type: ignore[attr-defined]
        return found

    def having_tag(self, queryset: Ideas, name: str, value: str) -> Ideas:
        """By ids, so that a database need not guess how rare the tag is; few are said one by one."""
        filed = Idea.tags.through.objects.filter(tag__name=value.strip().lower())  # type: ignore[attr-defined]
        few = list(filed.values_list("idea", flat=True)[: FEW + 1])
        if len(few) <= FEW:
            return queryset.filter(pk__in=few)
        return queryset.filter(pk__in=filed.values("idea"))

    def of_status(self, queryset: Ideas, name: str, value: str) -> Ideas:
        return queryset.filter(STATUS_IS[value])

    def of_age(self, queryset: Ideas, name: str, value: Decimal) -> Ideas:
        at = timezone.now() - dt.timedelta(days=int(value))
        lookup = {"younger": "created_at__gte", "older": "created_at__lte"}
        return queryset.filter(**{lookup.get(name, "updated_at__lte"): at})

    def waiting(self, queryset: Ideas, name: str, value: bool) -> Ideas:
        user = getattr(self.request, "user", None)
        if not value or not isinstance(user, User):
            return queryset
        return queryset.filter(pk__in=RoundIdea.objects.waiting_for(user).values("idea"))
