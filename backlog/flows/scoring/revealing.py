"""Reveal scores, ask once more, end a round; by a person, or by the clock (`by` is None)."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from backlog.flows.ideas import IDEA_MOVES
from backlog.flows.ranking import step_into_ranks, store_ice
from backlog.flows.scoring.conducting import require_conductor, require_open, tell_everybody
from backlog.flows.telling import tell
from backlog.flows.transitions import make_move, what_happened
from backlog.models import Event, Notification, Round, RoundIdea, User
from backlog.models.rubrics import DIMENSIONS, listed
from backlog.refusals import Refused, SomebodyWasQuicker

Stage = RoundIdea.Stage


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
def reveal(round_idea: RoundIdea, *, by: User | None) -> RoundIdea:
    """Show the scores of an idea to everybody in its pod, store its ICE and rank anew."""
    if by is not None:
        require_conductor(round_idea.round, by)
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
    which = "scores" if first else "second scores"
    sentence = f"{by} revealed the {which}." if by else f"The {which} were revealed."
    if first:
        make_move(idea, IDEA_MOVES["end_scoring"], by=by, sentence=sentence)
    else:
        Event.record(idea, "reveal", sentence, by=by)
    said = f"{by} revealed {idea.key}." if by else f"{idea.key} was revealed at the deadline."
    Event.record(round_idea.round, "reveal", said, by=by)
    store_ice(idea)
    step_into_ranks(idea)
    tell_everybody(round_idea.round)
    return round_idea


@transaction.atomic
def ask_again(
    round_idea: RoundIdea, *, by: User, dimensions: Sequence[str] = DIMENSIONS
) -> RoundIdea:
    """Open the one re-vote of a revealed idea, of all or some dimensions.

    It is blind again; the first scores stay on record. After a deadline the round has none any
    more: somebody reveals the re-vote by hand.
    """
    require_conductor(round_idea.round, by)
    if round_idea.votes > 1:
        raise Refused("This idea was scored once more already; one re-vote is all.")
    if round_idea.stage != Stage.REVEALED:
        raise Refused("Reveal the first scores before you ask again.")
    asked = [name for name in DIMENSIONS if name in dimensions]
    if not asked:
        raise Refused("Say which to score again: Impact, Confidence or Ease.")
    asks = {f"asks_{name}": name in asked for name in DIMENSIONS}
    _to_stage(
        round_idea, (Stage.REVEALED,), Stage.REVOTE, votes=2, ice_first=round_idea.idea.ice, **asks
    )
    words = listed(asked)
    what = "" if len(asked) == len(DIMENSIONS) else f" {words} of"
    Event.record(
        round_idea.round, "ask_again", f"{by} asked again for{what} {round_idea.idea.key}.", by=by
    )
    now = timezone.now()
    tell_everybody(round_idea.round, closes_at=None, timer_started_at=now)
    return round_idea


@transaction.atomic
def keep_note(round_idea: RoundIdea, *, by: User, note: str) -> RoundIdea:
    """Keep in a sentence why the scores moved, or why they stand as they do."""
    require_conductor(round_idea.round, by)
    if round_idea.stage not in (Stage.REVEALED, Stage.SETTLED):
        raise Refused("Write the note once the scores are revealed.")
    round_idea.note = note.strip()
    round_idea.full_clean()
    RoundIdea.objects.filter(pk=round_idea.pk).update(note=round_idea.note)
    # The note itself stays with the scores: it steps back with them when the idea is blind again.
    Event.record(round_idea.idea, "note", f"{by} noted why its scores moved.", by=by)
    tell_everybody(round_idea.round)
    return round_idea


def put_back_unscored(item: RoundIdea, *, by: User | None) -> None:
    """Nobody scored it: it goes back as it was, and is what the round has left."""
    _to_stage(item, (Stage.BLIND,), Stage.LEFT)
    make_move(
        item.idea, IDEA_MOVES["end_scoring"], by=by, sentence="Nobody scored it in the round."
    )
    store_ice(item.idea)
    step_into_ranks(item.idea)


@transaction.atomic
def close_round(round_: Round, *, by: User | None) -> Round:
    """End the round: revealed ideas are settled, ideas that nobody scored go back unscored."""
    if by is not None:
        require_conductor(round_, by)
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
    require_open(round_)
    closed = Round.objects.filter(pk=round_.pk, state=Round.State.OPEN).update(
        state=Round.State.CLOSED, closed_at=timezone.now()
    )
    if not closed:
        raise SomebodyWasQuicker(what_happened(round_))
    for item in round_.round_ideas.filter(stage=Stage.BLIND).select_related("idea"):
        put_back_unscored(item, by=by)
    round_.round_ideas.in_hand().update(stage=Stage.SETTLED)
    tell_everybody(round_)
    said = f"{by} closed the round." if by else "The round was closed at its deadline."
    Event.record(round_, "close", said, by=by)
    tell(round_.scorers.all(), Notification.Kind.REVEAL, f"“{round_}” is revealed and closed.",
         url=round_.get_absolute_url(), pod=round_.pod, by=by)  # fmt: skip
    return round_
