"""Following a lever: a line in the inbox when something is published about it."""

from collections.abc import Collection

from django.db import transaction

from backlog.flows.notifying import tell
from backlog.models import Notification, User
from backlog.refusals import Refused
from experiments.learning.scopes import fold
from experiments.models import LeverFollow, PostMortem

MOST_FOLLOWED = 100


@transaction.atomic
def follow_lever(lever: str, *, by: User, is_on: bool = True) -> None:
    """Start or stop following. Raises Refused."""
    name = fold(lever)
    if not name:
        raise Refused("Choose a lever first, and then follow it.")
    mine = LeverFollow.objects.filter(user=by)
    if not is_on:
        mine.filter(lever=name).delete()
    elif not mine.filter(lever=name).exists():
        if mine.count() >= MOST_FOLLOWED:
            raise Refused(f"You can follow at most {MOST_FOLLOWED} levers. Stop following one.")
        LeverFollow.objects.create(user=by, lever=name)


def levers_followed_by(user: User) -> set[str]:
    """Folded names."""
    return set(LeverFollow.objects.filter(user=user).values_list("lever", flat=True))


def tell_followers(post_mortem: PostMortem, levers: Collection[str]) -> None:
    """Everybody may read what is published, so followers of every pod hear of it."""
    names = {fold(lever) for lever in levers} - {""}
    people = User.objects.filter(levers_followed__lever__in=names).distinct()
    sentence = f"Published about a lever that you follow: {post_mortem.name} {post_mortem.title}."
    tell(people, Notification.Kind.LIBRARY, sentence, url=post_mortem.get_absolute_url(),
         pod=None, by=post_mortem.published_by)  # fmt: skip
