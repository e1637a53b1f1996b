"""Secret addresses of quarter reports: made, shown once, ended."""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from backlog.flows.mailing import address_of, can_mail, mail_at_once
from backlog.models import Event, Pod, Quarter, User
from backlog.models.access import digest_of, new_secret
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.models import ReportLink

MOST_LINKS = 20
MOST_ADDRESSES = 10
HINT = 10
PERIODS = (7, 30, 90)  # days


@transaction.atomic
def make_link(
    quarter: Quarter, pod: Pod | None, *, by: User, days: int, sent_to: str = ""
) -> tuple[ReportLink, str]:
    """An address that works for so many days, with what `by` may see then. The token is returned once.

    `sent_to` is the e-mail address that it is made for; each has one working address per report.
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
    if sent_to and own.filter(quarter=quarter, pod=pod, sent_to__iexact=sent_to).exists():
        raise Refused(f"{sent_to} already has an address of this report. End that one first.")
    if own.count() >= MOST_LINKS:
        raise Refused(f"You already have {MOST_LINKS} addresses of reports. End one first.")
    secret = new_secret("rep_")
    link = ReportLink(
        user=by, quarter=quarter, pod=pod, digest=digest_of(secret), hint=secret[:HINT],
        sent_to=sent_to,
        expires_on=timezone.localdate() + dt.timedelta(days=days),
    )  # fmt: skip
    link.full_clean()
    link.save()
    whom = f" for {sent_to}" if sent_to else ""
    sentence = f"{by} made an address for the report of {link}{whom}."
    Event.record(quarter, "share_report", sentence, by=by)
    return link, secret


def mail_report(
    quarter: Quarter, pod: Pod | None, *, by: User, days: int, addresses: Sequence[str]
) -> list[str]:
    """Mail each of these people an address of their own. Returns those whose mail did not go out.

    Like an invitation this is not a task: the token is stored nowhere, and a queue would store it.
    Raises PermissionDenied, Refused, and then nobody gets anything.
    """
    if not can_mail():
        raise Refused(
            "This Floe sends no mail. Make an address and send it yourself, or ask an admin to set up "
            "mail."
        )
    if len(addresses) > MOST_ADDRESSES:
        raise Refused(f"Mail at most {MOST_ADDRESSES} people at once.")
    with transaction.atomic():
        made = [make_link(quarter, pod, by=by, days=days, sent_to=address) for address in addresses]
    failed = [link for link, secret in made if not _mail(link, secret)]
    ReportLink.objects.filter(pk__in=[one.pk for one in failed]).update(revoked_at=timezone.now())
    return [one.sent_to for one in failed]


def _mail(link: ReportLink, secret: str) -> bool:
    address = address_of(reverse("experiments:shared_report", args=[secret]))
    text = (
        f"{link.user} sends you what was tested in {link}.\n\n{address}\n\n"
        f"You need no account. The address works until {link.expires_on:%-d %B %Y}, and everybody who "
        "has it can read the report."
    )
    return mail_at_once(link.sent_to, f"What we tested: {link}", text)


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
