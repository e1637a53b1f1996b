"""Ideas as the rows of the backlog: every number formatted once, here."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from backlog.models import Idea, RoundIdea
from backlog.templatetags.figures import DASH, number


@dataclass(frozen=True)
class Standing:
    """What `{% rank %}` reads: the place over the workspace or within one pod."""

    is_blind: bool
    rank: int | None
    rank_low: int | None
    rank_high: int | None


@dataclass(frozen=True)
class Row:
    idea: Idea
    standing: Standing
    impact: str
    confidence: str
    ease: str
    progress: str
    age: str

    @property
    def is_faded(self) -> bool:
        return self.idea.state in (Idea.State.SNOOZED, Idea.State.REJECTED, Idea.State.DUPLICATE)


def rows_of(ideas: Sequence[Idea], *, within_pod: bool) -> list[Row]:
    """The rows; for ideas in a blind round "4 of 6", the same for everybody, and no number."""
    blind = [idea.pk for idea in ideas if idea.is_blind]
    progress = _progress_of(blind) if blind else {}
    return [
        Row(
            idea=idea,
            standing=_standing(idea, within_pod=within_pod),
            impact=_score(idea, idea.impact),
            confidence=_score(idea, idea.confidence),
            ease=_score(idea, idea.ease),
            progress=progress.get(idea.pk, ""),
            age=age_in_words(idea.days_old),
        )
        for idea in ideas
    ]


def _progress_of(ideas: list[int]) -> dict[int, str]:
    items: QuerySet[RoundIdea] = RoundIdea.objects.in_hand().filter(idea__in=ideas)
    return {
        item.idea_id: f"{item.scored_count} of {item.asked_count}"  # type: ignore[attr-defined]
        for item in items.with_progress().order_by()  # type: ignore[attr-defined]
    }


def _standing(idea: Idea, *, within_pod: bool) -> Standing:
    if within_pod:
        return Standing(idea.is_blind, idea.pod_rank, idea.pod_rank_low, idea.pod_rank_high)
    return Standing(idea.is_blind, idea.rank, idea.rank_low, idea.rank_high)


def _score(idea: Idea, value: float | None) -> str:
    return DASH if idea.is_blind else number(value, 1)


def age_in_words(days: int) -> str:
    """Days, then months, then years: "12 d", "7 mo", "2 y".

    >>> [age_in_words(days) for days in (0, 12, 98, 99, 800)]
    ['0 d', '12 d', '98 d', '3 mo', '2 y']
    """
    if days < 99:
        return f"{days} d"
    return f"{days // 30} mo" if days < 720 else f"{days // 365} y"
