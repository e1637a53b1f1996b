"""Check permissions on the current rows, and lock them until the step is done.

A request carries its person as they were when it arrived. Somebody who has been deactivated or lost
a role since must not change what others may do (docs/decisions/0040).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from backlog.models import User
from backlog.permissions import require
from backlog.refusals import Mend, Refused

IS_ADMIN = Q(role=User.Role.ADMIN, is_active=True)


def require_now(by: User, perm: str, obj: Any = None, *, of: User | None = None) -> User:
    """`by` as they are now, if they still may. Needs a transaction.

    Holds the rows of `by`, of the person whom the step is about and, for a step of the workspace,
    of all admins: always in one order, so that no two steps wait for each other.
    Raises PermissionDenied.
    """
    fresh = _hold(by, of, with_admins=obj is None)
    if fresh is None:
        raise PermissionDenied("Your account no longer exists.")
    require(fresh, perm, obj)
    return fresh


@contextmanager
def role_lock(by: User, of: User, *, with_admins: bool = False) -> Iterator[None]:
    """Lock the same rows before a form's own row, again to keep one order."""
    with transaction.atomic():
        _hold(by, of, with_admins=with_admins)
        yield


def _hold(by: User, of: User | None, *, with_admins: bool) -> User | None:
    wanted = Q(pk__in=[one.pk for one in (by, of) if one is not None])
    rows = User.objects.filter(wanted | IS_ADMIN if with_admins else wanted).order_by("pk")
    return {one.pk: one for one in rows.select_for_update(no_key=True)}.get(by.pk)


def active_admins() -> QuerySet[User]:
    """Admins who can sign in; those of the sample can with DEBUG only (`User.may_sign_in`)."""
    admins = User.objects.filter(IS_ADMIN)
    return admins if settings.DEBUG else admins.filter(is_sample=False)


def require_another_admin(user: User) -> None:
    """Refuse a step that would leave the workspace without an admin who can sign in."""
    if {admin.pk for admin in active_admins().select_for_update(no_key=True)} == {user.pk}:
        raise Refused(
            "This is the only admin. Make somebody else an admin first.",
            mend=Mend("Choose an admin", reverse("backlog:user_list")),
        )
