"""An idea as lists show it: plain values of one query, and values derived from them."""

import datetime as dt
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone


class IdeaFacts:
    """Values derived from an idea's own columns, for the model and for rows of the list."""

    __slots__ = ()
    pk: Any
    state: Any
    ice: Any
    created_at: Any
    updated_at: Any

    def get_absolute_url(self) -> str:
        return reverse("backlog:idea_detail", args=[self.pk])

    @property
    def status(self) -> str:
        """The status in the backlog table: an open idea is new until a score is revealed."""
        if self.state == "open":
            return "new" if self.ice is None else "scored"
        return "in_round" if self.state == "scoring" else str(self.state)

    @property
    def is_blind(self) -> bool:
        """In a round that is not revealed. None of its scores may show, not even earlier ones."""
        return bool(self.state == "scoring")

    @property
    def days_old(self) -> int:
        return int((timezone.now() - self.created_at).days)

    @property
    def days_untouched(self) -> int:
        return int((timezone.now() - self.updated_at).days)


class _Values(NamedTuple):
    """Called by their paths from `Idea`, so that `_fields` is what the query asks for."""

    pk: int
    key: str
    title: str
    state: str
    snoozed_until: dt.date | None
    created_at: dt.datetime
    updated_at: dt.datetime
    ice_order: float
    ice: float | None
    ice_low: float | None
    ice_high: float | None
    impact: float | None
    confidence: float | None
    ease: float | None
    impact_order: float
    confidence_order: float
    ease_order: float
    expected_value: float | None
    expected_order: float
    status_order: int
    agreement_order: int
    scorer_count: int
    agreement: str
    has_imported_score: bool
    lever: str
    channel: str
    comment_count: int
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    pod_rank: int | None
    pod_rank_low: int | None
    pod_rank_high: int | None
    pod__name: str
    objective__title: str | None
    objective__quarter__name: str | None
    owner__name: str | None
    owner__email: str | None


class ListedIdea(IdeaFacts, _Values):
    """A row of a list: a model of 35 columns and three related ones takes four times as long."""

    __slots__ = ()

    @property
    def owner_first_name(self) -> str:
        name = self.owner__name or self.owner__email
        return name.split()[0] if name else ""
