"""Secret addresses of quarter reports: made, shown once, ended."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from backlog.models import Event, Pod, Quarter, User
from backlog.models.access import digest_of, new_secret
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.models import ReportLink

MOST_LINKS = 20
HINT = 10
PERIODS = (7, 30, 90)  # days


@transaction.atomic
def make_link(quarter: Quarter, pod: Pod | None, *, by: User, days: int) -> tuple[ReportLink, str]:
    """An address that works for so many days, with what `by` may see then. The token is returned once.

    Raises PermissionDenied, Refused.
    """
    if pod is None:
        require(by, "experiments.share_report_of_all")
    else:
        require(by, "experiments.share_report", pod)
    if days not in PERIODS:
        raise Refused(f"Choose {', '.join(map(str, PERIODS[:-1]))} or {PERIODS[-1]} days.")
    if User.objects.select_for_update(no_key=True).filter(pk=by.pk, is_active=True).first() is None:
        raise PermissionDenied("This account is deactivated.")
    own = ReportLink.objects.filter(user=by, revoked_at=None, expires_on__gt=timezone.localdate())
    if own.count() >= MOST_LINKS:
        raise Refused(f"You already have {MOST_LINKS} addresses of reports. End one first.")
    secret = new_secret("rep_")
    link = ReportLink(
        user=by, quarter=quarter, pod=pod, digest=digest_of(secret), hint=secret[:HINT],
        expires_on=timezone.localdate() + dt.timedelta(days=days),
    )  # fmt: skip
    link.full_clean()
    link.save()
    Event.record(quarter, "share_report", f"{by} made an address for the report of {link}.", by=by)
    return link, secret


def link_at(token: str) -> ReportLink | None:
    """The link of this token, over or not; None if there is none or its person may no longer sign in."""
    rows = ReportLink.objects.filter(digest=digest_of(token))
    link = rows.select_related("user", "pod", "quarter").first()
    return link if link and link.user.may_sign_in else None


@transaction.atomic
def end_link(link: ReportLink, *, by: User) -> ReportLink:
    """End one of one’s own links."""
    own = ReportLink.objects.filter(pk=link.pk, user=by, revoked_at=None)
    if not own.update(revoked_at=timezone.now()):
        raise Refused("This address has already ended.")
    link.refresh_from_db()
    sentence = f"{by} ended an address for the report of {link}."
    Event.record(link.quarter, "end_report", sentence, by=by)
    return link
