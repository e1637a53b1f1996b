"""The comments on a post-mortem as its pages show them: threads by section."""

import datetime as dt
from collections import Counter
from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest
from django.template.loader import render_to_string

from backlog import markdown
from backlog.models import User
from experiments.forms.postmortem import SectionCommentForm
from experiments.models import PostMortem, Section, SectionComment


def mark_of(written: PostMortem) -> str:
    """It changes whenever a comment does, so that a page asks for the comments only then."""
    row = written.comments.aggregate(number=Count("pk"), last=Max("changed_at"))
    return _mark(row["number"], row["last"])


def _mark(number: int, last: dt.datetime | None) -> str:
    return f"{number}-{last.timestamp() if last else 0}"


def comments_of(written: PostMortem, user: User, form: Any = None) -> dict[str, Any]:
    """What the comments beside the texts show: threads by section, the open ones first."""
    rows = list(written.comments.select_related("author", "resolved_by"))
    threads = [_thread(row, rows) for row in rows if row.thread_id is None]
    by_section: list[dict[str, Any]] = [
        {"section": section, "threads": sorted(
            (one for one in threads if one["first"].section == section),
            key=lambda one: one["first"].resolved_at is not None,
        )}
        for section in Section
    ]  # fmt: skip
    n_open = Counter(one["first"].section for one in threads if not one["first"].resolved_at)
    may = not written.is_published and user.has_perm("experiments.comment_postmortem", written)
    return {
        "talk": [one for one in by_section if one["threads"]],
        "talk_form": form or SectionCommentForm(written=written),
        "talk_mark": _mark(len(rows), max((row.changed_at for row in rows), default=None)),
        "n_open": n_open,
        "n_open_threads": n_open.total(),
        "may_comment": may,
    }


def threads_of(written: PostMortem) -> dict[str, list[dict[str, Any]]]:
    """The open threads of each section that has any."""
    rows = list(written.comments.select_related("author"))
    threads: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row.thread_id is None and row.resolved_at is None:
            threads.setdefault(row.section, []).append(_thread(row, rows))
    return threads


def _thread(first: SectionComment, rows: list[SectionComment]) -> dict[str, Any]:
    posts = [first, *(row for row in rows if row.thread_id == first.pk)]
    return {
        "first": first,
        "posts": [(row, markdown.render(row.text, people=row.mentions)) for row in posts],
    }


def threads_html(request: HttpRequest, written: PostMortem, user: User) -> str:
    """The threads as the poll of the writing page brings them."""
    context = {**comments_of(written, user), "post_mortem": written, "is_editing": True}
    return render_to_string("experiments/_section_threads.html", context, request)
