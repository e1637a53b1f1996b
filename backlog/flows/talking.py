"""Discussion on an idea: comment, edit within ten minutes, delete."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlog.flows.notifying import follow, tell_of_comment, tell_of_mention
from backlog.mentions import mentioned_in
from backlog.models import Comment, Event, Idea, Pod, User, Watch
from backlog.permissions import require
from backlog.refusals import Refused


@transaction.atomic
def comment_on(idea: Idea, *, by: User, text: str) -> Comment:
    """Add a comment. People mentioned as @Name are told, and the author follows the idea.

    Raises PermissionDenied, ValidationError.
    """
    require(by, "backlog.comment_idea", idea)
    comment = Comment(idea=idea, author=by, text=text.strip())
    comment.full_clean()
    comment.save()
    Idea.objects.filter(pk=idea.pk).update(comment_count=F("comment_count") + 1)
    if not Watch.objects.filter(idea=idea, user=by).exists():
        follow(idea, by)
    tell_of_comment(comment, _mention(comment))
    return comment


def named_in(text: str, pod: Pod | None) -> list[User]:
    """The people who work with a pod, or with all of them, and are mentioned in a text."""
    near = {user.pk: user for user in User.objects.working_with_pod(pod)}
    user_ids = mentioned_in(text, [(pk, str(user)) for pk, user in near.items()])
    return [near[pk] for pk in sorted(user_ids)]


def _mention(comment: Comment) -> list[User]:
    """Store who is mentioned. Returns those who were not mentioned before."""
    before = {pk for pk, _ in comment.mentions}
    named = named_in(comment.text, comment.idea.pod)
    comment.mentions = [[user.pk, str(user)] for user in named]
    comment.save(update_fields=["mentions"])
    return [user for user in named if user.pk not in before]


def require_own(comment: Comment, by: User) -> None:
    """Raise PermissionDenied unless `by` wrote it and may still comment there."""
    if comment.author_id != by.pk:
        raise PermissionDenied("Only the author of a comment can change it.")
    require(by, "backlog.comment_idea", comment.idea)


@transaction.atomic
def edit_comment(comment: Comment, *, by: User, text: str) -> Comment:
    """Edit one's own comment within ten minutes. Newly mentioned people are told."""
    require_own(comment, by)
    if not comment.may_be_edited:
        raise Refused(
            "You can change a comment for ten minutes after writing it. Write a new one instead."
        )
    comment.text, comment.edited_at = text.strip(), timezone.now()
    comment.full_clean()
    comment.save(update_fields=["text", "edited_at"])
    tell_of_mention(comment, _mention(comment))
    return comment


@transaction.atomic
def delete_comment(comment: Comment, *, by: User) -> Comment:
    """Delete a comment, one's own or as a lead. The text goes, a mark stays."""
    if comment.author_id != by.pk:
        require(by, "backlog.delete_comment", comment.idea)
    taken = Comment.objects.filter(pk=comment.pk, deleted_at=None).update(
        text="", mentions=[], deleted_at=timezone.now(), deleted_by=by
    )
    if not taken:
        raise Refused("This comment has already been deleted.")
    Idea.objects.filter(pk=comment.idea_id).update(comment_count=F("comment_count") - 1)
    Event.record(comment.idea, "delete_comment", f"{by} deleted a comment.", by=by)
    comment.refresh_from_db()
    return comment
