"""Ideas as the rows of the backlog: every number formatted once, here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backlog.models import Idea, RoundIdea
from backlog.templatetags import states
from backlog.templatetags.figures import DASH, number

PUT_AWAY = (Idea.State.SNOOZED, Idea.State.REJECTED, Idea.State.DUPLICATE)


@dataclass(frozen=True)
class Standing:
    """What `rank` reads: the place over the workspace or within one pod."""

    is_blind: bool
    rank: int | None
    rank_low: int | None
    rank_high: int | None


class Row(TypedDict):
    """The cells of one idea, ready to print; a dict, since a template reads those quickest."""

    url: str
    key: str
    title: str
    pod: str
    objective: str
    owner: str
    rank: SafeString
    status: SafeString
    ice: SafeString
    impact: str
    confidence: str
    ease: str
    scorers: SafeString
    age: str
    is_faded: bool


def rows_of(ideas: Sequence[Idea], *, within_pod: bool, formula: str) -> list[Row]:
    """The rows; for ideas in a blind round "4 of 6", the same for everybody, and no number."""
    blind = [idea.pk for idea in ideas if idea.is_blind]
    progress = _progress_of(blind) if blind else {}
    base = reverse("backlog:idea_list")
    return [
        Row(
            url=f"{base}{idea.pk}/",
            key=idea.key,
            title=idea.title,
            pod=idea.pod.name,
            objective=idea.objective.title if idea.objective else DASH,
            owner=idea.owner.first_name if idea.owner else DASH,
            rank=states.rank(_standing(idea, within_pod=within_pod)),
            status=states.idea_status(idea),
            ice=states.ice(idea, formula),
            impact=_score(idea, idea.impact),
            confidence=_score(idea, idea.confidence),
            ease=_score(idea, idea.ease),
            scorers=_scorers(idea, progress.get(idea.pk, "")),
            age=age_in_words(idea.days_old),
            is_faded=idea.state in PUT_AWAY,
        )
        for idea in ideas
    ]


def _scorers(idea: Idea, progress: str) -> SafeString:
    if progress:
        return format_html('<span class="num">{}</span>', progress)
    return states.agreement(idea)


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
    """One decimal, but a plain 10: four characters don't fit the narrow column.

    >>> [_score(Idea(), value) for value in (10.0, 9.96, 7.25, None)]
    ['10', '10', '7.2', '–']
    """
    if idea.is_blind:
        return DASH
    return number(value, 0 if value is not None and value >= 9.95 else 1)


def age_in_words(days: int) -> str:
    """Days, then months, then years: "12 d", "7 mo", "2 y".

    >>> [age_in_words(days) for days in (0, 12, 98, 99, 800)]
    ['0 d', '12 d', '98 d', '3 mo', '2 y']
    """
    if days < 99:
        return f"{days} d"
    return f"{days // 30} mo" if days < 720 else f"{days // 365} y"
