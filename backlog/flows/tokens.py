"""API tokens: created, shown once, revoked."""

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from backlog.models import ApiToken, Event, User
from backlog.models.access import digest_of, new_secret
from backlog.refusals import Refused

logger = logging.getLogger("floe")


@transaction.atomic
def make_token(*, by: User, name: str, scope: str, days: int) -> tuple[ApiToken, str]:
    """Create a token that acts as `by` for `days`. The secret is returned once and stored as a
    hash.

    People who are being deactivated get none, because it would work again when they are back.
    """
    if User.objects.select_for_update(no_key=True).filter(pk=by.pk, is_active=True).first() is None:
        raise PermissionDenied("This account is deactivated.")
    secret = new_secret("floe_")
    token = ApiToken(
        user=by,
        name=name,
        scope=scope,
        hint=secret[:10],
        digest=digest_of(secret),
        expires_at=timezone.now() + dt.timedelta(days=days),
    )
    token.full_clean()
    token.save()
    Event.record(token, "make", f"{by} created the token “{name}”.", by=by)
    return token, secret


@contextmanager
def _no_waiting() -> Iterator[None]:
    """Let SQLite fail at once while somebody else is writing, instead of waiting for 20 seconds."""
    if connection.vendor != "sqlite":
        yield
        return
    usual = int(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def note_use(token: Any) -> None:
    """Store the day a token, or anything with `last_used_on`, was last used, once a day.

    No read waits for this or fails because of it.

    While somebody else is writing, this is left to a later call.
    """
    today = timezone.localdate()
    if token.last_used_on == today:
        return
    try:
        with _no_waiting(), transaction.atomic():
            rows = type(token)._default_manager
            mine = rows.filter(pk=token.pk).select_for_update(skip_locked=True)
            rows.filter(pk__in=mine.values("pk")).update(last_used_on=today)
    except DatabaseError:
        logger.info("The use of token %s was not noted: the database is busy.", token.pk)


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User) -> ApiToken:
    """Revoke one of one's own tokens."""
    revoked = ApiToken.objects.filter(pk=token.pk, user=by, revoked_at=None)
    if not revoked.update(revoked_at=timezone.now()):
        raise Refused("This token has already been revoked.")
    token.refresh_from_db()
    Event.record(token, "revoke", f"{by} revoked the token “{token.name}”.", by=by)
    return token
