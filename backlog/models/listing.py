"""Saved views, and steps over many ideas that can be undone."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from backlog.models.people import Membership, Pod, User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> Self:
        """One's own views, those of one's pods and those of the workspace."""
        shared = Q(scope=SavedView.Scope.WORKSPACE)
        if user.stands_above_pods:
            shared |= Q(scope=SavedView.Scope.POD)
        else:
            shared |= Q(scope=SavedView.Scope.POD, pod__in=list(user.pod_roles))
        return self.filter(shared | Q(scope=SavedView.Scope.PRIVATE, owner=user))


class SavedView(models.Model):
    """Filters, order, groups and columns of the backlog under a name; `query` is their address."""

    class Scope(models.TextChoices):
        PRIVATE = "private", "Only me"
        POD = "pod", "My pod"
        WORKSPACE = "workspace", "Everybody"

    name = models.CharField(
        max_length=40, error_messages={"max_length": "A name can have at most 40 characters."}
    )
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.PRIVATE)
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    pod = models.ForeignKey(Pod, models.CASCADE, null=True, blank=True, related_name="saved_views")
    query = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(scope="pod", pod__isnull=False) | ~Q(scope="pod") & Q(pod__isnull=True),
                name="a_pods_view_has_a_pod",
                violation_error_message="Choose the pod to share this view with.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('backlog:idea_list')}?view={self.pk}{'&' * bool(self.query)}{self.query}"

    def is_changeable_by(self, user: User) -> bool:
        """Private views by their owner, a pod's by its leads, the workspace's by owners and
        admins."""
        if self.scope == self.Scope.PRIVATE:
            return self.owner_id == user.pk
        if user.stands_above_pods:
            return True
        return user.pod_roles.get(self.pod_id or 0) == Membership.Role.LEAD


class BulkChange(models.Model):
    """One step over many ideas, with their values before and after, so that it can be undone.

    `rows` is a list of {"idea": id, "before": {field: value}, "after": {field: value}}.
    """

    by = models.ForeignKey(User, models.CASCADE, related_name="bulk_changes")
    at = models.DateTimeField(default=timezone.now, editable=False)
    sentence = models.CharField(max_length=200)
    rows = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return self.sentence
