"""Keys to the API: made, shown once, revoked."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from backlog.models import ApiToken, Event, User
from backlog.models.access import digest_of, new_secret
from backlog.refusals import Refused


@transaction.atomic
def make_token(*, by: User, name: str, scope: str, days: int) -> tuple[ApiToken, str]:
    """A token that acts as `by` for `days`; the secret is returned once and stored as a hash."""
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
    Event.record(token, "make", f"{by} made the token “{name}”.", by=by)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User) -> ApiToken:
    """End a token at once; one's own only."""
    revoked = ApiToken.objects.filter(pk=token.pk, user=by, revoked_at=None)
    if not revoked.update(revoked_at=timezone.now()):
        raise Refused("This token is revoked already.")
    token.refresh_from_db()
    Event.record(token, "revoke", f"{by} revoked the token “{token.name}”.", by=by)
    return token
