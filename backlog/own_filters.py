"""Filters of ideas by own fields: several words and none, numbers and days from and to."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django_filters import DateFilter, NumberFilter

from backlog.filter_fields import NONE, WordsFilter
from backlog.models import IdeaValue, OwnField
from backlog.models.own_fields import LARGEST, LONGEST_VALUE

BOUNDS = {"from": "gte", "to": "lte"}


def own_filters(fields: Iterable[OwnField]) -> dict[str, Any]:
    """Name in the address → filter; `IdeaFilter` has their methods."""
    filters: dict[str, Any] = {}
    for field in fields:
        slug, name = field.slug, field.name
        if field.kind in (OwnField.Kind.TEXT, OwnField.Kind.CHOICE):
            filters[slug] = WordsFilter(
                field_name=slug, label=name, method="having_own", max_length=LONGEST_VALUE
            )
            continue
        is_day = field.kind == OwnField.Kind.DATE
        limits: dict[str, Any] = {"min_value": -LARGEST, "max_value": LARGEST}
        if is_day:
            limits = {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        for end, words in (("from", "from"), ("to", "up to")):
            filters[f"{slug}_{end}"] = (DateFilter if is_day else NumberFilter)(
                field_name=f"{slug}_{end}", label=f"{name}, {words}", method="own_bound", **limits
            )
    return filters


def bounded(name: str, value: Any) -> "QuerySet[IdeaValue]":
    """The values of a field from or up to this one; `name` is such as "own7_from"."""
    slug, _, end = name.partition("_")
    column = "number" if hasattr(value, "as_tuple") else "day"
    typed = float(value) if column == "number" else value
    return IdeaValue.objects.filter(field=int(slug[3:]), **{f"{column}__{BOUNDS[end]}": typed})


def worded(name: str, words: Iterable[str]) -> "QuerySet[IdeaValue]":
    """The values of a field that are one of these words, whatever their capitals."""
    condition = Q(pk=None)
    for word in words:
        condition |= Q(Exact(F("alike"), Lower(Value(word))))
    return IdeaValue.objects.filter(condition, field=int(name[3:]))


def has_none(name: str) -> Q:
    """Ideas without a value of this field."""
    return ~Q(Exists(IdeaValue.objects.filter(field=int(name[3:]), idea=OuterRef("pk"))))


def own_implied(
    fields: Iterable[OwnField], chosen: Mapping[str, Any], excluded: Iterable[str]
) -> dict[str, Q]:
    """Column that leads an order by an own field → what filters by the same field say of it.

    So a page begins where such ideas stand in the order, as with a filter by Floe's own columns.
    """
    facts: dict[str, Q] = {}
    for field in fields:
        path, condition = f"{field.slug}__{field.column}", Q()
        words = [one for one in chosen.get(field.slug) or [] if one != NONE]
        if words and field.slug not in excluded:
            condition = _in_words(field, path, words)
        for end, lookup in BOUNDS.items():
            value = chosen.get(f"{field.slug}_{end}")
            if value is not None:
                typed = float(value) if field.kind == OwnField.Kind.NUMBER else value
                condition &= Q(**{f"{path}__{lookup}": typed})
        if condition:
            facts[path] = condition
    return facts


def _in_words(field: OwnField, path: str, words: Iterable[str]) -> Q:
    """A choice stands at its place in the order; one that is gone behind all others."""
    if field.kind == OwnField.Kind.CHOICE:
        places = {one.lower(): float(at) for at, one in enumerate(field.choices)}
        last = float(len(field.choices))
        wanted = sorted({places.get(word.lower(), last) for word in words})
        return Q(**{path: wanted[0]}) if len(wanted) == 1 else Q(**{f"{path}__in": wanted})
    condition = Q()
    for word in words:
        condition |= Q(Exact(F(path), Lower(Value(word))))
    return condition
