"""Tell people what happened: a row in their inbox, as each of them wishes. Never a score."""

from collections.abc import Iterable

from django.utils import timezone

from backlog.models import Comment, Idea, Notification, Pod, User, Watch, Wish

Kind = Notification.Kind


def wish_of(user: User, kind: str) -> str:
    wish: str = user.notification_wishes.get(kind, Wish.DIGEST)
    return wish


def tell(
    people: Iterable[User], kind: str, sentence: str, *, url: str, pod: Pod | None,
    by: User | None, comment: Comment | None = None,
) -> list[Notification]:  # fmt: skip
    """Write a line to each of `people` who wants this kind. Nobody is told about their own actions.

    People who are not active, or no longer work with `pod`, are told nothing, whatever their part.
    A kind that goes to the inbox only counts as digested from the start.
    """
    now, rows = timezone.now(), []
    for person in _those_here(people, pod):
        wish = wish_of(person, kind)
        if wish == Wish.OFF or person == by:
            continue
        digested_at = None if wish == Wish.DIGEST else now
        rows.append(
            Notification(to=person, kind=kind, sentence=sentence[:400], url=url, pod=pod, at=now,
                         digested_at=digested_at, comment=comment)
        )  # fmt: skip
    return Notification.objects.bulk_create(rows)


def _those_here(people: Iterable[User], pod: Pod | None) -> Iterable[User]:
    return (
        User.objects.working_with_pod(pod)
        .filter(pk__in={person.pk for person in people})
        .order_by("pk")
    )


def watchers_of(idea: Idea) -> list[User]:
    """The author, the owner and the followers, without those who stopped following."""
    wishes = {watch.user_id: watch.is_on for watch in idea.watches.all()}
    usual = {pk for pk in (idea.author_id, idea.owner_id) if pk}
    wanted = {pk for pk in usual | wishes.keys() if wishes.get(pk, True)}
    return list(User.objects.filter(pk__in=wanted))


def tell_watchers(idea: Idea, sentence: str, *, by: User | None) -> None:
    """Tell the followers of an idea what happened to it."""
    tell(watchers_of(idea), Kind.IDEA, f"{idea.key} {idea.title}: {sentence}",
         url=idea.get_absolute_url(), pod=idea.pod, by=by)  # fmt: skip


def tell_of_comment(comment: Comment, mentioned: Iterable[User]) -> None:
    """Tell people who are mentioned, and tell the other followers that there is a comment."""
    idea, by = comment.idea, comment.author
    named = tell_of_mention(comment, mentioned)
    rest = [user for user in watchers_of(idea) if user not in named]
    tell(rest, Kind.COMMENT, f"{by} commented on {idea.key} {idea.title}.",
         url=comment.get_absolute_url(), pod=idea.pod, by=by, comment=comment)  # fmt: skip


def tell_of_mention(comment: Comment, people: Iterable[User]) -> list[User]:
    """Tell those of `people` who may see the idea, and return them."""
    idea, by = comment.idea, comment.author
    named = [user for user in people if user.has_perm("backlog.view_idea", idea)]
    tell(named, Kind.MENTION, f"{by} mentioned you on {idea.key} {idea.title}.",
         url=comment.get_absolute_url(), pod=idea.pod, by=by, comment=comment)  # fmt: skip
    return named


def follow(idea: Idea, user: User, *, is_on: bool = True) -> Watch:
    """Start or stop following an idea."""
    watch, _ = Watch.objects.update_or_create(idea=idea, user=user, defaults={"is_on": is_on})
    return watch
