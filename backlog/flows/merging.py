"""A duplicate joins the idea that it repeats: what hangs on it goes along."""

from backlog.flows.notifying import watchers_of
from backlog.models import Idea, Watch


def merge_into(duplicate: Idea, original: Idea) -> None:
    """Tags, comments and whoever follows it belong to `original` from now on; its own text stays.

    Who has said whether they follow the original is not asked again.
    """
    original.tags.add(*duplicate.tags.all())
    duplicate.comments.update(idea=original)
    for user in watchers_of(duplicate):
        Watch.objects.get_or_create(idea=original, user=user)
