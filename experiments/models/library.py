"""The library: words by which published post-mortems are found, and collections of what was learned."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from backlog.models import Pod, User
from backlog.models.texts import Text
from backlog.models.visibility import SeenInPods
from experiments.models.decisions import PostMortem
from experiments.models.learnings import Learning


class WriteUpWords(models.Model):
    """The words of a published post-mortem, each once, folded and with a space before it."""

    post_mortem = models.OneToOneField(
        PostMortem, models.CASCADE, related_name="found_by", primary_key=True
    )
    words = Text(max_length=1_000_000)

    def __str__(self) -> str:
        return f"Words of {self.post_mortem}"


class CollectionQuerySet(SeenInPods["Collection"]):
    """Everybody reads every collection; it holds only published learnings."""

    for_everybody = Q(pk__isnull=False)


class Collection(models.Model):
    """Learnings that somebody put together under a name, such as what a newcomer should read."""

    name = models.CharField(
        max_length=80,
        unique=True,
        error_messages={
            "unique": "There is a collection of this name already. Choose another name."
        },
    )
    about = Text("What it is for", blank=True, max_length=1000)
    pod = models.ForeignKey(Pod, models.CASCADE, null=True, blank=True, related_name="collections")
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("experiments:collection_detail", args=[self.pk])


class CollectionItemQuerySet(SeenInPods["CollectionItem"]):
    """As everybody reads its collection."""

    pod_path = "collection__pod"
    for_everybody = Q(pk__isnull=False)


class CollectionItem(models.Model):
    """A learning in a collection, at its place, with a word about why it is in it."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items")
    learning = models.ForeignKey(Learning, models.CASCADE, related_name="collected")
    place = models.PositiveIntegerField()
    why = models.CharField("Why it is in here", max_length=200, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = CollectionItemQuerySet.as_manager()

    class Meta:
        ordering = ("place", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["collection", "learning"],
                name="collected_once",
                violation_error_message="The learning is in this collection already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learning} in {self.collection}"

    @property
    def pod(self) -> Pod | None:
        return self.collection.pod
