"""The open work that a person owns or leads, and how to hand it over.

`backlog` knows no experiments, so the other app registers its own kinds: `register(kind)`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone

from backlog.flows.scoring.conducting import tell_everybody
from backlog.models import Event, Idea, Membership, Pod, Round, User

SHOWN = 10  # of one kind in one pod
OPEN_STATES = (Idea.State.OPEN, Idea.State.SCORING, Idea.State.SNOOZED)


@dataclass(frozen=True)
class OpenWork:
    """One thing that a person owns or leads. `note` says what happens if nobody takes it over."""

    pod: Pod
    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Kind:
    """`find(person)` is their open work; `hand_over(person, pod, to, by)` gives it to somebody.

    Without `hand_over` it stays as it is. `label` and the notes say who takes care of it.
    """

    label: str
    find: Callable[[User], Iterable[OpenWork]]
    hand_over: Callable[[User, Pod, User, User], None] | None = None


@dataclass(frozen=True)
class Pile:
    """The open work of one kind in one pod."""

    label: str
    works: list[OpenWork]
    moves: bool  # can be handed over

    @property
    def first(self) -> list[OpenWork]:
        return self.works[:SHOWN]

    @property
    def hidden(self) -> int:
        return max(len(self.works) - SHOWN, 0)


def open_work_of(person: User) -> list[tuple[Pod, list[Pile]]]:
    """By pod, then by kind, in the order in which the kinds were registered."""
    piles: dict[Pod, list[Pile]] = {}
    for kind in kinds:
        works = sorted(kind.find(person), key=lambda work: (work.pod.name, work.pod.pk))
        for pod, some in groupby(works, key=lambda work: work.pod):
            moves = kind.hand_over is not None
            piles.setdefault(pod, []).append(Pile(kind.label, list(some), moves))
    return sorted(piles.items(), key=lambda pair: (pair[0].name, pair[0].pk))


@transaction.atomic
def hand_over(person: User, pod: Pod, *, to: User, by: User) -> None:
    """Give `to` what `person` has open in `pod`. Raises Refused, ValidationError."""
    for kind in kinds:
        if kind.hand_over is not None:
            kind.hand_over(person, pod, to, by)


def _ideas(person: User) -> Iterable[OpenWork]:
    ideas = Idea.objects.filter(owner=person, state__in=OPEN_STATES).select_related("pod")
    rows = ideas.order_by("-pk").only("key", "title", "pod")
    return [OpenWork(i.pod, f"{i.key} {i.title}", i.get_absolute_url()) for i in rows]


def _hand_over_ideas(person: User, pod: Pod, to: User, by: User) -> None:
    """In a few statements, however many ideas there are. Each gets its row of history."""
    mine = Idea.objects.select_for_update().filter(owner=person, pod=pod, state__in=OPEN_STATES)
    ideas = list(mine.only("pod"))
    keys = [idea.pk for idea in ideas]
    for start in range(0, len(keys), 500):
        Idea.objects.filter(pk__in=keys[start : start + 500]).update(
            owner=to, version=F("version") + 1, updated_at=timezone.now()
        )
    sentence = f"{by} handed it over from {person} to {to}."
    for idea in ideas:
        idea.pod = pod  # the same, read once
    events = [Event.of(idea, "edit", sentence, by=by, fields=["owner"]) for idea in ideas]
    Event.objects.bulk_create(events, batch_size=500)


def _rounds(person: User) -> Iterable[OpenWork]:
    rounds = Round.objects.open().filter(facilitator=person).select_related("pod")
    return [OpenWork(r.pod, r.title, r.get_absolute_url()) for r in rounds]


def _hand_over_rounds(person: User, pod: Pod, to: User, by: User) -> None:
    for round_ in Round.objects.open().filter(facilitator=person, pod=pod):
        Event.record(round_, "hand_over", f"{by} handed it over from {person} to {to}.", by=by)
        tell_everybody(round_, facilitator=to)


def _pods_without_another_lead(person: User) -> Iterable[OpenWork]:
    leads = Membership.objects.filter(role=Membership.Role.LEAD)
    others = leads.filter(pod=OuterRef("pod"), user__is_active=True).exclude(user=person)
    alone = leads.filter(~Exists(others), user=person).select_related("pod")
    note = "has no other lead: choose a new one"
    return [
        OpenWork(m.pod, str(m.pod), reverse("backlog:pod_detail", args=[m.pod_id]), note)
        for m in alone
    ]


kinds: list[Kind] = [
    Kind("Leads the pod", _pods_without_another_lead),
    Kind("Owns ideas", _ideas, _hand_over_ideas),
    Kind("Leads rounds", _rounds, _hand_over_rounds),
]


def register(kind: Kind) -> None:
    """Include `kind`. Registering twice counts once."""
    if kind not in kinds:
        kinds.append(kind)
