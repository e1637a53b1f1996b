"""Values of own fields in the API: texts by the name of their field, as an export writes them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from backlog.api.validation import OWN
from backlog.filter_fields import MOST_VALUES, NONE
from backlog.flows.exported import own_written
from backlog.models import Idea, OwnField

OWN_FILTER: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string", "minLength": 2, "maxLength": 242, "pattern": OWN.pattern},
    "maxItems": MOST_VALUES,
    "description": "An own field: “Market=North” (several: any of them; “Market=”: no value), or "
    "“Effort>=2” and “Effort<=5” for numbers and days. `exclude=Market` leaves out what it says",
}
_ENDS = {">=": "from", "<=": "to"}


def own_filtered(query: QueryDict) -> tuple[QueryDict, list[OwnField]]:
    """The parameters with those of own fields as `IdeaFilter` takes them, and the fields. Raises
    ValidationError."""
    if "own" not in query:
        return query, []
    fields = list(OwnField.objects.all())
    taken = query.copy()
    for text in taken.pop("own"):
        name, value = _filter_in(str(text), fields)
        if not value:
            raise ValidationError({"own": f"“{text}” has no value."})
        if name in taken and "_" in name:
            raise ValidationError({"own": f"“{text}” is the second such end. Send one."})
        taken.appendlist(name, value)
    slugs = {field.name: field.slug for field in fields}
    taken.setlist("exclude", [slugs.get(name, name) for name in taken.getlist("exclude")])
    return taken, fields


def _filter_in(text: str, fields: Iterable[OwnField]) -> tuple[str, str]:
    """Name and value for `IdeaFilter`. A name may have signs of its own, so the longest one fits."""
    for field in sorted(fields, key=lambda one: -len(one.name)):
        rest = text.removeprefix(field.name)
        has_words = field.kind in (OwnField.Kind.TEXT, OwnField.Kind.CHOICE)
        if rest == text or not rest.startswith(("=", ">=", "<=")):
            continue
        if has_words and rest[0] == "=":
            return field.slug, rest[1:] or NONE
        if not has_words and rest[:2] in _ENDS:
            return f"{field.slug}_{_ENDS[rest[:2]]}", rest[2:]
        ways = "“=”" if has_words else "“>=” and “<=”"
        raise ValidationError({"own": f"{field.name} is compared with {ways}."})
    raise ValidationError({"own": f"“{text[:60]}” does not begin with the name of an own field."})


def own_shown(idea: Idea) -> dict[str, str]:
    """Name → text of each field that the idea has a value of."""
    rows = sorted(idea.own_values.all(), key=lambda row: (row.field.place, row.field_id))
    return {row.field.name: own_written(row.value) for row in rows}


@contextmanager
def own_inputs(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The inputs with `own` by slug. What is wrong with a value is raised beside `own`."""
    fields = {field.slug: field for field in OwnField.objects.all()} if "own" in values else {}
    if "own" in values:
        values["own"] = _by_slug(values["own"], fields.values())
    try:
        yield values
    except ValidationError as error:
        named = getattr(error, "error_dict", {})
        wrong = [one for slug in named.keys() & fields.keys() for one in named[slug]]
        if not wrong:
            raise
        raise ValidationError({"own": wrong}) from error


def _by_slug(own: Mapping[str, str | None], fields: Any) -> dict[str, Any]:
    by_name = {field.name: field for field in fields}
    typed: dict[str, Any] = {}
    for name, text in own.items():
        if name not in by_name:
            raise ValidationError({"own": f"There is no own field “{name}”."})
        typed[by_name[name].slug] = _typed(by_name[name], text)
    return typed


def _typed(field: OwnField, text: str | None) -> Any:
    try:
        if text and field.kind == OwnField.Kind.NUMBER:
            return float(text)
        if text and field.kind == OwnField.Kind.DATE:
            return dt.date.fromisoformat(text)
    except ValueError as error:
        like = (
            "a number such as 2.5"
            if field.kind == OwnField.Kind.NUMBER
            else "a day such as 2026-12-01"
        )
        raise ValidationError({"own": f"{field.name} takes {like}."}) from error
    return text
