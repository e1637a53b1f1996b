"""How campaigns and files are named: a list of tokens, a separator, a case."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from experiments.models.sharing import SeenByAll
from experiments.plan.naming import CASES, KINDS, LONGEST_DEFAULT, LONGEST_MOST, SEPARATORS


class NamingConvention(models.Model):
    """The one convention of the workspace; without a row, Floe's own holds."""

    separator = models.CharField(max_length=1, choices=SEPARATORS, default="_")
    letter_case = models.CharField("case", max_length=5, choices=CASES, default="mixed")
    longest = models.PositiveSmallIntegerField(
        "most characters",
        default=LONGEST_DEFAULT,
        validators=[
            MinValueValidator(20, "Enter at least 20 characters."),
            MaxValueValidator(LONGEST_MOST, f"Enter at most {LONGEST_MOST} characters."),
        ],
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SeenByAll["NamingConvention"].as_manager()

    def __str__(self) -> str:
        return "Naming convention"


class NamingToken(models.Model):
    """One part of a name; `value` is the format of a date, the form of an arm, or the text itself."""

    convention = models.ForeignKey(NamingConvention, models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=8, choices=KINDS)
    value = models.CharField(max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ("position", "pk")

    def __str__(self) -> str:
        return self.get_kind_display()
