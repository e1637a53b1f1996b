"""Merge a duplicate into its original, with everything attached to it."""

from backlog.flows.notifying import watchers_of
from backlog.models import Idea, Watch


def merge_into(duplicate: Idea, original: Idea) -> None:
    """Tags, comments and followers move to `original`. The text of the duplicate stays.

    People who have already chosen whether to follow the original keep their choice.
    """
    original.tags.add(*duplicate.tags.all())
    duplicate.comments.update(idea=original)
    for user in watchers_of(duplicate):
        Watch.objects.get_or_create(idea=original, user=user)
