"""Addresses under which a calendar program reads Floe's calendar, until they are revoked."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backlog.models import Pod, User


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def visible_to(self, user: User) -> Self:
        """One's own only: the address is a secret."""
        return self.filter(user=user)


class CalendarFeed(models.Model):
    """A secret address of one person; only the hash of its token is stored."""

    class Kind(models.TextChoices):
        PERSONAL = "personal", "What I have a part in"
        POD = "pod", "A pod"
        WORKSPACE = "workspace", "Everything that I may see"

    user = models.ForeignKey(User, models.CASCADE, related_name="calendar_feeds")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSONAL)
    pod = models.ForeignKey(
        Pod, models.CASCADE, null=True, blank=True, related_name="calendar_feeds"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_on = models.DateField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind="pod", pod__isnull=False) | (~Q(kind="pod") & Q(pod=None)),
                name="a_feed_of_a_pod_names_it",
                violation_error_message="Choose the pod.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pod}" if self.pod else self.get_kind_display()
