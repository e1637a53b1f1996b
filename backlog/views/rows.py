"""Ideas as the rows of the backlog: what stands in each beside the idea's own columns."""

from collections.abc import Iterator, Sequence
from typing import Any, TypedDict

from django.utils.safestring import SafeString

from backlog.models import Idea, ListedIdea, RoundIdea
from backlog.views.columns import Choice, Entry, Look, row_html


class Row(TypedDict):
    """An idea, ready to print; a dict, since a template reads those quickest.

    `group` is the heading above it where another group begins, else None.
    """

    html: SafeString
    group: str | None


def rows_of(
    ideas: Sequence[ListedIdea], look: Look, *, group: str = "", below: str | None = None
) -> list[Row]:
    """The rows; `below` is the group that the row above the first belongs to."""
    heads = _heads_of(ideas, group, below)
    progress = progress_of(ideas)
    tags = _tags_of(ideas) if "tags" in Choice.read(look.columns).names else {}
    entries = (
        Entry(idea, look, progress.get(idea.pk, ""), ", ".join(tags.get(idea.pk, ())),
              idea.days_old, idea.days_untouched)
        for idea in ideas
    )  # fmt: skip
    return [
        Row(html=row_html(entry), group=head) for entry, head in zip(entries, heads, strict=True)
    ]


def progress_of(ideas: Sequence[ListedIdea]) -> dict[int, str]:
    """For ideas in a blind round "4 of 6", the same for everybody, and no number."""
    blind = [idea.pk for idea in ideas if idea.is_blind]
    if not blind:
        return {}
    items: Any = RoundIdea.objects.in_hand().filter(idea__in=blind)
    return {
        item.idea_id: f"{item.scored_count} of {item.asked_count}"
        for item in items.with_progress().order_by()
    }


def _tags_of(ideas: Sequence[ListedIdea]) -> dict[int, list[str]]:
    filed = Idea.tags.through.objects.filter(idea__in=[idea.pk for idea in ideas])  # type: ignore[attr-defined]
    tags: dict[int, list[str]] = {}
    for idea, name in filed.order_by("tag__name").values_list("idea", "tag__name"):
        tags.setdefault(idea, []).append(name)
    return tags


def _heads_of(
    ideas: Sequence[ListedIdea], group: str, before: str | None
) -> Iterator[str | None]:
    for idea in ideas:
        name = group_of(idea, group)
        yield name if name != before else None
        before = name


def group_of(idea: ListedIdea, group: str) -> str | None:
    """What the heading above the idea says."""
    if group == "pod":
        return idea.pod__name
    if group == "objective":
        return idea.objective__title or "No objective"
    if group == "lever":
        return idea.lever.capitalize() or "No lever"
    return None
