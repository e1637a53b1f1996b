"""The e-mail digest: once a day or a week, everything that its reader has not read in Floe yet."""

import datetime as dt

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from backlog.flows.outbox import put_mail
from backlog.models import Notification, User

LINES = 30
MONDAY = 0


@shared_task  # type: ignore[untyped-decorator]
def write_digests() -> int:
    """Write one mail to everybody who has news and wants it today. Running it twice writes one."""
    today = timezone.localdate()
    wanted = [User.Digest.DAILY]
    wanted += [User.Digest.WEEKLY] if today.weekday() == MONDAY else []
    waiting = Notification.objects.filter(read_at=None, digested_at=None)
    people = User.objects.filter(is_active=True, digest__in=wanted, pk__in=waiting.values("to"))
    return sum(write_digest(person, today) for person in people)


@transaction.atomic
def write_digest(person: User, today: dt.date) -> int:
    """Put the mail into the outbox and note what it contained, both or neither.

    News from pods that the person has left is skipped.
    """
    rows = Notification.objects.visible_to(person).filter(read_at=None, digested_at=None)
    unread = list(rows.select_related("comment").order_by("at", "pk")[: LINES + 1])
    if not unread:
        return 0
    lines = [f"- {row.line}\n  {settings.SITE_URL}{row.url}" for row in unread[:LINES]]
    inbox = f"{settings.SITE_URL}{reverse('backlog:notification_list')}"
    if len(unread) > LINES:
        lines.append(f"- and more: {inbox}")
    many = f"{min(len(unread), LINES)}{'+' * (len(unread) > LINES)}"
    put_mail(
        key=f"digest {person.pk} {today.isoformat()}",
        to=person,
        subject=f"Floe: {many} new {'notification' if many == '1' else 'notifications'}",
        text="\n".join(lines)
        + f"\n\nChoose what this e-mail contains, and when you get it: {inbox}choices/\n",
        pods={row.pod_id for row in unread if row.pod_id},
    )
    rows.update(digested_at=timezone.now())
    return 1
