"""Filters that take several values: words, and people or objectives with “me” and “none”."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django_filters import Filter

from backlog.calendar_days import quarter_around
from backlog.models import User, Workspace

MOST_VALUES = 20
ME, NONE = "me", "none"
NOT_THERE = "Choose one of those on the list."
SINCE = (
    ("today", "Today"),
    ("week", "This week"),
    ("month", "This month"),
    ("quarter", "This quarter"),
)


def began(period: str) -> dt.datetime:
    """The first moment of the present day, week, month or quarter."""
    day = timezone.localdate()
    first = {
        "today": day,
        "week": day - dt.timedelta(days=day.weekday()),
        "month": day.replace(day=1),
    }.get(period)
    if first is None:
        first, _ = quarter_around(day, start_month=Workspace.current().quarter_start_month)
    return timezone.make_aware(dt.datetime.combine(first, dt.time()))


class WordsField(forms.Field):
    """Each value of a parameter that may stand several times in an address."""

    widget = forms.SelectMultiple

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length

    def clean(self, value: Any) -> list[str]:
        """Raise ValidationError for too many values, or one that is too long."""
        each = dict.fromkeys(str(one).strip() for one in value or [])
        words = [one for one in each if one]
        if len(words) > MOST_VALUES:
            raise ValidationError(f"Choose at most {MOST_VALUES} values.")
        for one in words:
            if len(one) > self.max_length or "\0" in one:
                raise ValidationError(f"A value can have at most {self.max_length} characters.")
        return words

    def in_words(self, value: list[str]) -> str:
        return " or ".join("none" if one == NONE else one for one in value)


@dataclass(frozen=True)
class Things:
    """What was chosen: ids, and whether what has none counts as well. Empty is false."""

    keys: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    has_none: bool = False

    def __bool__(self) -> bool:
        return bool(self.keys or self.has_none)


class ThingsField(WordsField):
    """Ids of rows that the reader sees, “me”, and “none”."""

    def __init__(self, *, queryset: Any, reader: User | None = None, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)
        self.queryset, self.reader = queryset, reader

    def clean(self, value: Any) -> Things:  # type: ignore[override]
        """Raise ValidationError for what is not there, or not for this reader."""
        words = super().clean(value)
        wanted = {one for one in words if one not in (ME, NONE)}
        if not all(one.isascii() and one.isdecimal() and len(one) < 19 for one in wanted):
            raise ValidationError(NOT_THERE, code="invalid_choice")
        rows = list(self.queryset.filter(pk__in=[int(one) for one in wanted])) if wanted else []
        if len(rows) < len(wanted):
            raise ValidationError(NOT_THERE, code="invalid_choice")
        keys, names = [row.pk for row in rows], [str(row) for row in rows]
        if ME in words and self.reader is not None:
            keys, names = [*keys, self.reader.pk], [*names, "me"]
        return Things(tuple(dict.fromkeys(keys)), tuple(names), NONE in words)

    def in_words(self, value: Things) -> str:  # type: ignore[override]
        return " or ".join([*value.names, *(["none"] if value.has_none else [])])


class WordsFilter(Filter):  # type: ignore[misc]
    """Any of several words."""

    field_class = WordsField


class ThingsFilter(Filter):  # type: ignore[misc]
    """Any of several people or objectives, as far as the reader sees them."""

    field_class = ThingsField

    def __init__(self, *, queryset: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows_for = queryset

    @property
    def field(self) -> ThingsField:
        request = getattr(self.parent, "request", None) if hasattr(self, "parent") else None
        user = getattr(request, "user", None)
        reader = user if isinstance(user, User) else None
        return ThingsField(
            queryset=self.rows_for(request), reader=reader, label=self.label, required=False
        )


def values_in(query: QueryDict, name: str) -> list[str]:
    """What stands in an address under this name, without empty values."""
    return [one for one in query.getlist(name) if one]
