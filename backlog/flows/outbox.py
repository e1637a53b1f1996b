"""The outbox: mail is a row first, then a task sends it and retries with growing pauses."""

import datetime as dt
import logging
from collections.abc import Iterable
from smtplib import SMTPException

from celery import shared_task
from django.core.mail import send_mail
from django.db.models import F
from django.utils import timezone

from backlog.flows.queueing import queue_on_commit
from backlog.models import Mail, User

logger = logging.getLogger("floe")

MOST_ATTEMPTS = 8
LEASE = dt.timedelta(minutes=5)
AT_ONCE = 200
LONGEST = 50_000


def one_line(subject: str) -> str:
    """A subject may contain names and titles, and a line break in one must not start another
    header.

    >>> one_line("Round 1\\nBcc: x@example.org closes")
    'Round 1 Bcc: x@example.org closes'
    """
    return " ".join(subject.split())[:200]


def put_mail(*, key: str, to: User, subject: str, text: str, pods: Iterable[int]) -> Mail:
    """Write the mail in the transaction of the event. The same key writes no second mail.

    `pods` are the ids of the pods that it is about. People who leave one before it is sent don't
    get it.
    """
    values = {"to": to, "subject": one_line(subject), "text": text[:LONGEST], "pods": sorted(pods)}
    mail, is_new = Mail.objects.get_or_create(key=key, defaults=values)
    if is_new:
        queue_on_commit(send_what_waits)
    return mail


@shared_task  # type: ignore[untyped-decorator]
def send_what_waits() -> int:
    """Send what is due. A row is leased while it is sent, so two workers send it once."""
    now = timezone.now()
    due = Mail.objects.filter(sent_at=None, due_at__lte=now, attempts__lt=MOST_ATTEMPTS)
    return sum(_send(mail, now) for mail in due.select_related("to").order_by("pk")[:AT_ONCE])


def _send(mail: Mail, now: dt.datetime) -> int:
    rows = Mail.objects.filter(pk=mail.pk, sent_at=None, due_at=mail.due_at)
    if not rows.update(due_at=now + LEASE, attempts=F("attempts") + 1):
        return 0
    mine = Mail.objects.filter(pk=mail.pk)
    if not mail.may_be_read:
        logger.info("The recipient of mail %s may no longer see it, so it was not sent.", mail.pk)
        mine.delete()
        return 0
    try:
        send_mail(mail.subject, mail.text, None, [mail.to.email])
    except (SMTPException, OSError) as problem:
        logger.exception("Mail %s could not be sent.", mail.pk)
        later = now + dt.timedelta(minutes=2**mail.attempts)
        mine.update(due_at=later, problem=str(problem)[:200])
        return 0
    return mine.update(sent_at=timezone.now(), problem="")
