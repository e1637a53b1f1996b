"""Ideas as the rows of the backlog: what stands in each beside the idea's own columns."""

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from backlog.models import Idea, ListedIdea, RoundIdea
from backlog.views.columns import Choice, Entry, ListLook, row_html
from backlog.views.own_columns import own_texts


def rows_of(
    ideas: Sequence[ListedIdea], look: ListLook, *, group: str = "", below: str | None = None
) -> SafeString:
    """The rows as they are printed, a heading above each new group.

    `below` is the group that the row above the first belongs to.
    """
    progress = progress_of(ideas)
    columns = Choice.read(look.columns, look.own).columns
    own = own_texts(ideas, columns)
    tags = _tags_of(ideas) if any(column.name == "tags" for column in columns) else {}
    span, lines = len(columns) + look.can_pick, []
    for idea in ideas:
        head = group_of(idea, group)
        if head is not None and head != below:
            lines.append(_heading(head, span))
        below = head
        names = ", ".join(tags.get(idea.pk, ()))
        entry = Entry(
            idea, look, progress.get(idea.pk, ""), names, idea.days_old, idea.days_untouched,
            own.get(idea.pk, ()),
        )  # fmt: skip
        lines.append(row_html(entry))
    return SafeString("".join(lines))


def _heading(group: str, span: int) -> SafeString:
    return format_html(
        '<tr class="grouprow"><th colspan="{}" scope="rowgroup">{}</th></tr>', span, group
    )


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


def group_of(idea: ListedIdea, group: str) -> str | None:
    """What the heading above the idea says."""
    if group == "pod":
        return idea.pod__name
    if group == "objective":  # its title is taken once a quarter
        title = idea.objective__title
        return f"{title} · {idea.objective__quarter__name}" if title else "No objective"
    if group == "lever":
        return idea.lever.capitalize() or "No lever"
    return None
