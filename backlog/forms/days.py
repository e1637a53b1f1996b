"""A day that people type or choose: the same control everywhere, and the same bounds."""

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from backlog.calendar_days import OUT_OF_BOUNDS, is_in_bounds


class DayField(forms.DateField):
    """A day with which everything can be counted, so that no date overflows later."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "Enter a day, such as 2026-11-14.",
        "out_of_bounds": OUT_OF_BOUNDS,
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> dt.date | None:
        day: dt.date | None = super().clean(value)
        if day and not is_in_bounds(day):
            raise ValidationError(self.error_messages["out_of_bounds"], code="out_of_bounds")
        return day
