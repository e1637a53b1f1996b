"""History: a row with a sentence for each change, never with a score that is still blind."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from backlog.models.people import Pod, User
from backlog.models.texts import SENTENCE, Text
from backlog.ways_in import current_way_in


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, subject: models.Model) -> Self:
        return self.filter(subject=subject._meta.model_name, subject_id=subject.pk).select_related(
            "by"
        )


class Event(models.Model):
    """A row of history: who, when, by which way, about what, a sentence."""

    class Via(models.TextChoices):
        WEB = "web", "in the browser"
        API = "api", "over the API"
        COMMAND = "command", "on the command line"
        TASK = "task", "in the background"

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    via = models.CharField(max_length=10, choices=Via, default=Via.WEB)
    pod = models.ForeignKey(Pod, models.CASCADE, null=True, related_name="events")
    subject = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    verb = models.CharField(max_length=30)
    sentence = Text(max_length=SENTENCE)
    details = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["subject", "subject_id"])]

    def __str__(self) -> str:
        return self.sentence

    @classmethod
    def record(
        cls, subject: models.Model, verb: str, sentence: str, *, by: User | None, **details: Any
    ) -> "Event":
        """Write the row. The way in comes from the context that the edge has set."""
        event = cls.of(subject, verb, sentence, by=by, **details)
        event.save(force_insert=True)
        return event

    @classmethod
    def of(
        cls, subject: models.Model, verb: str, sentence: str, *, by: User | None, **details: Any
    ) -> "Event":
        """The unsaved row, for `bulk_create`."""
        return cls(
            by=by,
            via=current_way_in(),
            pod=getattr(subject, "pod", None),
            subject=subject._meta.model_name or "",
            subject_id=subject.pk,
            verb=verb,
            sentence=sentence,
            details=details,
        )
