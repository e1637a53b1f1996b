"""Only what the description allows may be sent: known names, and JSON of the right kind.

Django REST framework takes `"5"` for 5, 1 for true and any name it does not know. A stricter
description would then be wrong, and a change under a mistyped name would be lost silently.
"""

import copy
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from backlog.calendar_days import OUT_OF_BOUNDS
from backlog.filter_fields import MOST_VALUES, ThingsField, WordsField

Mistakes = dict[str, Any]
LARGEST_ID = 2**63 - 1  # of a body
MOST_NAMED = 20  # names that are repeated in the answer
PARAMETER_PATTERNS = {
    "integer": re.compile(r"-?[0-9]{1,18}"),
    "number": re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?"),
    "boolean": re.compile(r"true|false"),
    "string": re.compile(r"(?s).+"),
}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAY_IN_BOUNDS = re.compile(r"^(2[01][0-9]{2}|2200)-")
LONGEST_KEY = 200
# A header value of visible ASCII characters; spaces stand only between them.
WHOLE_TAG = re.compile(r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")
CURSOR = re.compile(r"^(after|before)-[0-9]{1,4}-([0-9]{1,18})?$")
THING = re.compile(r"^(me|none|[0-9]{1,18})$")
OWN = re.compile(r"^[^\x00]{1,40}(=|>=|<=)[^\x00]{0,200}$")  # such as “Market=North”, “Effort>=2”
DESCRIBED = {one.pattern: one for one in (WHOLE_TAG, CURSOR, THING, OWN)}
HEADERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {"type": "string", "maxLength": LONGEST_KEY, "pattern": WHOLE_TAG.pattern},
    "If-Match": {"type": "string", "pattern": WHOLE_TAG.pattern},
    "If-None-Match": {"type": "string", "pattern": WHOLE_TAG.pattern},
}


def require_headers(request: Request) -> None:
    """Raise ValidationError where a header that the API reads is blank, too long or not plain ASCII."""
    for name, schema in HEADERS.items():
        value = request.headers.get(name)
        if value is None:
            continue
        most = schema.get("maxLength", len(value))
        if len(value) > most or not WHOLE_TAG.fullmatch(value.strip()):
            longest = f" and can have at most {most} of them" if "maxLength" in schema else ""
            sentence = (
                f"{name} must consist of visible ASCII characters{longest}. Otherwise leave it out."
            )
            raise ValidationError({"detail": sentence})


def schemas_of(filters: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The schema of each filter of a list, from the field that reads it."""
    return {name: _schema_of(one) for name, one in filters.items()}


def _schema_of(one: Any) -> dict[str, Any]:
    field: Any = copy.deepcopy(one).field  # a filter keeps its field, and this one knows no reader
    schema: dict[str, Any] = {"description": str(one.label)}
    if isinstance(field, WordsField):
        items: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": field.max_length}
        if isinstance(field, ThingsField):
            items["pattern"] = THING.pattern
        return {**schema, "type": "array", "items": items, "maxItems": MOST_VALUES}
    if isinstance(field, forms.DecimalField):
        bounds = {"minimum": int(str(field.min_value)), "maximum": int(str(field.max_value))}
        return {**schema, "type": "number", **bounds}
    if isinstance(field, (forms.BooleanField, forms.NullBooleanField)):
        return {**schema, "type": "boolean"}
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return {**schema, "type": "string", "enum": [key for key, _ in choices if key]}
    return {**schema, "type": "string", "minLength": 1, "maxLength": field.max_length}


def require_known_parameters(schemas: Mapping[str, Mapping[str, Any]], request: Request) -> None:
    """Raise ValidationError where the address has a parameter that this operation does not know."""
    wrong: Mistakes = {}
    for name, values in list(request.query_params.lists())[:MOST_NAMED]:
        if name not in schemas:
            known = ", ".join(sorted(schemas)) or "none"
            wrong[name[:80]] = [f"This address does not take this parameter. It takes: {known}."]
        elif schemas[name]["type"] == "array":
            if sentence := _misfits(values, schemas[name]):
                wrong[name] = [sentence]
        elif len(values) > 1:
            wrong[name] = ["Send this parameter only once."]
        elif sentence := _misfit(values[0], schemas[name]):
            wrong[name] = [sentence]
    if wrong:
        raise ValidationError(wrong)


def _misfits(values: Sequence[str], schema: Mapping[str, Any]) -> str:
    """Of a parameter that may stand several times: what is wrong with the first value that is."""
    if len(values) > schema["maxItems"]:
        return f"Send this parameter at most {schema['maxItems']} times."
    return next(filter(None, (_misfit(value, schema["items"]) for value in values)), "")


def _misfit(value: str, schema: Mapping[str, Any]) -> str:
    kind = schema["type"]
    if not PARAMETER_PATTERNS[kind].fullmatch(value):
        return (
            f"This is not of the type {kind}." if value else "This is empty. Leave it out instead."
        )
    if "pattern" in schema and not DESCRIBED[schema["pattern"]].fullmatch(value):
        return "This does not match the pattern in the API description."
    if "enum" in schema and value not in schema["enum"]:
        return f"Choose one of {', '.join(schema['enum'])}."
    if len(value) > schema.get("maxLength", len(value)):
        return f"At most {schema['maxLength']} characters are allowed."
    if kind in ("integer", "number"):
        least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        number = int(value) if kind == "integer" else float(value)
        if not least <= number <= most:
            return f"Send a number from {least:,} to {most:,}."
    return ""


def require_nothing(data: Any) -> None:
    """Raise ValidationError where a step that takes no body gets one."""
    if data not in ({}, None):
        raise ValidationError(
            {"detail": "This does not take a body. Send none, or an empty object."}
        )


def require_shape(serializer: serializers.BaseSerializer[Any], data: Any) -> None:
    """Raise ValidationError where `data` has names or kinds of values that are not described."""
    if wrong := _object(serializer, data):
        raise ValidationError(wrong)


def _object(serializer: Any, data: Any) -> Any:
    if not isinstance(data, Mapping):
        return {"detail": f"Send an object, not {_kind(data)}."}
    fields: dict[str, Any] = {n: f for n, f in serializer.fields.items() if not f.read_only}
    known = ", ".join(fields)
    wrong: Mistakes = {}
    for name in data:
        if name not in fields:
            wrong[str(name)[:80]] = [f"You can’t write this here. You can write: {known}."]
        elif mistake := _misshapen(fields[name], data[name]):
            wrong[name] = mistake
        if len(wrong) >= MOST_NAMED:
            break
    return wrong


def _misshapen(field: Any, value: Any) -> Any:
    """What is wrong with the kind of a value: sentences, or sentences by part. Empty if nothing
    is."""
    if value is None:
        return [] if field.allow_null else ["This can’t be null."]
    for nest, wrong_of in NESTS:
        if isinstance(field, nest):
            return wrong_of(field, value)
    for kind, fits, says in KINDS:
        if isinstance(field, kind):
            if not fits(value):
                return [f"This must be {says}, not {_kind(value)}."]
            return _out_of_bounds(field, value)
    return _too_long(field, value)


def _out_of_bounds(field: Any, value: Any) -> list[str]:
    """A day that nobody can mean; a day that does not exist is left to the field."""
    is_day = isinstance(field, serializers.DateField)
    return [OUT_OF_BOUNDS] if is_day and not DAY_IN_BOUNDS.match(value) else []


def _mapping(field: Any, value: Any) -> Any:
    if not isinstance(value, Mapping):
        return [f"This must be an object, not {_kind(value)}."]
    return {n: wrong for n, v in value.items() if (wrong := _misshapen(field.child, v))}


def _choice(field: Any, value: Any) -> list[str]:
    """A choice is a text or a number, as in its list."""
    kinds = {type(key) for key in field.choices}
    if type(value) in kinds or not kinds:
        return []
    return [
        f"This must be one of {', '.join(str(key) for key in field.choices)}, not {_kind(value)}."
    ]


def _items(field: Any, value: Any) -> Any:
    child = field.child_relation if hasattr(field, "child_relation") else field.child
    return _list(child, value, getattr(field, "max_length", None))


def _list(child: Any, value: Any, most: int | None) -> Any:
    if not isinstance(value, list):
        return [f"This must be a list, not {_kind(value)}."]
    if most is not None and len(value) > most:
        return []  # counted by the field itself, which has the sentence
    wrong = [_misshapen(child, one) for one in value]
    return wrong if any(wrong) else []


def _too_long(field: Any, value: Any) -> list[str]:
    """A text is counted as it was sent, before the spaces around it are removed."""
    if isinstance(field, serializers.CharField) and not _is_text(value):
        return [f"This must be a text, not {_kind(value)}."]
    most = getattr(field, "max_length", None)
    if most is None or not isinstance(value, str) or len(value) <= most:
        return []
    return [f"At most {most:,} characters are allowed. You sent {len(value):,}."]


NESTS: tuple[tuple[Any, Callable[[Any, Any], Any]], ...] = (
    ((serializers.ListSerializer, serializers.ListField, serializers.ManyRelatedField), _items),
    (serializers.DictField, _mapping),
    (serializers.ChoiceField, _choice),
    (serializers.BaseSerializer, _object),
)


def _is_whole(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_id(value: Any) -> bool:
    return _is_whole(value) and 1 <= value <= LARGEST_ID


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and bool(DAY.fullmatch(value))


KINDS: tuple[tuple[Any, Callable[[Any], bool], str], ...] = (
    (serializers.BooleanField, lambda value: isinstance(value, bool), "true or false"),
    (serializers.IntegerField, _is_whole, "a whole number"),
    ((serializers.FloatField, serializers.DecimalField), _is_number, "a number"),
    (serializers.PrimaryKeyRelatedField, _is_id, "an id, a whole number of 1 or more"),
    (serializers.DateTimeField, _is_text, "a time such as 2026-05-04T09:00:00Z"),
    (serializers.DateField, _is_day, "a day such as 2026-05-04"),
    (serializers.SlugRelatedField, _is_text, "a text"),
)  # fmt: skip


def _kind(value: Any) -> str:
    names: Iterator[str] = (
        word
        for kind, word in (
            (bool, "true or false"), (str, "a text"), ((int, float), "a number"),
            (list, "a list"), (Mapping, "an object"),
        )
        if isinstance(value, kind)
    )  # fmt: skip
    return next(names, "null")
