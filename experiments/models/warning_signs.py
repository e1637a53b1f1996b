"""What goes wrong in a pod, detected by the clock and shown with its evidence."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.utils import timezone

from backlog.models import Pod, User
from backlog.models.visibility import SeenInPods


class WarningSignQuerySet(SeenInPods["WarningSign"]):
    pod_path = "pod"


class WarningSign(models.Model):
    """One sign of one pod, as the last look found it; a row stays while the sign does.

    `count` of `out_of` is what it counts, and `experiments` are its evidence. Somebody may mute it
    for a while, with a reason; it comes back when that is over.
    """

    class Code(models.TextChoices):
        LATE = "late", "Deadlines are missed"
        PUSHED = "pushed", "Planned work is pushed aside"
        TOO_MANY = "too-many", "Too many things at once"
        NO_STEP = "no-step", "It is not clear what comes next"
        SAME_STEP = "same-step", "The same step is late in several places"
        WAIVERS = "waivers", "Waivers pile up"
        SILENT = "silent", "Members go silent"
        OUT_OF_REACH = "out-of-reach", "An outcome that no experiment can reach"

    pod = models.ForeignKey(Pod, models.CASCADE, related_name="warning_signs")
    code = models.CharField(max_length=12, choices=Code)
    count = models.PositiveIntegerField(default=0)
    out_of = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200, blank=True)
    evidence = models.JSONField(default=list, blank=True)
    first_seen_on = models.DateField(default=timezone.localdate)
    muted_until = models.DateField(null=True, editable=False)
    muted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    mute_reason = models.CharField(max_length=300, blank=True)

    objects = WarningSignQuerySet.as_manager()

    class Meta:
        ordering = ("first_seen_on", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pod", "code"], name="one_sign_a_pod_and_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()}: {self.pod}"

    @property
    def is_muted(self) -> bool:
        return self.muted_until is not None and self.muted_until > timezone.localdate()

    @property
    def days(self) -> int:
        """Since it was first seen."""
        return max(0, (timezone.localdate() - self.first_seen_on) // dt.timedelta(days=1))
