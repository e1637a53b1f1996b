"""Outgoing mail: a row written together with its event, and sent by a task at least once."""

from django.db import models
from django.utils import timezone

from backlog.models.people import User
from backlog.models.texts import Text


class Mail(models.Model):
    """One mail to one person. `key` names its event, so that it is written only once.

    `pods` are the ids of the pods that it tells of.
    """

    key = models.CharField(max_length=80, unique=True)
    to = models.ForeignKey(User, models.CASCADE, related_name="+")
    subject = models.CharField(max_length=200)
    text = Text(max_length=50_000)
    pods = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(sent_at=None), name="mail_that_waits"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject}, to {self.to}"

    @property
    def may_be_read(self) -> bool:
        """Whether its reader is still active and may still see every pod that it is about."""
        reader = self.to
        if not reader.is_active:
            return False
        return reader.stands_above_pods or set(self.pods) <= reader.pod_roles.keys()
