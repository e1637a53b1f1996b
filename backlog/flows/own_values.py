"""The values that ideas have in own fields: read for pages, written beside the other edits."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import FilteredRelation, Q

from backlog.models import Idea, IdeaValue, OwnField
from backlog.models.own_fields import Value

Values = Mapping[str, Any]
"""Slug of a field → its value, None for none."""


def own_field_called(slug: str) -> OwnField | None:
    """The field of a name in an address, such as "own7"."""
    digits = slug.removeprefix("own")
    is_one = slug.startswith("own") and digits.isascii() and digits.isdigit() and len(digits) < 19
    return OwnField.objects.filter(pk=int(digits)).first() if is_one else None


def fields_with_values(idea: Idea) -> list[tuple[OwnField, Value]]:
    """Every field in its order, with what this idea has in it, in one query."""
    rows = OwnField.objects.annotate(
        held=FilteredRelation("values", condition=Q(values__idea=idea.pk))
    ).values_list(
        "pk", "name", "kind", "choices", "place", "held__text", "held__number", "held__day"
    )
    pairs = []
    for pk, name, kind, choices, place, text, number, day in rows:
        field = OwnField(pk=pk, name=name, kind=kind, choices=choices, place=place)
        pairs.append((field, IdeaValue(text=text or "", number=number, day=day).value))
    return pairs


def own_values_of(idea: Idea) -> dict[str, Value]:
    return {field.slug: value for field, value in fields_with_values(idea)}


def kept_own_of(idea: Idea) -> dict[str, Any]:
    """The same as JSON takes it, for an undo."""
    return {
        slug: value.isoformat() if isinstance(value, dt.date) else value
        for slug, value in own_values_of(idea).items()
    }


def set_own_values(idea: Idea, values: Values) -> list[OwnField]:
    """Write these values and return the fields that changed. Raises ValidationError by slug."""
    held = {field.slug: (field, value) for field, value in fields_with_values(idea)}
    problems: dict[str, Any] = {}
    changed: list[tuple[OwnField, Value]] = []
    for slug, typed in values.items():
        if slug not in held:
            raise ValidationError("Somebody has removed a field. Reload the page and try again.")
        field, present = held[slug]
        try:
            value = present if typed == present else field.checked(typed)
        except ValidationError as error:
            problems[slug] = error.messages
            continue
        if value != present:
            changed.append((field, value))
    if problems:
        raise ValidationError(problems)
    _write(idea, changed)
    return [field for field, _ in changed]


def put_own_back(idea: Idea, kept: Values) -> None:
    """What `kept_own_of` gave, without its checks: a choice may be gone. Removed fields stay so."""
    fields = {field.slug: field for field in OwnField.objects.all()}
    back: list[tuple[OwnField, Value]] = []
    for slug in kept.keys() & fields.keys():
        field, value = fields[slug], kept[slug]
        is_day = field.kind == OwnField.Kind.DATE and value
        back.append((field, dt.date.fromisoformat(value) if is_day else value))
    _write(idea, back)


def _write(idea: Idea, values: list[tuple[OwnField, Value]]) -> None:
    if not values:
        return
    IdeaValue.objects.filter(idea=idea, field__in=[field.pk for field, _ in values]).delete()
    IdeaValue.objects.bulk_create(
        IdeaValue.of(idea.pk, field, value) for field, value in values if value is not None
    )
