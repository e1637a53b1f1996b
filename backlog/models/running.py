"""Whether the installation's parts are alive."""

from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """When a Celery worker last ran the task that says so; /readyz reads it."""

    name = models.CharField(max_length=30, unique=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} seen {self.seen_at:%H:%M:%S}"

    @classmethod
    def beat(cls, name: str) -> None:
        cls.objects.update_or_create(name=name, defaults={"seen_at": timezone.now()})
