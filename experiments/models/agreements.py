"""What people vouch for before a launch: approvals, waivers, ticks, milestones."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.utils import timezone

from backlog.models import Pod, User
from backlog.models.visibility import SeenInPods
from experiments.models.design import Experiment
from experiments.models.milestone_sets import Step


class Approval(models.Model):
    """Somebody looked at this very plan: it holds while the plan's fingerprint stays the same."""

    class Kind(models.TextChoices):
        QA = "qa", "QA"
        RISK = "risk", "Risk"

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="approvals")
    kind = models.CharField(max_length=10, choices=Kind)
    fingerprint = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True)
    share = models.FloatField(null=True, editable=False)  # of its segment, at which the risk was
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.experiment.key} by {self.by}"


class WaiverQuerySet(SeenInPods["Waiver"]):
    pod_path = "experiment__pod"


class Waiver(models.Model):
    """A standard that was departed from, and why. Counted, never hidden."""

    class Standard(models.TextChoices):
        LAUNCHER = "launcher", "Launcher is somebody other than the author"
        ANALYST = "analyst", "Analyst is somebody other than the author and the launcher"
        QA = "qa", "QA by somebody other than the author"
        QUESTIONS = "questions", "The nine questions are answered"
        CHECKLIST = "checklist", "The checklist is ticked"
        SIZE = "size", "Long enough for the planned sample"
        METRICS = "metrics", "No more metrics than the template allows"
        ONE_THING = "one-thing", "Only one thing differs between the arms"
        CONTACT = "contact", "Within the contact rules"
        FINAL_EDIT = "final-edit", "Not changed after the last day for edits"
        RISK_LIMIT = "risk-limit", "Within the risk limits"
        ESCALATION = "escalation", "The escalation plan names a contact"

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="waivers")
    standard = models.CharField(max_length=12, choices=Standard)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = WaiverQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["experiment", "standard"],
                name="one_waiver_a_standard",
                violation_error_message="This standard is already waived.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_standard_display()}: waived for {self.experiment.key}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod


class Tick(models.Model):
    """A line of the checklist that somebody ticked by hand."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="ticks")
    item = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["experiment", "item"], name="one_tick_an_item"),
        ]

    def __str__(self) -> str:
        return self.item


class Milestone(Step):
    """A step of one experiment; its date moves along with the experiment's first day or its end."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="milestones")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    @property
    def due_on(self) -> dt.date | None:
        day = getattr(self.experiment, "starts_on" if self.anchor == "start" else "ends_on")
        return day + dt.timedelta(days=self.offset_days) if day else None

    @property
    def is_late(self) -> bool:
        return self.done_at is None and bool(self.due_on and self.due_on < timezone.localdate())

    @property
    def who(self) -> User | None:
        """The person of record for its role, where there is one."""
        if self.role in (self.Role.OWNER, self.Role.LAUNCHER, self.Role.ANALYST):
            person: User | None = getattr(self.experiment, self.role)
            return person
        return None
