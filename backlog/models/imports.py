"""Imports from spreadsheets: the rows that were read, the questions, and the result."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models.fields.json import KeyTransform
from django.urls import reverse
from django.utils import timezone

from backlog.models.people import Pod, User
from backlog.models.texts import SENTENCE, Text


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: User) -> Self:
        """One's own only: nobody else may see what is not in the backlog yet."""
        return self.filter(by=user)

    def with_counts(self) -> Self:
        """With the counts of what was understood, and without its rows."""
        counts = KeyTransform("counts", "understood")
        return self.defer("understood", "columns", "notes", "choices").annotate(counted=counts)

    def left_behind(self, before: dt.datetime) -> Self:
        """Work that was requested before then and that nobody is doing."""
        is_free = models.Q(leased_until=None) | models.Q(leased_until__lt=timezone.now())
        waits = models.Q(state__in=Import.AT_WORK) | models.Q(
            state=Import.State.ADDED, is_indexed=False
        )
        return self.filter(is_free, waits, asked_at__lt=before)

    def done_with_file(self, before: dt.datetime) -> Self:
        """Imports whose file is no longer needed: nobody is working on them, and they are old."""
        return self.filter(asked_at__lt=before).exclude(state__in=Import.AT_WORK)


class Import(models.Model):
    """A table of ideas or of past experiments: read, reviewed, then added completely or not at all,
    and undone in one step."""

    class State(models.TextChoices):
        RECEIVED = "received", "Being read"
        UNDERSTOOD = "understood", "Read"
        CONFIRMED = "confirmed", "Being added"
        ADDED = "added", "Added"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        FAILED = "failed", "Failed"

    class Kind(models.TextChoices):
        IDEAS = "ideas", "Ideas"
        EXPERIMENTS = "experiments", "Past experiments"

    PAGES: ClassVar[dict[str, str]] = {
        Kind.IDEAS: "backlog:import_detail",
        Kind.EXPERIMENTS: "experiments:past_detail",
    }
    UNDO_PAGES: ClassVar[dict[str, str]] = {
        Kind.IDEAS: "backlog:import_undo",
        Kind.EXPERIMENTS: "experiments:past_undo",
    }
    AT_WORK = (State.RECEIVED, State.CONFIRMED, State.UNDOING)

    by = models.ForeignKey(User, models.CASCADE, related_name="imports")
    pod = models.ForeignKey(Pod, models.CASCADE, related_name="imports")
    kind = models.CharField(max_length=11, choices=Kind, default=Kind.IDEAS, editable=False)
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="imports/")
    source = models.FileField(upload_to="imports/", blank=True)
    is_pasted = models.BooleanField(default=False)
    questions = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    columns = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    row_count = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(default=dict)
    choices = models.JSONField(default=dict)
    understood = models.JSONField(default=dict)
    problem = Text(blank=True, max_length=SENTENCE)
    asked_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=100, blank=True, default="")
    is_indexed = models.BooleanField(default=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-pk")
        indexes: ClassVar[list[models.Index]] = [models.Index("state", name="import_by_state")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse(self.PAGES[self.kind], args=[self.pk])

    def get_undo_url(self) -> str:
        return reverse(self.UNDO_PAGES[self.kind], args=[self.pk])

    @property
    def summary(self) -> str:
        """What came of it, or would come of it, in words; of one fetched `with_counts`."""
        rows = f"{self.row_count:,} row{'' if self.row_count == 1 else 's'}"
        if self.state == self.State.RECEIVED:
            return rows
        if self.state == self.State.FAILED:
            return f"nothing added, of {rows}"
        counted: dict[str, Any] = getattr(self, "counted", None) or {}
        added, changed = counted.get("add", 0), counted.get("change", 0)
        noun = "idea" if self.kind == self.Kind.IDEAS else "experiment"
        is_over = self.state in (self.State.ADDED, self.State.UNDOING, self.State.UNDONE)
        add, change = ("added", "changed") if is_over else ("to add", "to change")
        parts = [f"{added:,} {noun}{'' if added == 1 else 's'} {add}"] * bool(added or not changed)
        parts += [f"{changed:,} {change}"] * bool(changed)
        undone = ", then undone" * (self.state == self.State.UNDONE)
        return f"{', '.join(parts)}, of {rows}{undone}"

    @property
    def is_at_work(self) -> bool:
        return self.state in self.AT_WORK

    @property
    def open_questions(self) -> list[dict[str, Any]]:
        """What can be read in two ways and waits for an answer, of the table or of its columns."""
        every = [*self.questions, *self.understood.get("questions", [])]
        return [question for question in every if not question["answer"]]

    @property
    def counts(self) -> dict[str, Any]:
        counted: dict[str, Any] = self.understood.get("counts", {})
        return counted


class ImportedChange(models.Model):
    """What an import changed of an existing idea, so that it can be put back."""

    import_run = models.ForeignKey(Import, models.CASCADE, related_name="changes")
    idea = models.ForeignKey("backlog.Idea", models.CASCADE, related_name="imported_changes")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.idea} by {self.import_run}"
