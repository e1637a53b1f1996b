"""Open a round, decide who is asked for what, and order its agenda."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from backlog import caps
from backlog.flows.holding import held
from backlog.flows.moves import IDEA_MOVES
from backlog.flows.notifying import tell
from backlog.flows.ranking import step_into_ranks, store_ice
from backlog.flows.scoring.conducting import require_conductor, require_open, tell_everybody
from backlog.flows.transitions import make_move
from backlog.models import (
    Event,
    Idea,
    Membership,
    Notification,
    Pod,
    Round,
    RoundIdea,
    Rubric,
    Seat,
    User,
)
from backlog.models.rubrics import DIMENSIONS
from backlog.permissions import require
from backlog.refusals import Mend, Refused


@transaction.atomic
def open_round(
    *,
    by: User,
    pod: Pod,
    title: str,
    ideas: Iterable[Idea],
    kind: str = Round.Kind.OWN,
    closes_at: dt.datetime | None = None,
) -> Round:
    """Open a round on `ideas` for the members of `pod`. Earlier scores are hidden."""
    require(by, "backlog.run_round", pod)
    chosen = list(ideas)
    caps.hold("ideas", chosen, caps.MOST_IN_A_ROUND, "A round", "ideas")
    if not chosen:
        raise Refused("Choose at least one idea to score.")
    if closes_at is not None and closes_at <= timezone.now():
        raise Refused("The deadline is in the past. Choose a later one.")
    round_ = Round(
        pod=pod, title=title, kind=kind, closes_at=closes_at, opened_by=by, facilitator=by,
        rubric=Rubric.objects.latest(),
    )  # fmt: skip
    round_.full_clean()
    round_.save()
    _seat_everybody(round_)
    _require_scorers(round_, chosen)
    _require_free(chosen)
    items = [
        _put_on_agenda(round_, idea, position, by=by) for position, idea in enumerate(chosen, 1)
    ]
    RoundIdea.objects.bulk_create(items)
    Event.record(round_, "open", f"{by} opened the round with {len(chosen)} ideas.", by=by)
    step_into_ranks(*chosen)
    tell(round_.scorers.all(), Notification.Kind.ROUND, f"{pod} asks you to score in “{round_}”.",
         url=round_.get_absolute_url(), pod=pod, by=by)  # fmt: skip
    return round_


@transaction.atomic
def add_to_round(round_: Round, ideas: Iterable[Idea], *, by: User) -> Round:
    """Put more ideas at the end of the agenda of an open round, for those who have a seat in it.

    Raises PermissionDenied, Refused, ValidationError.
    """
    round_ = held(round_)
    require_conductor(round_, by)
    require_open(round_)
    if round_.is_over:
        raise Refused("The deadline of this round has passed. Start another round.")
    chosen = list(ideas)
    if not chosen:
        raise Refused("Choose at least one idea to score.")
    items = list(round_.round_ideas.select_related("idea"))
    caps.hold("ideas", [*items, *chosen], caps.MOST_IN_A_ROUND, "A round", "ideas")
    _require_scorers(round_, chosen)
    _require_free(chosen)
    wanted = {idea.pk for idea in chosen}
    if had := next((item.idea for item in items if item.idea_id in wanted), None):
        raise Refused(f"{had.key} was scored in this round already. Score it again in another one.")
    last = max((item.position for item in items), default=0)
    RoundIdea.objects.bulk_create(
        _put_on_agenda(round_, idea, position, by=by)
        for position, idea in enumerate(chosen, last + 1)
    )
    count = "1 idea" if len(chosen) == 1 else f"{len(chosen)} ideas"
    Event.record(round_, "add", f"{by} added {count} to the round.", by=by)
    step_into_ranks(*chosen)
    tell(round_.scorers.all(), Notification.Kind.ROUND,
         f"{by} added {count} to “{round_}”. {round_.pod} asks you to score.",
         url=round_.get_absolute_url(), pod=round_.pod, by=by)  # fmt: skip
    return tell_everybody(round_)


def dimensions_of(pod: Pod, duty: str) -> dict[str, bool]:
    """Which dimensions a member with this duty is asked for, as the fields of a seat."""
    return {f"gives_{name}": getattr(pod, f"{name}_by") in ("", duty) for name in DIMENSIONS}


def _seat_everybody(round_: Round) -> None:
    """Everybody who can score a dimension. Refused if nobody can score one of them."""
    pod = round_.pod
    scorers = list(pod.scorers())
    if not scorers:
        raise Refused(f"{pod} has no members who can score. Add some first.", mend=_invite_to(pod))
    duties = dict(Membership.objects.filter(pod=pod).values_list("user", "duty"))
    gives = [(user, dimensions_of(pod, duties[user.pk])) for user in scorers]
    for name in DIMENSIONS:
        if not any(dimensions[f"gives_{name}"] for _, dimensions in gives):
            duty = Membership.Duty(getattr(pod, f"{name}_by")).label.lower()
            raise Refused(
                f"Nobody in {pod} has the duty “{duty}”, so nobody can score {name.capitalize()}. "
                "Change who scores what, or give somebody this duty on the pod’s page.",
                mend=Mend("Change who scores what", reverse("backlog:pod_scoring", args=[pod.pk])),
            )
    Seat.objects.bulk_create(
        Seat(round=round_, user=user, **dimensions)
        for user, dimensions in gives
        if any(dimensions.values())
    )


def _require_scorers(round_: Round, chosen: Sequence[Idea]) -> None:
    """Refuse ideas that nobody could score, because the only person with a seat wrote them."""
    seated = set(round_.seats.values_list("user", flat=True)[:2])
    left = [idea for idea in chosen if not seated - {idea.author_id}]
    if not left:
        return
    keys = ", ".join(idea.key for idea in left[:3])
    more = f" and {len(left) - 3} more" if len(left) > 3 else ""
    wrote = "it" if len(left) == 1 else "them"
    pod = round_.pod
    why = f"only {left[0].author} scores there, and wrote {wrote}"
    invited = pod.invitations.usable().count()
    if invited:
        people = (
            "The person who is invited has" if invited == 1 else f"{invited} invited people have"
        )
        raise Refused(
            f"Nobody in {pod} could score {keys}{more} yet: {why}. {people} not joined yet.",
            mend=Mend("See who is invited", reverse("backlog:pod_detail", args=[pod.pk])),
        )
    raise Refused(
        f"Nobody in {pod} could score {keys}{more}: {why}. Add somebody first.",
        mend=_invite_to(pod),
    )


def _invite_to(pod: Pod) -> Mend:
    return Mend("Invite people", f"{reverse('backlog:invitation_new')}?pod={pod.pk}")


def _require_free(chosen: Sequence[Idea]) -> None:
    """One query for all of them, because every write waits for the lock that is held here."""
    taken = RoundIdea.objects.in_hand().filter(idea__in=[idea.pk for idea in chosen])
    if blocking := taken.select_related("idea").first():
        raise Refused(f"{blocking.idea.key} is already in an open round.")


def _put_on_agenda(round_: Round, idea: Idea, position: int, *, by: User) -> RoundIdea:
    """Start scoring the idea. Its row of the agenda is still to be written."""
    if idea.pod_id != round_.pod_id:
        raise Refused(
            f"{idea.key} belongs to another pod. A round can only contain ideas of its own pod."
        )
    idea.pod = round_.pod  # the same, read once
    before = {"ice_before": idea.ice, "rank_before": idea.pod_rank}
    make_move(
        idea, IDEA_MOVES["start_scoring"], by=by, sentence=f"{by} added it to “{round_.title}”."
    )
    idea.pod = round_.pod
    store_ice(idea)
    return RoundIdea(round=round_, idea=idea, position=position, **before)


def without_seat(round_: Round) -> list[User]:
    """Members who could be admitted: those without a seat who score at least one dimension."""
    members = Membership.objects.filter(pod=round_.pod_id, user__is_active=True)
    rest = members.exclude(role="viewer").exclude(user__in=round_.seats.values("user"))
    return [
        one.user
        for one in rest.select_related("user").order_by("user__name")
        if any(dimensions_of(round_.pod, one.duty).values())
    ]


@transaction.atomic
def admit(round_: Round, user: User, *, by: User) -> Seat:
    """Let a member who joined the pod after the opening score in the round too."""
    require_conductor(round_, by)
    require_open(round_)
    place = Membership.objects.filter(pod=round_.pod_id, user=user).exclude(role="viewer").first()
    if place is None:
        raise Refused(f"{user} is not a member of {round_.pod}, so they can’t score in this round.")
    dimensions = dimensions_of(round_.pod, place.duty)
    if not any(dimensions.values()):
        raise Refused(
            f"{user} does not score any dimension. See the pod’s page for who scores what."
        )
    seat, is_new = Seat.objects.get_or_create(round=round_, user=user, defaults=dimensions)
    if is_new:
        Event.record(round_, "admit", f"{by} admitted {user}.", by=by)
        tell_everybody(round_)
    return seat


@transaction.atomic
def reorder(round_: Round, order: Sequence[int], *, by: User) -> None:
    """Order the agenda by these ids of its items. Items that are not named come last."""
    require_conductor(round_, by)
    require_open(round_)
    items = {item.pk: item for item in round_.round_ideas.all()}
    named = [items[pk] for pk in dict.fromkeys(order) if pk in items]
    rest = [item for item in items.values() if item not in named]
    for position, item in enumerate([*named, *rest], start=1):
        if item.position != position:
            RoundIdea.objects.filter(pk=item.pk).update(position=position)
    tell_everybody(round_)
