"""Comments on the idea that a post-mortem points at."""

from django.db import transaction

from backlog.flows.holding import held
from backlog.models import Comment, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.writing_up_sections import IS_PUBLISHED
from experiments.models import DiscussionHighlight, PostMortem

MOST_HIGHLIGHTS = 12


@transaction.atomic
def highlight(post_mortem: PostMortem, comment: Comment, *, by: User, is_on: bool) -> None:
    """Point at a comment on the idea, or no longer. A second click changes nothing.

    Raises PermissionDenied, Refused.
    """
    require(by, "experiments.write_postmortem", post_mortem)
    fresh = held(post_mortem)
    if fresh.is_published:
        raise Refused(IS_PUBLISHED)
    rows = DiscussionHighlight.objects.filter(post_mortem=fresh)
    if not is_on:
        rows.filter(comment=comment).delete()
        return
    idea = fresh.experiment.idea_id if fresh.experiment else None
    if comment.idea_id != idea or comment.deleted_at:
        raise Refused("This comment is no longer in the discussion of the idea.")
    others = rows.exclude(comment=comment).count()
    if others >= MOST_HIGHLIGHTS:
        raise Refused(f"A post-mortem can point at {MOST_HIGHLIGHTS} comments. Take one out first.")
    DiscussionHighlight.objects.get_or_create(
        post_mortem=fresh, comment=comment, defaults={"by": by}
    )
