"""Ideas as the rows of the backlog: every number formatted once, here."""

from collections.abc import Iterator, Sequence
from typing import TypedDict

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from backlog.models import Idea, RoundIdea
from backlog.views.columns import Choice, Shown, row_html

PUT_AWAY = (Idea.State.SNOOZED, Idea.State.REJECTED, Idea.State.DUPLICATE)


class Row(TypedDict):
    """An idea, ready to print; a dict, since a template reads those quickest.

    `group` is the heading above it where another group begins, else None.
    """

    html: SafeString
    group: str | None


def shown_of(
    ideas: Sequence[Idea], *, within_pod: bool, formula: str, can_pick: bool = False
) -> Shown:
    """For ideas in a blind round "4 of 6", the same for everybody, and no number."""
    blind = [idea.pk for idea in ideas if idea.is_blind]
    progress = _progress_of(blind) if blind else {}
    return Shown(formula, within_pod, progress, reverse("backlog:idea_list"), can_pick)


def rows_of(
    ideas: Sequence[Idea],
    choice: Choice,
    shown: Shown,
    *,
    group: str = "",
    below: str | None = None,
) -> list[Row]:
    """The rows; `below` is the group that the row above the first belongs to."""
    heads = _heads_of(ideas, group, below)
    return [
        Row(
            html=row_html(idea, choice.columns, shown, is_faded=idea.state in PUT_AWAY),
            group=head,
        )
        for idea, head in zip(ideas, heads, strict=True)
    ]


def _heads_of(ideas: Sequence[Idea], group: str, before: str | None) -> Iterator[str | None]:
    for idea in ideas:
        name = group_of(idea, group)
        yield name if name != before else None
        before = name


def group_of(idea: Idea, group: str) -> str | None:
    """What the heading above the idea says."""
    if group == "pod":
        return idea.pod.name
    if group == "objective":
        return idea.objective.title if idea.objective else "No objective"
    if group == "lever":
        return idea.lever.capitalize() or "No lever"
    return None


def _progress_of(ideas: list[int]) -> dict[int, str]:
    items: QuerySet[RoundIdea] = RoundIdea.objects.in_hand().filter(idea__in=ideas)
    return {
        item.idea_id: f"{item.scored_count} of {item.asked_count}"  # type: ignore[attr-defined]
        for item in items.with_progress().order_by()  # type: ignore[attr-defined]
    }
