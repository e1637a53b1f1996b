"""Figures as people type them: with a point or a comma, with or without the per cent sign."""

import math
from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class FigureField(forms.FloatField):
    """A number: 4.2, 4,2, 1 000, 4.2 %."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": "Enter a number, such as 4.2."}

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]
        if isinstance(value, str):
            value = "".join(value.replace("%", "").replace("−", "-").split())
            if value.count(",") == 1 and "." not in value:
                value = value.replace(",", ".")
        number = super().to_python(value)
        if number is not None and not math.isfinite(number):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number

    def prepare_value(self, value: Any) -> Any:
        """0.5 and 10 rather than 0.50 and 10.0."""
        return f"{value:.10g}" if isinstance(value, float) else value


class PercentField(FigureField):
    """A figure in per cent, kept as a fraction: 10 or 10 % is 0.1."""

    def clean(self, value: Any) -> float | None:
        number = super().clean(value)
        return None if number is None else number / 100
