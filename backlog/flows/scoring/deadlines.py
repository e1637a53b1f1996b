"""The deadline of rounds on your own: one reminder per person before it, and the reveal at it.

Both run by the clock. Each step notes in its row that it was done, in the same transaction, so a
task that runs twice or late does nothing a second time.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from backlog.flows.outbox import put_mail
from backlog.flows.scoring.revealing import close_round, put_back_unscored, reveal
from backlog.models import Round, RoundIdea, Seat
from backlog.refusals import Refused
from backlog.ways_in import coming_by

REMINDED_BEFORE = dt.timedelta(hours=24)


@shared_task  # type: ignore[untyped-decorator]
def reveal_what_is_due() -> int:
    """Reveal every open round whose deadline has passed. It stays open for discussion."""
    with coming_by("task"):
        due = Round.objects.open().filter(closes_at__lte=timezone.now())
        return sum(reveal_round(round_.pk) for round_ in due)


@transaction.atomic
def reveal_round(pk: int) -> int:
    """Reveal what was scored and put back what was not. Returns 1 if there was anything to do."""
    round_ = Round.objects.select_for_update().filter(pk=pk, state=Round.State.OPEN).first()
    if round_ is None:
        return 0
    items = round_.round_ideas.filter(stage__in=RoundIdea.TAKES_SCORES)
    waiting = list(items.select_related("idea", "round__pod"))
    for item in waiting:
        try:
            reveal(item, by=None)
        except Refused:  # nobody has scored it
            if item.stage == RoundIdea.Stage.BLIND:
                put_back_unscored(item, by=None)
    if not round_.round_ideas.in_hand().exists():
        close_round(round_, by=None)
    return 1 if waiting else 0


@shared_task  # type: ignore[untyped-decorator]
def remind_before_deadlines() -> int:
    """Write once to everybody who has ideas left to score in a round that closes within a day."""
    now = timezone.now()
    soon = Round.objects.open().filter(closes_at__gt=now, closes_at__lte=now + REMINDED_BEFORE)
    seats = Seat.objects.filter(round__in=soon, reminded_at=None, user__is_active=True)
    return sum(remind(seat) for seat in seats.select_related("round__pod", "user"))


@transaction.atomic
def remind(seat: Seat) -> int:
    """Note that this person was reminded and put the mail into the outbox, both or neither."""
    waiting = RoundIdea.objects.waiting_for(seat.user).filter(round=seat.round_id).count()
    if not waiting:
        return 0
    taken = Seat.objects.filter(pk=seat.pk, reminded_at=None).update(reminded_at=timezone.now())
    if not taken:
        return 0
    round_ = seat.round
    ideas = f"{waiting} idea{'s' * (waiting > 1)}"
    zone = ZoneInfo(seat.user.time_zone)
    closes = timezone.localtime(round_.closes_at, zone)
    put_mail(
        key=f"round {round_.pk} reminds {seat.user_id}",
        to=seat.user,
        subject=f"{round_} closes on {closes:%A at %H:%M}",
        text=f"{ideas} in {round_.pod} still need your scores in “{round_}”.\n\n"
        f"{settings.SITE_URL}{reverse('backlog:round_detail', args=[round_.pk])}\n\n"
        f"The round closes on {closes:%A %-d %B at %H:%M} ({seat.user.time_zone}), and all scores "
        "are revealed then. This is the only reminder.",
        pods={round_.pod_id},
    )
    return 1
