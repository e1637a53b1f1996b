"""Which ideas: one FilterSet for the table, the board, the map and the API."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.utils import timezone
from django_filters import (
    BooleanFilter,
    CharFilter,
    ChoiceFilter,
    FilterSet,
    NumberFilter,
)

from backlog.filter_fields import NONE, SINCE, Things, ThingsFilter, WordsFilter, began
from backlog.models import Idea, Objective, OwnField, Pod, RoundIdea, User
from backlog.orders import SCORES
from backlog.own_filters import BOUNDS, bounded, has_none, own_filters, own_implied, worded
from backlog.search import ENOUGH

Ideas = QuerySet[Idea]
FEW = 1_000  # ideas that a query names one by one
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
    "any": Q(),
    **{name: Q(status_order=place) for place, name in enumerate(
        ("new", "in_round", "scored", "promoted", "snoozed", "rejected", "duplicate")
    )},
}  # fmt: skip
# Column that leads an order → what holds of it for ideas without a score, and with one. Names are
# followed by ICE in their orders, so it is ICE that is bounded there.
NAMES = ("pod__name", "objective__title", "owner__name", "lever_order", "channel_order")
NO_SCORE: dict[str, Q] = {
    **{name: Q(**{name: -1}) for name in SCORES},
    **dict.fromkeys(NAMES, Q(ice_order=-1)),
    "scorer_count": Q(scorer_count=0), "agreement_order": Q(agreement_order=4),
}  # fmt: skip
A_SCORE: dict[str, Q] = {
    **{name: Q(**{f"{name}__gt": -1}) for name in SCORES},
    **dict.fromkeys(NAMES, Q(ice_order__gt=-1)),
    "scorer_count": Q(scorer_count__gt=0), "agreement_order": Q(agreement_order__lt=4),
    "status_order": Q(status_order__gt=1),
}  # fmt: skip
IN_PLAY = {"status_order": Q(status_order__lt=5)}
_BOTH = {"status_order": Q(status_order__gt=1, status_order__lt=5)}


def _objectives(request: HttpRequest | None) -> QuerySet[Objective]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Objective.objects.none()
    return Objective.objects.visible_to(user).with_labels().distinct()


def _owners(request: HttpRequest | None) -> QuerySet[User]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return User.objects.none()
    return User.objects.working_with(user).order_by("name")


_AGREEMENTS = [("close", "Close"), ("mixed", "Mixed"), ("split", "Split"), ("alone", "One scorer")]
_AGREEMENT_ORDER = {name: place for place, (name, _) in enumerate(_AGREEMENTS)}


class IdeaFilter(FilterSet):  # type: ignore[misc]
    """By what the reader sees of an idea; nothing here looks at a score that is hidden."""

    q = CharFilter(label="Text", method="having_text", max_length=400)
    pod = WordsFilter(label="Pod", method="of_pod", max_length=6)
    status = ChoiceFilter(label="Status", choices=STATUSES, method="of_status", empty_label=None)
    objective = ThingsFilter(label="Objective", method="of_things", queryset=_objectives)
    owner = ThingsFilter(label="Owner", method="of_things", queryset=_owners)
    author = ThingsFilter(label="Written by", method="of_things", queryset=_owners)
    lever = WordsFilter(label="Lever", method="having_word", max_length=60)
    channel = WordsFilter(label="Channel", method="having_word", max_length=60)
    tag = WordsFilter(label="Tag", method="having_tag", max_length=40)
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
    agreement = ChoiceFilter(
        label="Agreement", choices=_AGREEMENTS, method="of_agreement", empty_label="Any"
    )
    younger = NumberFilter(label="Days old at most", method="of_age", **DAYS)
    older = NumberFilter(label="Days old at least", method="of_age", **DAYS)
    untouched = NumberFilter(label="Days since last change, at least", method="of_age", **DAYS)
    added = ChoiceFilter(label="Added", choices=SINCE, method="since", empty_label="Any time")
    changed = ChoiceFilter(label="Changed", choices=SINCE, method="since", empty_label="Any time")
    exclude = WordsFilter(label="Leave out what has these", method="nothing", max_length=12)
    mine = BooleanFilter(label="Needs my score", method="waiting", widget=forms.CheckboxInput)

    most: int | None = ENOUGH
    base_filters: dict[str, Any]

    class Meta:
        model = Idea
        fields: tuple[str, ...] = ()

    def __init__(
        self,
        data: Any,
        ideas: Ideas,
        *,
        request: HttpRequest,
        is_whole: bool,
        own: Sequence[OwnField] = (),
    ) -> None:
        """Not `is_whole`: only the fields that `data` names, which is all that a list needs."""
        self.own = own
        if own:
            self.base_filters = {**self.base_filters, **own_filters(own)}
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
        matches: Ideas = queryset.having_text(value, pods=pods, most=self.most)  # type: ignore[attr-defined]
        return matches

    def narrowed(self, queryset: Ideas, name: str, condition: Q) -> Ideas:
        """By a condition, or by its opposite where `exclude` names the field."""
        chosen = self.form.cleaned_data.get("exclude") or []
        return queryset.exclude(condition) if name in chosen else queryset.filter(condition)

    def having_tag(self, queryset: Ideas, name: str, value: list[str]) -> Ideas:
        names = [one.lower() for one in value]
        filed = Idea.tags.through.objects.filter(tag__name__in=names)  # type: ignore[attr-defined]
        return self.narrowed(queryset, name, _named_by(filed))

    def having_word(self, queryset: Ideas, name: str, value: list[str]) -> Ideas:
        condition = Q()
        for one in value:
            word = "" if one == NONE else one
            condition |= Q(Exact(Lower(name), Lower(Value(word))))
        return self.narrowed(queryset, name, condition)

    def having_own(self, queryset: Ideas, name: str, value: list[str]) -> Ideas:
        words = [one for one in value if one != NONE]
        condition = _named_by(worded(name, words)) if words else Q(pk=None)
        return self.narrowed(
            queryset, name, condition | has_none(name) if NONE in value else condition
        )

    def own_bound(self, queryset: Ideas, name: str, value: Any) -> Ideas:
        return _among(queryset, bounded(name, value))

    @property
    def bounds(self) -> list[Any]:
        """The controls of own numbers and days, for the dialog."""
        names = (f"{one.slug}_{end}" for one in self.own for end in BOUNDS)
        return [self.form[name] for name in names if name in self.form.fields]

    def of_things(self, queryset: Ideas, name: str, value: Things) -> Ideas:
        condition = Q(**{name: value.keys[0]}) if len(value.keys) == 1 else Q()
        if len(value.keys) > 1:
            condition = Q(**{f"{name}__in": value.keys})
        if value.has_none:
            condition |= Q(**{name: None})
        return self.narrowed(queryset, name, condition)

    def of_pod(self, queryset: Ideas, name: str, value: list[str]) -> Ideas:
        """By the pod's id, as an index of ideas is led by it."""
        named = Pod.objects.filter(prefix__in=[one.upper() for one in value])
        if len(value) == 1:
            return self.narrowed(queryset, name, Q(pod=named.values("pk")[:1]))
        return self.narrowed(queryset, name, Q(pod__in=list(named.values_list("pk", flat=True))))

    def since(self, queryset: Ideas, name: str, value: str) -> Ideas:
        """From the first moment of the day, week, month or quarter in which we are."""
        column = "created_at" if name == "added" else "updated_at"
        return queryset.filter(**{f"{column}__gte": began(value)})

    def nothing(self, queryset: Ideas, name: str, value: list[str]) -> Ideas:
        """`exclude` turns other filters around and does nothing by itself."""
        return queryset

    def of_status(self, queryset: Ideas, name: str, value: str) -> Ideas:
        return queryset.filter(STATUS_IS[value])

    def of_agreement(self, queryset: Ideas, name: str, value: str) -> Ideas:
        return queryset.filter(agreement_order=_AGREEMENT_ORDER[value])

    def of_age(self, queryset: Ideas, name: str, value: Decimal) -> Ideas:
        at = timezone.now() - dt.timedelta(days=int(value))
        lookup = {"younger": "created_at__gte", "older": "created_at__lte"}
        return queryset.filter(**{lookup.get(name, "updated_at__lte"): at})

    def waiting(self, queryset: Ideas, name: str, value: bool) -> Ideas:
        user = getattr(self.request, "user", None)
        if not value or not isinstance(user, User):
            return queryset
        return _among(queryset, RoundIdea.objects.waiting_for(user))

    @property
    def implied(self) -> list[dict[str, Q]]:
        """Column that leads an order → what the filters say of it without naming it.

        Two where ideas with a score and those without have to be looked for apart.
        """
        values = self.form.cleaned_data if self.form.is_valid() else {}
        own = own_implied(self.own, values, values.get("exclude") or [])
        return [{**facts, **own} for facts in self._implied(values)]

    def _implied(self, values: dict[str, Any]) -> list[dict[str, Q]]:
        status, most = values.get("status"), values.get("scorers_most")
        if status == "new":
            return [NO_SCORE]
        if status == "scored" or values.get("agreement") or values.get("ice_least") is not None:
            return [A_SCORE | (_BOTH if status == "in_play" else {})]
        if most is not None:
            return [A_SCORE | {"": Q(scorer_count__gt=0)}, NO_SCORE | {"": Q(ice_order=-1)}]
        return [IN_PLAY if status == "in_play" else {}]


def _among(ideas: Ideas, rows: "QuerySet[Any, Any]") -> Ideas:
    return ideas.filter(_named_by(rows))


def _named_by(rows: "QuerySet[Any, Any]") -> Q:
    """Ideas that these rows name: few by their ids, so that a database need not guess how many they are."""
    few = list(rows.order_by().values_list("idea", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        return Q(pk__in=few)
    return Q(Exists(rows.filter(idea=OuterRef("pk"))))
