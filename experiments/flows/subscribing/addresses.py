"""The secret addresses of calendar feeds: made, shown once, revoked."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from backlog.models import Event, Pod, User
from backlog.models.access import digest_of, new_secret
from backlog.refusals import Refused
from experiments.models import CalendarFeed

MOST_FEEDS = 20
HINT = 10


@transaction.atomic
def make_feed(*, by: User, kind: str, pod: Pod | None = None) -> tuple[CalendarFeed, str]:
    """Make a feed of what `by` may see. The token is returned once and stored as a hash.

    Raises PermissionDenied, ValidationError, Refused.
    """
    if User.objects.select_for_update(no_key=True).filter(pk=by.pk, is_active=True).first() is None:
        raise PermissionDenied("This account is deactivated.")
    if by.calendar_feeds.filter(revoked_at=None).count() >= MOST_FEEDS:
        raise Refused(f"You already have {MOST_FEEDS} calendar addresses. Revoke one first.")
    if pod is not None and not Pod.objects.visible_to(by).filter(pk=pod.pk).exists():
        raise ValidationError({"pod": "Choose one of your pods."})
    secret = new_secret("cal_")
    feed = CalendarFeed(
        user=by, kind=kind, pod=pod, digest=digest_of(secret), hint=secret[:HINT]
    )  # fmt: skip
    feed.full_clean()
    feed.save()
    Event.record(feed, "make", f"{by} made a calendar address: {feed}.", by=by)
    return feed, secret


def feed_at(token: str) -> CalendarFeed | None:
    """The feed of this token, unless it was revoked or its person may no longer sign in."""
    rows = CalendarFeed.objects.filter(digest=digest_of(token), revoked_at=None)
    feed = rows.select_related("user", "pod").first()
    return feed if feed and feed.user.may_sign_in else None


@transaction.atomic
def revoke_feed(feed: CalendarFeed, *, by: User) -> CalendarFeed:
    """Revoke one of one’s own feeds."""
    own = CalendarFeed.objects.filter(pk=feed.pk, user=by, revoked_at=None)
    if not own.update(revoked_at=timezone.now()):
        raise Refused("This address has already been revoked.")
    feed.refresh_from_db()
    Event.record(feed, "revoke", f"{by} revoked a calendar address: {feed}.", by=by)
    return feed
