"""Sets of milestones with roles and offsets; a new experiment starts with the steps of one."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from experiments.models.sharing import SeenByAll


class Step(models.Model):
    """What is to be done by whom, so many days from the experiment's first day or its end."""

    class Anchor(models.TextChoices):
        START = "start", "the first day"
        END = "end", "the end"

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        LAUNCHER = "launcher", "Launcher"
        ANALYST = "analyst", "Analyst"
        LEAD = "lead", "Lead"
        ANOTHER = "another", "Another member"

    name = models.CharField(max_length=80)
    role = models.CharField(max_length=10, choices=Role, default=Role.OWNER)
    anchor = models.CharField(max_length=5, choices=Anchor, default=Anchor.START)
    offset_days = models.SmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def when(self) -> str:
        """Its distance from the experiment's day, in words."""
        if not self.offset_days:
            return f"on {self.get_anchor_display()}"
        days = abs(self.offset_days)
        side = "before" if self.offset_days < 0 else "after"
        return f"{days} day{'' if days == 1 else 's'} {side} {self.get_anchor_display()}"


class MilestoneSet(models.Model):
    """Milestones under one name, such as those of an e-mail campaign. One set is the default."""

    name = models.CharField(max_length=60)
    note = models.CharField(max_length=200, blank=True)
    is_default = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SeenByAll["MilestoneSet"].as_manager()

    class Meta:
        ordering = ("-is_default", "name")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["name"],
                name="one_milestone_set_a_name",
                violation_error_message="There is already a set with this name.",
            ),
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="one_default_milestone_set",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("experiments:milestone_list")


class StandardMilestone(Step):
    """A milestone of a set, with which a new experiment starts."""

    milestone_set = models.ForeignKey(MilestoneSet, models.CASCADE, related_name="steps")
