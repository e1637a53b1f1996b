"""What several people write at once in a post-mortem: versions of its texts, and where two met."""

import datetime as dt
import uuid as uuids
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backlog.models import Comment, Pod, User
from backlog.models.texts import Text
from backlog.models.visibility import SeenInPods
from experiments.models.decisions import PostMortem

LONGEST = 20_000  # letters of one text of a post-mortem
MOST_BASES = 50


class Section(models.TextChoices):
    """The texts of a post-mortem, in the order of its page; a value is the name of its field."""

    SUMMARY = "summary", "What happened"
    SURPRISES = "surprises", "What surprised us?"
    WENT_WELL = "went_well", "What went well?"
    WENT_BADLY = "went_badly", "What did not?"
    LUCKY = "lucky", "What did we get lucky with?"
    NEXT_STEPS = "next_steps", "What do we do next?"


class SectionVersion(models.Model):
    """One text of a section as it was saved or merged. Rows are only added, never changed."""

    post_mortem = models.ForeignKey(PostMortem, models.CASCADE, related_name="versions")
    section = models.CharField(max_length=10, choices=Section)
    uuid = models.UUIDField()
    bases = Text(blank=True, max_length=37 * (MOST_BASES + 2))  # uuids, newest first
    text = Text(blank=True, max_length=LONGEST)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["post_mortem", "section", "uuid"], name="one_version_a_uuid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_section_display()} of {self.post_mortem_id}, {self.at:%H:%M:%S}"

    @property
    def base_uuids(self) -> tuple[uuids.UUID, ...]:
        return tuple(uuids.UUID(one) for one in self.bases.split())


class SectionConflict(models.Model):
    """A place that two people wrote: both texts are in the section until somebody settles it."""

    post_mortem = models.ForeignKey(PostMortem, models.CASCADE, related_name="conflicts")
    section = models.CharField(max_length=10, choices=Section)
    both = Text(max_length=LONGEST)  # as they are in the section, one after the other
    earlier = Text(blank=True, max_length=LONGEST)
    later = Text(blank=True, max_length=LONGEST)
    earlier_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    later_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    settled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.get_section_display()} of {self.post_mortem_id}: {self.both[:40]}"


class PostMortemImageQuerySet(SeenInPods["PostMortemImage"]):
    """Seen by whoever sees the post-mortem."""

    pod_path, other_paths = "post_mortem__experiment__pod", ("post_mortem__of_pod",)
    for_everybody = Q(post_mortem__state=PostMortem.State.PUBLISHED)

    def done_with_file(self, before: dt.datetime) -> Self:
        """None: a published text keeps its images."""
        return self.none()


class PostMortemImage(models.Model):
    """An image in the texts of a post-mortem, written again by Floe. A text says `image:<pk>`.

    `digest` is of what was sent, so that sending it again gives the same row.
    """

    class Kind(models.TextChoices):
        PNG = "png", "PNG"
        JPEG = "jpeg", "JPEG"
        WEBP = "webp", "WebP"

    post_mortem = models.ForeignKey(PostMortem, models.CASCADE, related_name="images")
    file = models.FileField(upload_to="postmortems/")
    kind = models.CharField(max_length=4, choices=Kind)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="Bytes.")
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = PostMortemImageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["post_mortem", "digest"], name="one_image_a_file"),
        ]

    def __str__(self) -> str:
        return f"Image {self.pk} of {self.post_mortem}"

    def get_absolute_url(self) -> str:
        return self.post_mortem.url("postmortem_image", self.pk)

    @property
    def pod(self) -> Pod | None:
        return self.post_mortem.pod


class DraftReading(models.Model):
    """Somebody other than the author has read a draft; one of them is needed before it is published."""

    post_mortem = models.ForeignKey(PostMortem, models.CASCADE, related_name="readings")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["post_mortem", "user"], name="one_reading_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} read {self.post_mortem}"


class PostMortemNote(models.Model):
    """An amendment of a published post-mortem: a dated note below it. The texts never change."""

    post_mortem = models.ForeignKey(PostMortem, models.CASCADE, related_name="notes")
    text = Text(max_length=5000)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"Amendment of {self.post_mortem}, {self.at:%-d %b %Y}"


class PostMortemAction(models.Model):
    """What somebody does about it until a day. It is on their Today until it is done."""

    post_mortem = models.ForeignKey(PostMortem, models.CASCADE, related_name="actions")
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, editable=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return self.title

    @property
    def is_late(self) -> bool:
        return self.done_at is None and self.due_on < timezone.localdate()


class DiscussionHighlightQuerySet(models.QuerySet["DiscussionHighlight"]):
    def visible_to(self, user: User) -> Self:
        """Those whose comment this person may read: a published post-mortem opens no discussion."""
        return self.filter(comment__in=Comment.objects.visible_to(user), comment__deleted_at=None)


class DiscussionHighlight(models.Model):
    """A comment on the idea that the post-mortem points at. Its text stays where it was written."""

    post_mortem = models.ForeignKey(PostMortem, models.CASCADE, related_name="highlights")
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="+")
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = DiscussionHighlightQuerySet.as_manager()

    class Meta:
        ordering = ("comment__created_at", "comment")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["post_mortem", "comment"], name="highlighted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.comment} in {self.post_mortem}"


class SectionComment(models.Model):
    """A comment on one text of a post-mortem, or an answer to one. The pod reads them, also later.

    `resolved_at` is of the comment that began the thread. `mentions` as in `backlog.models.Comment`.
    """

    post_mortem = models.ForeignKey(PostMortem, models.CASCADE, related_name="comments")
    section = models.CharField(max_length=10, choices=Section)
    thread = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="answers"
    )
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    text = Text(
        max_length=5000,
        error_messages={
            "blank": "Write something first.",
            "max_length": "A comment can have at most 5,000 characters.",
        },
    )
    mentions = models.JSONField(default=list, blank=True, editable=False)
    at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, editable=False)
    resolved_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", editable=False
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.author or 'Somebody'} on {self.get_section_display()}"

    def get_absolute_url(self) -> str:
        return f"{self.post_mortem.get_absolute_url()}#comment-{self.pk}"
