"""Comments on the texts of a post-mortem: in threads of one level, resolved and opened again."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.flows.holding import held
from backlog.flows.notifying import tell
from backlog.flows.talking import named_in
from backlog.models import Notification, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.models import PostMortem, SectionComment, SectionVersion

MOST_COMMENTS = 300
IS_PUBLISHED = "It is published, so its comments can only be read. Add an amendment instead."


@transaction.atomic
def comment_on_section(
    post_mortem: PostMortem,
    *,
    by: User,
    section: str,
    text: str,
    thread: SectionComment | None = None,
) -> SectionComment:
    """Comment on a text, or answer. An answer opens a resolved thread again.

    People mentioned as @Name are told, and so are the author and the others of the thread.

    Raises PermissionDenied, Refused, ValidationError.
    """
    require(by, "experiments.comment_postmortem", post_mortem)
    fresh = held(post_mortem)
    if fresh.is_published:
        raise Refused(IS_PUBLISHED)
    if fresh.comments.count() >= MOST_COMMENTS:
        raise Refused(f"A post-mortem can have at most {MOST_COMMENTS} comments.")
    if thread is not None:
        thread = thread.thread or thread
        section = thread.section
    comment = SectionComment(
        post_mortem=fresh, section=section, thread=thread, author=by, text=text.strip()
    )
    named = [
        person for person in named_in(comment.text, fresh.pod)
        if fresh.pod or person.stands_above_pods
    ]  # fmt: skip
    comment.mentions = [[person.pk, str(person)] for person in named]
    comment.full_clean()
    comment.save()
    if thread is not None and thread.resolved_at:
        _mark(thread, is_resolved=False, by=by)
    _tell(comment, named)
    return comment


def _tell(comment: SectionComment, named: list[User]) -> None:
    post_mortem, by = comment.post_mortem, comment.author
    where = f"“{comment.get_section_display()}” of the post-mortem of {post_mortem.name}"
    link: Any = {"url": comment.get_absolute_url(), "pod": post_mortem.pod, "by": by}
    tell(named, Notification.Kind.MENTION, f"{by} mentioned you in {where}.", **link)
    rest = [person for person in _near(comment) if person not in named]
    tell(rest, Notification.Kind.COMMENT, f"{by} commented on {where}.", **link)


def _near(comment: SectionComment) -> list[User]:
    """The author, those who wrote in the thread, and those who wrote the text."""
    thread = comment.thread
    mine = SectionVersion.objects.filter(
        post_mortem=comment.post_mortem, section=comment.section
    ).exclude(bases="")
    ids = {comment.post_mortem.author_id, *mine.order_by().values_list("by", flat=True).distinct()}
    if thread is not None:
        ids |= {thread.author_id, *thread.answers.values_list("author", flat=True)}
    return list(User.objects.filter(pk__in=[pk for pk in ids if pk]))


@transaction.atomic
def resolve_thread(
    comment: SectionComment, *, by: User, is_resolved: bool = True
) -> SectionComment:
    """Resolve a thread, or open it again. A second click changes nothing.

    Raises PermissionDenied, Refused.
    """
    require(by, "experiments.comment_postmortem", comment.post_mortem)
    if held(comment.post_mortem).is_published:
        raise Refused(IS_PUBLISHED)
    thread = comment.thread or comment
    _mark(thread, is_resolved=is_resolved, by=by)
    thread.refresh_from_db()
    return thread


def _mark(thread: SectionComment, *, is_resolved: bool, by: User) -> None:
    now = timezone.now()
    rows = SectionComment.objects.filter(pk=thread.pk, resolved_at__isnull=is_resolved)
    rows.update(
        resolved_at=now if is_resolved else None,
        resolved_by=by if is_resolved else None,
        changed_at=now,
    )
