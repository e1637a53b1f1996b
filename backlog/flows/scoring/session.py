"""A live session: the current idea, who leads, who is here, how long it takes."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.flows.scoring.conducting import require_conductor, require_open, tell_everybody
from backlog.models import Event, Presence, Round, RoundIdea, User
from backlog.permissions import require
from backlog.refusals import Refused

HERE_FOR = dt.timedelta(seconds=30)  # after their last poll somebody counts as here
NOTED_EVERY = dt.timedelta(seconds=10)
LONGEST_MINUTES = 60


def require_live(round_: Round) -> None:
    require_open(round_)
    if not round_.is_live:
        raise Refused("This round has no session, because everybody scores on their own.")


@transaction.atomic
def go_to(round_: Round, item: RoundIdea, *, by: User) -> Round:
    """Show an idea of the agenda to everybody, and start its timer."""
    require_conductor(round_, by)
    require_live(round_)
    if item.round_id != round_.pk:
        raise Refused("This idea is not on the session’s agenda.")
    now = timezone.now()
    started_at = round_.started_at or now
    return tell_everybody(
        round_, current=item, timer_started_at=now, timer_paused_at=None, started_at=started_at
    )


@transaction.atomic
def set_timer(round_: Round, *, by: User, minutes: int) -> Round:
    """Set the minutes per idea. 0 turns the timer off. The time already spent on this idea
    stays."""
    require_conductor(round_, by)
    require_live(round_)
    if not 0 <= minutes <= LONGEST_MINUTES:
        raise Refused(
            f"Set the timer to between 0 and {LONGEST_MINUTES} minutes. 0 means no timer."
        )
    return tell_everybody(round_, timer_seconds=minutes * 60)


@transaction.atomic
def pause_timer(round_: Round, *, by: User, is_paused: bool) -> Round:
    """Stop the timer of the current idea, or let it go on from where it stopped."""
    require_conductor(round_, by)
    require_live(round_)
    paused_at, now = round_.timer_paused_at, timezone.now()
    if is_paused == (paused_at is not None) or round_.timer_started_at is None:
        return round_
    if paused_at is None:
        return tell_everybody(round_, timer_paused_at=now)
    started_at = round_.timer_started_at + (now - paused_at)
    return tell_everybody(round_, timer_started_at=started_at, timer_paused_at=None)


@transaction.atomic
def hand_over(round_: Round, *, to: User, by: User) -> Round:
    """Make another member or lead of the pod the facilitator."""
    require_conductor(round_, by)
    require_live(round_)
    if not round_.pod.scorers().filter(pk=to.pk).exists():
        raise Refused(f"{to} is not a member of {round_.pod}, so they can’t lead its session.")
    Event.record(round_, "hand_over", f"{by} handed the session over to {to}.", by=by)
    return tell_everybody(round_, facilitator=to)


@transaction.atomic
def take_over(round_: Round, *, by: User) -> Round:
    """Replace a facilitator who has left the session."""
    require(by, "backlog.run_round", round_)
    require_live(round_)
    if round_.facilitator_id == by.pk:
        return round_
    if round_.facilitator is not None and is_here(round_, round_.facilitator):
        raise Refused(
            f"{round_.facilitator} is here and leads the session. Ask them to hand it over."
        )
    Event.record(round_, "take_over", f"{by} took the session over.", by=by)
    return tell_everybody(round_, facilitator=by)


def is_here(round_: Round, user: User) -> bool:
    since = timezone.now() - HERE_FOR
    return Presence.objects.filter(round=round_, user=user, seen_at__gt=since).exists()


def people_here(round_id: int) -> list[Presence]:
    """People seen in the last seconds, by name. What they did is not included."""
    since = timezone.now() - HERE_FOR
    here = Presence.objects.filter(round=round_id, seen_at__gt=since)
    return list(here.select_related("user").order_by("user__name", "user"))


def note_presence(round_id: int, user: User, seen: Any) -> bool:
    """Note that somebody's browser has polled, with a write every ten seconds at most.

    Returns True if they were not here before.
    """
    if not seen.is_noted:
        here = Presence(round_id=round_id, user=user, seen_at=timezone.now())
        Presence.objects.bulk_create(
            [here],
            update_conflicts=True,
            unique_fields=["round", "user"],
            update_fields=["seen_at"],
        )
    return not seen.am_here
