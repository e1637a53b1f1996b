"""Own fields: what a workspace keeps of its ideas beside what Floe knows, one row a value."""

import datetime as dt
import math
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from backlog.calendar_days import OUT_OF_BOUNDS, is_in_bounds
from backlog.models.ideas import Idea
from backlog.models.people import User

MOST_FIELDS, MOST_CHOICES = 20, 50
LONGEST_NAME, LONGEST_VALUE, LARGEST = 40, 200, 1e15
Value = str | float | dt.date | None


class OwnFieldQuerySet(models.QuerySet["OwnField"]):
    def visible_to(self, user: User) -> Self:
        """Own fields are the workspace's, so everybody's."""
        return self


class OwnField(models.Model):
    """A field of ideas that a programme owner added. `slug` is its name in addresses and forms."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        CHOICE = "choice", "Choice"

    name = models.CharField(
        max_length=LONGEST_NAME,
        error_messages={
            "max_length": "A name can have at most %(limit_value)d characters. This one has %(show_value)d.",
        },
    )
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True)
    place = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = OwnFieldQuerySet.as_manager()

    class Meta:
        ordering = ("place", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                Lower("name"),
                name="one_own_field_of_a_name",
                violation_error_message="There is already a field with this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def slug(self) -> str:
        return f"own{self.pk}"

    @property
    def column(self) -> str:
        """The column of `IdeaValue` that this kind is sorted and compared by."""
        return {"text": "alike", "date": "day"}.get(self.kind, "number")

    def checked(self, value: Any) -> Value:
        """The value as it is stored, None for none. Raises ValidationError."""
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            return None
        if self.kind == self.Kind.NUMBER:
            return self._number(value)
        if self.kind == self.Kind.DATE:
            return _day(value)
        return self._words(str(value))

    def _number(self, value: Any) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or abs(value) > LARGEST:
            raise ValidationError("Enter a number between −10¹⁵ and 10¹⁵.")
        return float(value) + 0.0

    def _words(self, text: str) -> str:
        if "\0" in text or len(text) > LONGEST_VALUE:
            raise ValidationError(
                f"A value can have at most {LONGEST_VALUE} characters. This one has {len(text):,}."
            )
        if self.kind == self.Kind.TEXT:
            return " ".join(text.split())
        for choice in self.choices:
            if choice.casefold() == text.casefold():
                return str(choice)
        raise ValidationError(f"“{text[:60]}” is not one of the choices of {self.name}.")

    def place_of(self, choice: str) -> int:
        """Where a choice stands in the order; removed ones come after all others."""
        return self.choices.index(choice) if choice in self.choices else len(self.choices)


def _day(value: Any) -> dt.date:
    if not isinstance(value, dt.date) or not is_in_bounds(value):
        raise ValidationError(OUT_OF_BOUNDS)
    return value


class IdeaValue(models.Model):
    """What one idea has in one own field. A choice also has its place as `number`."""

    idea = models.ForeignKey(Idea, models.CASCADE, related_name="own_values", db_index=False)
    field = models.ForeignKey(OwnField, models.CASCADE, related_name="values", db_index=False)
    text = models.CharField(max_length=LONGEST_VALUE, blank=True)
    number = models.FloatField(null=True)
    day = models.DateField(null=True)
    alike = models.GeneratedField(
        expression=Lower("text"),
        output_field=models.CharField(max_length=LONGEST_VALUE),
        db_persist=True,
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["idea", "field"], name="one_value_a_field"),
        ]
        # Each order of the list by an own field goes along one of these (docs/decisions/0074).
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["field", "alike", "idea"], name="idea_value_by_text"),
            models.Index(fields=["field", "number", "idea"], name="idea_value_by_number"),
            models.Index(fields=["field", "day", "idea"], name="idea_value_by_day"),
        ]

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def of(cls, idea_id: int, field: OwnField, value: Value) -> "IdeaValue":
        """The unsaved row of a value that `checked` gave."""
        row = cls(idea_id=idea_id, field=field)
        if isinstance(value, dt.date):
            row.day = value
        elif isinstance(value, float):
            row.number = value
        else:
            row.text = value or ""
            is_choice = field.kind == OwnField.Kind.CHOICE
            row.number = float(field.place_of(row.text)) if is_choice else None
        return row

    @property
    def value(self) -> Value:
        """As its kind has it."""
        if self.day is not None:
            return self.day
        return self.text or self.number
