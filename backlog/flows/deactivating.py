"""Close an account and open it again; end the sessions of a person."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from backlog.flows.notifying import tell
from backlog.flows.open_work import hand_over
from backlog.flows.rights import require_another_admin, require_now
from backlog.models import ApiToken, Event, Invitation, Notification, Pod, User
from backlog.permissions import require
from backlog.refusals import Refused


@transaction.atomic
def deactivate(user: User, *, by: User, successors: Mapping[Pod, User] | None = None) -> User:
    """End everything that this person can do, at once. What they did keeps their name.

    Sessions, links for a new password, API tokens and open invitations end for good. `successors`
    take over their open work, by pod. Raises PermissionDenied, Refused, ValidationError.
    """
    by = require_now(by, "backlog.deactivate_user", of=user)
    user.refresh_from_db()
    require_may_deactivate(user, by=by)
    require_another_admin(user)
    for pod, to in (successors or {}).items():
        _hand_over(user, pod, to, by)
    User.objects.filter(pk=user.pk).update(is_active=False)
    end_sessions(user)
    now = timezone.now()
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    Invitation.objects.open().filter(invited_by=user).update(withdrawn_at=now)
    Event.record(user, "deactivate", f"{by} deactivated {user}.", by=by)
    return user


def require_may_deactivate(user: User, *, by: User) -> None:
    """Raises PermissionDenied, or Refused with the sentence that says why not."""
    require(by, "backlog.deactivate_user")
    if user == by:
        raise Refused("You can’t deactivate your own account. Ask another admin.")
    if not user.is_active:
        raise Refused(f"{user} is already deactivated.")


def _hand_over(user: User, pod: Pod, to: User, by: User) -> None:
    if to == user or not pod.scorers().filter(pk=to.pk).exists():
        raise Refused(f"{to} is not a member of {pod}, so they can’t take over open work there.")
    hand_over(user, pod, to=to, by=by)
    sentence = f"{by} handed {user}’s open work in {pod} over to you."
    url = f"{reverse('backlog:idea_list')}?{urlencode({'owner': str(to.pk), 'pod': pod.prefix})}"
    tell([to], Notification.Kind.OWNER, sentence, url=url, pod=pod, by=by)


@transaction.atomic
def reactivate(user: User, *, by: User) -> User:
    """Let somebody sign in again, with the roles they had. Tokens and invitations do not come back."""
    by = require_now(by, "backlog.deactivate_user", of=user)
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        raise Refused(f"{user} is already active.")
    user.refresh_from_db()
    Event.record(user, "reactivate", f"{by} reactivated {user}.", by=by)
    return user


@transaction.atomic
def sign_out_everywhere(user: User, *, by: User) -> User:
    """End all sessions of another person, and the links for a new password that are on their way."""
    by = require_now(by, "backlog.sign_out_user", of=user)
    if user == by:
        raise Refused("Use your profile page to sign out of your own browsers.")
    end_sessions(user)
    Event.record(user, "sign_out", f"{by} signed {user} out everywhere.", by=by)
    return user


@transaction.atomic
def sign_out_elsewhere(*, by: User) -> User:
    """End all sessions of `by`. The view keeps the current one."""
    end_sessions(by)
    Event.record(by, "sign_out", f"{by} signed out of all other browsers.", by=by)
    return by


def end_sessions(user: User) -> None:
    """Each session of this person ends at its next request (`User._get_session_auth_hash`)."""
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
    user.refresh_from_db()
