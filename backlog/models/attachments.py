"""Links and files of an idea."""

import datetime as dt
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from backlog.models.ideas import Idea
from backlog.models.people import Pod, User
from backlog.models.visibility import SeenInPods


class AttachmentQuerySet(SeenInPods["Attachment"]):
    pod_path = "idea__pod"

    def done_with_file(self, before: dt.datetime) -> Self:
        """None: an idea keeps its files."""
        return self.none()


class Attachment(models.Model):
    """A link, an image or a PDF of an idea. Images are written again by Floe; a PDF is only ever
    downloaded.

    `digest` is of what was sent, so that sending it again gives the same row.
    """

    class Kind(models.TextChoices):
        LINK = "link", "Link"
        PNG = "png", "PNG"
        JPEG = "jpeg", "JPEG"
        WEBP = "webp", "WebP"
        PDF = "pdf", "PDF"

    idea = models.ForeignKey(Idea, models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=4, choices=Kind)
    name = models.CharField(max_length=120)
    url = models.URLField(max_length=1000, blank=True)
    file = models.FileField(upload_to="ideas/", blank=True)
    size = models.PositiveIntegerField(default=0, help_text="Bytes.")
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["idea", "digest"],
                name="attached_once",
                violation_error_message="The idea has it already.",
            ),
            models.CheckConstraint(
                condition=Q(kind="link", file="") & ~Q(url="") | ~Q(kind="link") & Q(url=""),
                name="a_link_or_a_file",
                violation_error_message="Add a link or a file.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where the link leads, or the file itself."""
        if self.kind == self.Kind.LINK:
            return self.url
        return reverse("backlog:attachment_file", args=[self.idea_id, self.pk])

    @property
    def pod(self) -> Pod:
        return self.idea.pod

    @property
    def is_image(self) -> bool:
        return self.kind in (self.Kind.PNG, self.Kind.JPEG, self.Kind.WEBP)
