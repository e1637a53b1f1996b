"""What Today says about standards: agreements to look at again, drills, a quarter to turn."""

from collections.abc import Callable
from functools import cache

from django.urls import reverse
from django.utils import timezone

from backlog.agenda import AgendaItem
from backlog.models import User
from experiments.flows.agreements import Looked, agreements_looked_at
from experiments.flows.standards import ReviewClock, clock_of_today, kinds_owned_by, last_looks
from experiments.flows.turning import quarter_to_turn
from experiments.models import Agreement, StandardKind


def waiting_standards(user: User) -> list[AgendaItem]:
    clock = cache(clock_of_today)  # asked for once, if at all
    return [*_turn(user), *_agreements(user, clock), *_kinds(user, clock)]


def _turn(user: User) -> list[AgendaItem]:
    if not user.has_perm("backlog.change_quarter"):
        return []
    quarter = quarter_to_turn()
    if quarter is None:
        return []
    is_over = quarter.ends_on <= timezone.localdate()
    when = "has ended" if is_over else f"ends on {quarter.last_day:%-d %b}"
    sentence = f"It {when}. Say what slipped, carry over, open the next one, review the standards."
    url = reverse("experiments:quarter_turn", args=[quarter.pk])
    return [AgendaItem(quarter.ends_on, f"Turn {quarter}", sentence, url, "Turn", "milestone")]


def _agreements(user: User, clock: Callable[[], ReviewClock]) -> list[AgendaItem]:
    """Of agreements that this person owns."""
    if not Agreement.objects.filter(owner=user, number__gt=0).exists():
        return []
    due = [one for one in agreements_looked_at(clock())
           if one.due and one.agreement.owner_id == user.pk]  # fmt: skip
    return [_agreement(looked) for looked in due]


def _agreement(looked: Looked) -> AgendaItem:
    title = f"Look again: {str(looked.agreement).lower()}"
    url = looked.agreement.get_absolute_url()
    return AgendaItem(timezone.localdate(), title, looked.due, url, "Look", "handshake")


def _kinds(user: User, clock: Callable[[], ReviewClock]) -> list[AgendaItem]:
    """Of kinds of standards that this person owns; agreements have their own owners."""
    kinds = [kind for kind in kinds_owned_by(user) if kind != StandardKind.AGREEMENTS]
    if not kinds:
        return []
    looks, items = last_looks(), []
    for kind in kinds:
        look = looks.get(kind)
        if due := clock().why_due(timezone.localdate(look.at) if look else None):
            title = f"Look again: {StandardKind(kind).label.lower()}"
            url = reverse("experiments:standard_detail", args=[kind])
            day = timezone.localdate()
            items.append(AgendaItem(day, title, due, url, "Look", "pencil-ruler"))
    return items
