"""Forms of own fields: the field itself, and the control for its value of an idea."""

from typing import Any

from django import forms

from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from backlog.models import OwnField
from backlog.models.own_fields import (
    LARGEST,
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_CHOICES,
    Value,
)

CHOICES_HELP = (
    "One a line, in the order in which the list sorts them. Ideas keep the value of a choice that you "
    "take away, and it can no longer be chosen."
)


class OwnFieldForm(MergingForm, forms.Form):
    """A field of ideas. Its kind is chosen once, as the values depend on it."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        help_text="The name of the column, such as Market or Effort in days.",
        error_messages={"required": "Enter a name."},
    )
    kind = forms.ChoiceField(
        choices=OwnField.Kind.choices, help_text="This can’t be changed afterwards."
    )
    choices = forms.CharField(
        required=False,
        max_length=(LONGEST_VALUE + 2) * MOST_CHOICES,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"For a field of the kind Choice. {CHOICES_HELP}",
    )

    def __init__(self, *args: Any, field: OwnField | None = None, **kwargs: Any) -> None:
        if field:
            kwargs["initial"] = {"name": field.name, "choices": "\n".join(field.choices)}
        super().__init__(*args, **kwargs)
        if field is None:
            self.is_of_something_new()
            return
        del self.fields["kind"]
        self.fields["choices"].help_text = CHOICES_HELP
        if field.kind != OwnField.Kind.CHOICE:
            del self.fields["choices"]

    def clean(self) -> dict[str, Any]:
        """Choices become a list, one a line."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        values["choices"] = str(values.get("choices", "")).splitlines()
        return values


class NumberField(forms.FloatField):
    """A number that the database and every reader can take."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=-LARGEST,
            max_value=LARGEST,
            widget=forms.NumberInput(attrs={"step": "any"}),
            error_messages={"invalid": "Enter a number, such as 12 or 0.5."},
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        """Without the “.0” that a whole number has as a float."""
        return int(value) if isinstance(value, float) and value.is_integer() else value


class OwnChoiceField(forms.ChoiceField):
    """One of the choices, or the value that an idea has although it is no longer offered."""

    def __init__(self, *, offered: list[str], present: Value, **kwargs: Any) -> None:
        gone = [str(present)] if present and present not in offered else []
        pairs = [("", "None"), *((one, one) for one in offered)]
        pairs += [(one, f"{one} (no longer offered)") for one in gone]
        super().__init__(choices=pairs, **kwargs)


def control_of(field: OwnField, present: Value = None) -> forms.Field:
    """The form field for a value of this own field."""
    shared: dict[str, Any] = {"label": field.name, "required": False}
    if field.kind == OwnField.Kind.NUMBER:
        return NumberField(**shared)
    if field.kind == OwnField.Kind.DATE:
        return DayField(**shared)
    if field.kind == OwnField.Kind.CHOICE:
        return OwnChoiceField(offered=list(field.choices), present=present, **shared)
    sentence = f"A value can have at most {LONGEST_VALUE} characters. This one has %(show_value)d."
    return forms.CharField(
        max_length=LONGEST_VALUE, error_messages={"max_length": sentence}, **shared
    )
