"""Addresses under which somebody without an account reads a quarter report, until they end."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from backlog.models import Pod, Quarter, User


class ReportLinkQuerySet(models.QuerySet["ReportLink"]):
    def visible_to(self, user: User) -> Self:
        """One's own only: the address is a secret."""
        return self.filter(user=user)


class ReportLink(models.Model):
    """A secret address of the report of a quarter, of one pod or of all; only its hash is stored."""

    user = models.ForeignKey(User, models.CASCADE, related_name="report_links")
    quarter = models.ForeignKey(Quarter, models.CASCADE, related_name="report_links")
    pod = models.ForeignKey(
        Pod, models.CASCADE, null=True, related_name="report_links", editable=False
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    sent_to = models.EmailField(blank=True, editable=False)  # whom Floe mailed it to
    hint = models.CharField(max_length=12, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ReportLinkQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[tuple[str, ...]] = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.quarter}, {self.pod or 'all pods'}"

    @property
    def is_over(self) -> bool:
        return self.revoked_at is not None or self.expires_on <= timezone.localdate()
