"""Bodies, lists and keys with a cap, so that no call can take more than its share."""

import codecs
import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.settings import api_settings
from rest_framework.utils import json as strict_json

from backlog.odd_text import SAYS, is_odd

DEEPEST = 20
LARGEST_WHOLE = 2.0**63


class BoundedJSONParser(JSONParser):
    """JSON up to the size of a form, nested up to `DEEPEST`, of characters that a database can hold."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig(f"A body has more than {most} bytes.")
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        constant = strict_json.strict_constant if api_settings.STRICT_JSON else None
        try:
            text = codecs.decode(body, encoding)
            body_json = json.loads(text, parse_constant=constant, parse_float=_number)
        except (ValueError, LookupError) as error:
            raise ParseError(f"This is not valid JSON: {error}") from error
        except RecursionError as error:
            raise ParseError(f"This JSON is nested more than {DEEPEST} levels deep.") from error
        _look_through(body_json)
        return body_json


def _number(text: str) -> int | float:
    """JSON knows one kind of number: 4.0 is the whole number 4.

    >>> _number("4.0"), _number("4.5"), _number("1e400")
    (4, 4.5, inf)
    """
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < LARGEST_WHOLE else number


def _look_through(tree: Any) -> None:
    level = [tree]
    for _ in range(DEEPEST):
        for part in level:
            texts = part if isinstance(part, dict) else (part,)
            if any(isinstance(text, str) and is_odd(text) for text in texts):
                raise ParseError(f"One of the texts {SAYS} Remove it and send the rest again.")
        level = [
            below
            for part in level
            if isinstance(part, (dict, list))
            for below in (part.values() if isinstance(part, dict) else part)
        ]
        if not level:
            return
    raise ParseError(f"This JSON is nested more than {DEEPEST} levels deep.")


class ManyKeys(serializers.ManyRelatedField):
    """Many objects by their ids: one query, and at most `max_length` of them."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.max_length = max_length
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, str) or not hasattr(data, "__iter__"):
            self.fail("not_a_list", input_type=type(data).__name__)
        ids = list(data)
        if not self.allow_empty and not ids:
            self.fail("empty")
        if len(ids) > self.max_length:
            raise serializers.ValidationError(
                f"At most {self.max_length:,} are allowed. You sent {len(ids):,}."
            )
        one: Any = self.child_relation
        for pk in ids:
            if isinstance(pk, bool) or not isinstance(pk, int) or not 0 < pk < 2**63:
                one.fail("incorrect_type", data_type=type(pk).__name__)
        objects = one.get_queryset().in_bulk(ids)
        for pk in ids:
            if pk not in objects:
                one.fail("does_not_exist", pk_value=pk)
        return [objects[pk] for pk in dict.fromkeys(ids)]


class WholeRows(serializers.ListSerializer[Any]):
    """Rows that replace the existing ones. Each is complete, even in a partial change."""

    def run_child_validation(self, data: Any) -> Any:
        row: Any = type(self.child)
        checked = row(data=data, context=self.context)
        checked.is_valid(raise_exception=True)
        return with_defaults(checked)


def with_defaults(checked: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    """What was sent, with the model’s defaults for what was left out."""
    values: dict[str, Any] = dict(checked.validated_data)
    if not isinstance(checked, serializers.ModelSerializer):
        return values
    model: Any = checked.Meta.model
    columns = {column.name: column for column in model._meta.concrete_fields}
    missing = [name for name, field in checked.fields.items()
               if name in columns and not field.read_only and name not in values]  # fmt: skip
    return {
        **{name: columns[name].get_default() for name in missing if columns[name].has_default()},
        **values,
    }


def several(serializer: type[serializers.BaseSerializer[Any]], *, most: int, **kwargs: Any) -> Any:
    """A list of complete rows, `most` at most. The description states this limit, too."""
    return WholeRows(child=serializer(), max_length=most, help_text=f"At most {most:,}.", **kwargs)


def keys(queryset: QuerySet[Any], *, most: int, note: str) -> Any:
    """A list of ids of objects in `queryset`, `most` at most."""
    one = serializers.PrimaryKeyRelatedField(queryset=queryset)
    return ManyKeys(max_length=most, child_relation=one, help_text=f"At most {most:,}{note}.")


class BoundedList(serializers.ListField):
    """A list that is counted before its items are checked."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and self.max_length and len(data) > self.max_length:
            raise serializers.ValidationError(
                f"At most {self.max_length:,} are allowed. You sent {len(data):,}."
            )
        return super().to_internal_value(data)


class BoundedDict(serializers.DictField):
    """An object of names, at most `most` of them, each at most `longest` letters long."""

    def __init__(self, *, most: int, longest: int = 200, **kwargs: Any) -> None:
        self.most, self.longest = most, longest
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            if len(data) > self.most:
                raise serializers.ValidationError(
                    f"At most {self.most:,} names are allowed. You sent {len(data):,}."
                )
            if any(len(str(name)) > self.longest for name in data):
                raise serializers.ValidationError(
                    f"A name can have at most {self.longest} characters."
                )
        return super().to_internal_value(data)
