"""Add, change, order and remove the own fields of the workspace."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max

from backlog import caps
from backlog.flows.exported import HEADERS
from backlog.models import Event, IdeaValue, OwnField, User
from backlog.models.own_fields import LONGEST_VALUE, MOST_CHOICES, MOST_FIELDS
from backlog.permissions import require
from backlog.refusals import Refused
from backlog.sheets import plain_name

PERM = "backlog.change_own_field"


@transaction.atomic
def add_field(*, by: User, name: str, kind: str, choices: Sequence[str] = ()) -> OwnField:
    """Add a field behind the others. Raises PermissionDenied, Refused, ValidationError."""
    require(by, PERM)
    if OwnField.objects.count() >= MOST_FIELDS:
        raise Refused(
            f"A workspace can have at most {MOST_FIELDS} own fields. Remove one that is not needed."
        )
    last = OwnField.objects.aggregate(last=Max("place"))["last"]
    field = OwnField(kind=kind, place=0 if last is None else last + 1)
    _write(field, name, choices)
    Event.record(
        field, "add", f"{by} added the field “{field}” ({field.get_kind_display()}).", by=by
    )
    return field


@transaction.atomic
def change_field(field: OwnField, *, by: User, name: str, choices: Sequence[str] = ()) -> OwnField:
    """Rename a field, change its choices. Values of a choice that is gone stay as they are."""
    require(by, PERM)
    _write(field, name, choices)
    if field.kind == OwnField.Kind.CHOICE:
        _place_values(field)
    Event.record(field, "edit", f"{by} changed the field “{field}”.", by=by)
    return field


def _write(field: OwnField, name: str, choices: Sequence[str]) -> None:
    before, field.name = field.name, " ".join(name.split())
    if field.name and field.name != before:
        _check_name(field)
    field.choices = _checked(choices) if field.kind == OwnField.Kind.CHOICE else []
    field.full_clean()
    if field.name != before:
        _check_likeness(field)
    field.save()


def _check_name(field: OwnField) -> None:
    """An import knows a column by its letters and digits alone."""
    plain = plain_name(field.name)
    if not plain:
        problem = f"“{field.name}” has no letter or digit. Choose another name."
    elif plain in map(plain_name, HEADERS.values()):
        problem = f"“{field.name}” is a field of Floe’s own. Choose another name."
    else:
        return
    raise ValidationError({"name": problem})


def _check_likeness(field: OwnField) -> None:
    """Two fields that differ in capitals, accents or signs alone are one column to an import."""
    plain = plain_name(field.name)
    for other in OwnField.objects.exclude(pk=field.pk):
        if plain_name(other.name) == plain:
            raise ValidationError(
                {
                    "name": f"“{field.name}” and the field “{other}” differ only in capitals, accents or "
                    "signs. Choose another name."
                }
            )


def _checked(choices: Sequence[str]) -> list[str]:
    alike: dict[str, str] = {}
    for choice in choices:
        words = " ".join(choice.split())
        if len(words) > LONGEST_VALUE:
            raise ValidationError(
                {
                    "choices": f"“{words[:40]}…” is too long. A choice can have at most {LONGEST_VALUE} characters."
                }
            )
        if words:
            alike.setdefault(words.casefold(), words)
    if not alike:
        raise ValidationError({"choices": "Enter at least one choice."})
    caps.hold("choices", alike, MOST_CHOICES, "A field", "choices")
    return list(alike.values())


def _place_values(field: OwnField) -> None:
    """Values sort and are spelled as the choices are; those of choices that are gone come last."""
    offered = {one.casefold(): (place, one) for place, one in enumerate(field.choices)}
    values = IdeaValue.objects.filter(field=field)
    for text in list(values.order_by().values_list("text", flat=True).distinct()):
        place, words = offered.get(text.casefold(), (len(offered), text))
        values.filter(text=text).update(text=words, number=float(place))


@transaction.atomic
def move_field(field: OwnField, *, by: User, step: int) -> None:
    """One place up (-1) or down (1) among the fields, wherever fields are listed."""
    require(by, PERM)
    fields = list(OwnField.objects.all())
    at = fields.index(field)
    fields.insert(max(0, at + step), fields.pop(at))
    for place, one in enumerate(fields):
        if one.place != place:
            OwnField.objects.filter(pk=one.pk).update(place=place)


@transaction.atomic
def remove_field(field: OwnField, *, by: User) -> None:
    """Remove a field with the values of all ideas."""
    require(by, PERM)
    values = IdeaValue.objects.filter(field=field)
    count = values.count()
    noun = "idea" if count == 1 else "ideas"
    sentence = f"{by} removed the field “{field}”. {count:,} {noun} had a value in it."
    Event.record(field, "remove", sentence, by=by)
    OwnField.objects.filter(place__gt=field.place).update(place=F("place") - 1)
    values.delete()
    field.delete()
