"""Rounds of blind scoring: open, score, reveal, once more, close.

The author abstains by default: they are asked for no score of their own idea, and may give none.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from backlog.flows.ideas import IDEA_MOVES
from backlog.flows.ranking import rerank, store_ice
from backlog.flows.transitions import make_move, what_happened
from backlog.models import Event, Idea, Pod, Round, RoundIdea, Rubric, Score, User
from backlog.permissions import require
from backlog.refusals import Refused, SomebodyWasQuicker

Stage = RoundIdea.Stage


@transaction.atomic
def open_round(*, by: User, pod: Pod, title: str, ideas: Iterable[Idea]) -> Round:
    """Open a round over `ideas` for the members of `pod`; their earlier scores step back."""
    require(by, "backlog.run_round", pod)
    chosen = list(ideas)
    if not chosen:
        raise Refused("Choose at least one idea to score.")
    scorers = list(pod.scorers())
    if not scorers:
        raise Refused(f"{pod} has no members who could score. Add some first.")
    round_ = Round(pod=pod, title=title, opened_by=by, rubric=Rubric.objects.latest())
    round_.full_clean()
    round_.save()
    round_.scorers.set(scorers)
    for position, idea in enumerate(chosen, start=1):
        _put_on_agenda(round_, idea, position, by=by)
    Event.record(round_, "open", f"{by} opened the round with {len(chosen)} ideas.", by=by)
    rerank()
    return round_


def _put_on_agenda(round_: Round, idea: Idea, position: int, *, by: User) -> None:
    if idea.pod_id != round_.pod_id:
        raise Refused(f"{idea.key} belongs to another pod; a round scores ideas of its own pod.")
    if idea.round_ideas.in_hand().exists():
        raise Refused(f"{idea.key} is in an open round already.")
    make_move(
        idea, IDEA_MOVES["start_scoring"], by=by, sentence=f"{by} put it into “{round_.title}”."
    )
    store_ice(idea)
    RoundIdea.objects.create(round=round_, idea=idea, position=position)


def asked_for(round_idea: RoundIdea) -> list[User]:
    """Whose scores are asked for: the round's scorers without the idea's author."""
    return [user for user in round_idea.round.scorers.all() if user.pk != round_idea.idea.author_id]


def why_no_score(round_idea: RoundIdea, user: User, *, is_scorer: bool | None = None) -> str | None:
    """The sentence for somebody who can't score this idea now, or None.

    `is_scorer` is what `with_is_scorer(user)` has read along; None asks the database.
    """
    if round_idea.idea.author_id == user.pk:
        return "You wrote this idea, so you abstain."
    if not round_idea.takes_scores:
        return "The scores of this idea are revealed; it takes no more."
    if is_scorer is None:
        is_scorer = round_idea.round.scorers.filter(pk=user.pk).exists()
    if not is_scorer:
        return (
            "Only who was a member of the pod when this round was opened scores in it; "
            "new members start with the next one."
        )
    return None


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
    """Give, change or skip one's score; may be repeated until the reveal. No trace goes to others."""
    require(by, "backlog.score_round", round_idea)
    locked = RoundIdea.objects.select_for_update().select_related("idea", "round")
    round_idea = locked.get(pk=round_idea.pk)
    why_not = why_no_score(round_idea, by)
    if why_not:
        raise Refused(why_not)
    vote = round_idea.votes
    score = round_idea.scores.filter(scorer=by, vote=vote).first() or Score(
        round_idea=round_idea, scorer=by, vote=vote
    )
    score.is_skipped = is_skipped
    score.impact, score.confidence, score.ease = (
        (None, None, None) if is_skipped else (impact, confidence, ease)
    )
    score.scored_at = timezone.now()
    score.full_clean()
    score.save()
    return score


def _to_stage(
    round_idea: RoundIdea, sources: tuple[str, ...], target: str, **changes: object
) -> None:
    moved = RoundIdea.objects.filter(pk=round_idea.pk, stage__in=sources).update(
        stage=target, **changes
    )
    if not moved:
        raise SomebodyWasQuicker(what_happened(round_idea.round))
    round_idea.refresh_from_db()


@transaction.atomic
def reveal(round_idea: RoundIdea, *, by: User) -> RoundIdea:
    """Show the scores of an idea to everybody in its pod, store its ICE and rank anew."""
    require(by, "backlog.run_round", round_idea)
    if not round_idea.takes_scores:
        raise Refused("These scores are revealed already.")
    if not round_idea.scores.filter(vote=round_idea.votes, is_skipped=False).exists():
        raise Refused(
            f"Nobody has scored {round_idea.idea.key} yet, so there is nothing to reveal."
        )
    first = round_idea.stage == Stage.BLIND
    target = Stage.REVEALED if first else Stage.SETTLED
    _to_stage(round_idea, (round_idea.stage,), target, revealed_at=timezone.now())
    idea = round_idea.idea
    sentence = f"{by} revealed the {'scores' if first else 'second scores'}."
    if first:
        make_move(idea, IDEA_MOVES["end_scoring"], by=by, sentence=sentence)
    else:
        Event.record(idea, "reveal", sentence, by=by)
    Event.record(round_idea.round, "reveal", f"{by} revealed {idea.key}.", by=by)
    store_ice(idea)
    rerank()
    return round_idea


@transaction.atomic
def ask_again(round_idea: RoundIdea, *, by: User) -> RoundIdea:
    """Open the one re-vote of a revealed idea; it is blind again, the first scores stay on record."""
    require(by, "backlog.run_round", round_idea)
    if round_idea.votes > 1:
        raise Refused("This idea was scored once more already; one re-vote is all.")
    if round_idea.stage != Stage.REVEALED:
        raise Refused("Reveal the first scores before you ask again.")
    _to_stage(round_idea, (Stage.REVEALED,), Stage.REVOTE, votes=2)
    Event.record(
        round_idea.round, "ask_again", f"{by} asked again for {round_idea.idea.key}.", by=by
    )
    return round_idea


@transaction.atomic
def close_round(round_: Round, *, by: User) -> Round:
    """End the round: revealed ideas are settled, ideas that nobody scored go back unscored."""
    require(by, "backlog.run_round", round_)
    hidden = [
        item.idea.key
        for item in round_.round_ideas.in_hand().select_related("idea")
        if item.takes_scores and item.scores.filter(vote=item.votes, is_skipped=False).exists()
    ]
    if hidden:
        raise Refused(
            f"{', '.join(hidden)} {'has' if len(hidden) == 1 else 'have'} scores that are not "
            "revealed. Reveal them first, then close the round."
        )
    closed = Round.objects.filter(pk=round_.pk, state=Round.State.OPEN).update(
        state=Round.State.CLOSED, closed_at=timezone.now()
    )
    if not closed:
        raise Refused("This round is closed already.")
    for item in round_.round_ideas.filter(stage=Stage.BLIND).select_related("idea"):
        make_move(
            item.idea, IDEA_MOVES["end_scoring"], by=by, sentence="Nobody scored it in the round."
        )
        item.delete()
        store_ice(item.idea)
    round_.round_ideas.in_hand().update(stage=Stage.SETTLED)
    round_.refresh_from_db()
    Event.record(round_, "close", f"{by} closed the round.", by=by)
    rerank()
    return round_
