"""Give, change or skip one's score. Nobody else sees any trace of it before the reveal."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from backlog.models import Membership, Round, RoundIdea, Score, Seat, User
from backlog.models.rubrics import DIMENSIONS, listed
from backlog.permissions import require
from backlog.refusals import Refused


def asked_for(round_idea: RoundIdea) -> list[User]:
    """Whose scores are asked for: the round's scorers without the idea's author."""
    return [user for user in round_idea.round.scorers.all() if user.pk != round_idea.idea.author_id]


def asked_dimensions(round_idea: RoundIdea, seat: Seat | RoundIdea) -> tuple[str, ...]:
    """The dimensions that this vote asks of a seat. An item from `with_is_scorer` knows its
    reader's seat."""
    return tuple(name for name in round_idea.asks if getattr(seat, f"gives_{name}"))


def why_no_score(round_idea: RoundIdea, user: User) -> str | None:
    """The sentence for somebody who can't score this idea now, or None.

    An item from `with_is_scorer(user)` needs no further query.
    """
    if round_idea.idea.author_id == user.pk:
        return "You wrote this idea, so you can’t score it."
    return _why_closed(round_idea) or _why_not_asked(round_idea, user)


def _why_closed(round_idea: RoundIdea) -> str | None:
    if round_idea.round.state == Round.State.CLOSED:
        return "This round has ended, so you can no longer score in it."
    if not round_idea.takes_scores:
        return "The scores of this idea have been revealed, so you can no longer score it."
    if round_idea.round.is_over:
        return "The deadline has passed, so you can no longer score. The scores will be revealed shortly."
    return None


def _why_not_asked(round_idea: RoundIdea, user: User) -> str | None:
    seat = round_idea if hasattr(round_idea, "is_scorer") else _seat(round_idea, user)
    if seat is None or not getattr(seat, "is_scorer", True):
        return (
            "Only people who were members when this round opened can score in it. You can score in "
            "the next round, or ask the person who runs this one to admit you."
        )
    if not asked_dimensions(round_idea, seat):
        return f"This vote is about {listed(round_idea.asks)}, which other people in the pod score."
    return None


def _seat(round_idea: RoundIdea, user: User) -> Seat | None:
    return Seat.objects.filter(round=round_idea.round_id, user=user).first()


@transaction.atomic
def submit_score(
    round_idea: RoundIdea,
    *,
    by: User,
    impact: int | None = None,
    confidence: int | None = None,
    ease: int | None = None,
    is_skipped: bool = False,
) -> Score:
    """Give, change or skip one's score. It can be repeated until the reveal, and the last one
    counts."""
    require(by, "backlog.score_round", round_idea)
    locked = RoundIdea.objects.select_for_update(of=("self",)).with_is_scorer(by)
    round_idea = locked.select_related("idea", "round").get(pk=round_idea.pk)
    why_not = why_no_score(round_idea, by)
    if why_not:
        raise Refused(why_not)
    given = {"impact": impact, "confidence": confidence, "ease": ease}
    if not is_skipped:
        _check(round_idea, given, asked_dimensions(round_idea, round_idea))
    score = round_idea.scores.filter(scorer=by, vote=round_idea.votes).first() or Score(
        round_idea=round_idea, scorer=by, vote=round_idea.votes
    )
    score.is_skipped = is_skipped
    for name in DIMENSIONS:
        setattr(score, name, None if is_skipped else given[name])
    score.scored_at = timezone.now()
    # The row is locked and the rest was just read, so the database need not be asked for each.
    score.clean_fields(exclude=("round_idea", "scorer"))
    score.save()
    return score


def _check(round_idea: RoundIdea, given: Mapping[str, int | None], wanted: tuple[str, ...]) -> None:
    """All that is asked, and nothing else."""
    lacking = tuple(name for name in wanted if given[name] is None)
    if lacking:
        raise ValidationError(f"Also score {listed(lacking)} from 1 to 10, or skip the idea.")
    for name in DIMENSIONS:
        if given[name] is None or name in wanted:
            continue
        if name not in round_idea.asks:
            raise ValidationError(
                f"This re-vote is only about {listed(round_idea.asks)}. Leave {name.capitalize()} "
                "out."
            )
        duty = Membership.Duty(getattr(round_idea.pod, f"{name}_by") or "execution").label
        raise ValidationError(
            f"Only members with the duty “{duty.lower()}” score {name.capitalize()}. Leave it out."
        )
