"""Discussion of ideas: comments, followers, notifications."""

import datetime as dt
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from backlog.mentions import beginning
from backlog.models.ideas import Idea
from backlog.models.people import Pod, User
from backlog.models.texts import Text
from backlog.models.visibility import SeenInPods

MAY_EDIT_FOR = dt.timedelta(minutes=10)


class CommentQuerySet(SeenInPods["Comment"]):
    pod_path = "idea__pod"


class Comment(models.Model):
    """A comment on an idea. Deleting it removes the text and leaves a mark.

    `mentions` lists the people mentioned, as [id, name at the time].
    """

    idea = models.ForeignKey(Idea, models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="comments")
    text = Text(
        max_length=5000,
        blank=True,
        error_messages={"max_length": "A comment can have at most 5,000 characters."},
    )
    mentions = models.JSONField(default=list, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    deleted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", editable=False
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(text="") | Q(deleted_at__isnull=False),
                name="comment_says_something",
                violation_error_message="Write something first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author or 'Somebody'} on {self.idea.key}"

    def get_absolute_url(self) -> str:
        return f"{reverse('backlog:idea_detail', args=[self.idea_id])}#comment-{self.pk}"

    @property
    def pod(self) -> Pod:
        return self.idea.pod

    @property
    def may_be_edited(self) -> bool:
        """Not deleted, and written within the last ten minutes."""
        return self.deleted_at is None and timezone.now() - self.created_at < MAY_EDIT_FOR


class Watch(models.Model):
    """A person's choice whether to follow an idea. Authors and owners follow without one."""

    idea = models.ForeignKey(Idea, models.CASCADE, related_name="watches")
    user = models.ForeignKey(User, models.CASCADE, related_name="watches")
    is_on = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["idea", "user"], name="one_watch_an_idea"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {'follows' if self.is_on else 'does not follow'} {self.idea.key}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: User) -> Self:
        """One's own notifications, without those of pods one has left."""
        mine = self.filter(to=user)
        if user.stands_above_pods:
            return mine
        return mine.filter(Q(pod=None) | Q(pod__in=list(user.pod_roles)))


class Notification(models.Model):
    """One line for a person. It never contains a score.

    What a comment says is read from the comment, so nothing is left here once it is deleted.
    """

    class Kind(models.TextChoices):
        MENTION = "mention", "Somebody mentions me"
        COMMENT = "comment", "A comment on an idea I follow, or on a post-mortem I write"
        IDEA = "idea", "An idea I follow is snoozed, rejected, merged or promoted"
        OWNER = "owner", "I become the owner of an idea"
        ROUND = "round", "I am asked to score"
        REVEAL = "reveal", "Scores are revealed in a round I took part in"
        ALARM = "alarm", "An alarm about an experiment that I own or analyse"
        LAUNCH = "launch", "An experiment waits for a check, or for me to launch it"
        LIBRARY = "library", "Something is published about a lever that I follow"
        WRITING = "writing", "A post-mortem of mine is due"

    to = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=Kind)
    sentence = models.CharField(max_length=400)
    url = models.CharField(max_length=200)
    pod = models.ForeignKey(Pod, models.CASCADE, null=True, related_name="+")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    digested_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["to", "-at"], name="notification_by_person"),
            models.Index(fields=["to"], condition=Q(read_at=None), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def quotation(self) -> str:
        """The beginning of the comment as it is now, in quotation marks."""
        words = beginning(self.comment.text) if self.comment else ""
        return f"“{words}”" if words else ""

    @property
    def line(self) -> str:
        """The sentence, and what the comment says."""
        return (
            f"{self.sentence.removesuffix('.')}: {self.quotation}"
            if self.quotation
            else self.sentence
        )


class Wish(models.TextChoices):
    """Where a person wants a kind of notification."""

    DIGEST = "digest", "In Floe and in the e-mail"
    INBOX = "inbox", "In Floe only"
    OFF = "off", "Not at all"
