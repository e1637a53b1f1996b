"""The inbox of a pod's lead: new ideas to decide on, and old ones that nobody has touched."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from backlog.models import Idea, Pod, User

UNTOUCHED, OLD, SCORES_OLD = 90, 365, 182  # days; two quarters are half a year


def led_by(user: User) -> "QuerySet[Idea]":
    """Ideas that this person may decide on."""
    ideas = Idea.objects.select_related("pod", "author", "owner")
    if user.stands_above_pods:
        return ideas
    return ideas.filter(pod__in=Pod.objects.led_by(user).values("pk"))


def inbox_of(user: User) -> "QuerySet[Idea]":
    """New ideas that nobody has accepted yet, oldest first."""
    new = led_by(user).filter(state=Idea.State.OPEN, accepted_at=None, ice=None)
    return new.order_by("created_at", "pk")


@dataclass(frozen=True)
class Stale:
    """An old idea, and why it comes up."""

    idea: Idea
    reasons: list[str]


def stale_of(user: User, *, most: int = 50) -> list[Stale]:
    """Open ideas to keep, snooze or reject: not changed, old, or scored too long ago. Oldest
    first."""
    now = timezone.now()
    untouched, old, half = (now - dt.timedelta(days=d) for d in (UNTOUCHED, OLD, SCORES_OLD))
    lately = now - dt.timedelta(days=30)
    ideas = led_by(user).filter(state=Idea.State.OPEN).filter(
        Q(updated_at__lt=untouched)
        | Q(created_at__lt=old, updated_at__lt=lately)
        | Q(created_at__lt=old, came_by__isnull=False, version=1)  # only brought here since
        | Q(round_ideas__revealed_at__lt=half, updated_at__lt=lately)
    )  # fmt: skip
    ideas = ideas.annotate(scored_at=Max("round_ideas__revealed_at")).order_by("updated_at", "pk")
    stale = []
    for idea in ideas[:most]:
        reasons = []
        if idea.updated_at < untouched:
            reasons.append(f"not changed for {(now - idea.updated_at).days} days")
        if idea.created_at < old:
            reasons.append(f"{(now - idea.created_at).days // 30} months old")
        if idea.scored_at and idea.scored_at < half:
            reasons.append("its scores are older than two quarters")
        if reasons:
            stale.append(Stale(idea, reasons))
    return stale
