"""Values of own fields in the API: texts by the name of their field, as an export writes them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError

from backlog.flows.exported import own_written
from backlog.models import Idea, OwnField


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
