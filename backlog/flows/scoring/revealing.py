"""Reveal scores, ask for a re-vote, end a round: by a person, or by the clock (`by` is None)."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from backlog.flows.moves import IDEA_MOVES
from backlog.flows.notifying import tell
from backlog.flows.ranking import step_into_ranks, store_ice
from backlog.flows.scoring.conducting import require_conductor, require_open, tell_everybody
from backlog.flows.scoring.moves import ITEM_MOVES, ROUND_MOVES
from backlog.flows.transitions import make_move, move_rows, what_happened
from backlog.models import Event, Notification, Round, RoundIdea, Score, User
from backlog.models.rubrics import DIMENSIONS, listed
from backlog.refusals import Refused, SomebodyWasQuicker

Stage = RoundIdea.Stage
REVEAL, KEEP = "reveal", "keep"


def _move_item(item: RoundIdea, name: str, **changes: object) -> None:
    """Move it from the stage that the table requires, or raise what happened meanwhile."""
    if not move_rows(RoundIdea.objects.filter(pk=item.pk), ITEM_MOVES[name], **changes):
        raise SomebodyWasQuicker(what_happened(item.round))
    item.refresh_from_db()


@transaction.atomic
def reveal(round_idea: RoundIdea, *, by: User | None) -> RoundIdea:
    """Show the scores of an idea to everybody in its pod, store its ICE and update the ranking."""
    if by is not None:
        require_conductor(round_idea.round, by)
    if not round_idea.takes_scores:
        raise Refused("These scores have already been revealed.")
    if not round_idea.scores.filter(vote=round_idea.votes, is_skipped=False).exists():
        raise Refused(
            f"Nobody has scored {round_idea.idea.key} yet, so there is nothing to reveal."
        )
    first = round_idea.stage == Stage.BLIND
    _move_item(round_idea, "reveal" if first else "reveal_again", revealed_at=timezone.now())
    idea = round_idea.idea
    which = "scores" if first else "second scores"
    sentence = f"{by} revealed the {which}." if by else f"The {which} were revealed."
    if first:
        make_move(idea, IDEA_MOVES["end_scoring"], by=by, sentence=sentence)
    else:
        Event.record(idea, "reveal", sentence, by=by)
    line = f"{by} revealed {idea.key}." if by else f"{idea.key} was revealed at the deadline."
    Event.record(round_idea.round, "reveal", line, by=by)
    store_ice(idea)
    step_into_ranks(idea)
    tell_everybody(round_idea.round)
    return round_idea


@transaction.atomic
def ask_again(
    round_idea: RoundIdea, *, by: User, dimensions: Sequence[str] = DIMENSIONS
) -> RoundIdea:
    """Open the one re-vote of a revealed idea, of all or some dimensions.

    It is blind again, and the first scores stay on record. If there was a deadline, it no longer
    applies: somebody has to reveal the re-vote.
    """
    require_conductor(round_idea.round, by)
    if round_idea.votes > 1:
        raise Refused("There has already been a re-vote on this idea. Only one is possible.")
    if round_idea.stage != Stage.REVEALED:
        raise Refused("Reveal the first scores before you ask for a re-vote.")
    names = [name for name in DIMENSIONS if name in dimensions]
    if not names:
        raise Refused("Choose what to score again: Impact, Confidence or Ease.")
    asks = {f"asks_{name}": name in names for name in DIMENSIONS}
    _move_item(round_idea, "ask_again", votes=2, ice_first=round_idea.idea.ice, **asks)
    words = listed(names)
    what = "" if len(names) == len(DIMENSIONS) else f" {words} of"
    Event.record(
        round_idea.round,
        "ask_again",
        f"{by} asked for a re-vote on{what} {round_idea.idea.key}.",
        by=by,
    )
    now = timezone.now()
    tell_everybody(round_idea.round, closes_at=None, timer_started_at=now, timer_paused_at=None)
    return round_idea


@transaction.atomic
def keep_note(round_idea: RoundIdea, *, by: User, note: str) -> RoundIdea:
    """Save a note on why the scores moved, or why they stayed."""
    require_conductor(round_idea.round, by)
    if round_idea.stage not in (Stage.REVEALED, Stage.SETTLED):
        raise Refused("You can add a note once the scores have been revealed.")
    round_idea.note = note.strip()
    round_idea.full_clean()
    RoundIdea.objects.filter(pk=round_idea.pk).update(note=round_idea.note)
    # The note stays with the scores: it is hidden with them when the idea is blind again.
    Event.record(round_idea.idea, "note", f"{by} noted why its scores moved.", by=by)
    tell_everybody(round_idea.round)
    return round_idea


def put_back_unscored(
    item: RoundIdea, *, by: User | None, why: str = "Nobody scored it in the round."
) -> None:
    """It goes back to the backlog as it was, and counts as left over."""
    _move_item(item, "leave")
    make_move(item.idea, IDEA_MOVES["end_scoring"], by=by, sentence=why)
    store_ice(item.idea)
    step_into_ranks(item.idea)


def hidden_in(round_: Round) -> list[RoundIdea]:
    """The ideas whose scores would be hidden if the round ended now, each with its progress."""
    items = round_.round_ideas.filter(stage__in=RoundIdea.TAKES_SCORES).with_progress()
    rows = items.filter(scored_count__gt=0).select_related("idea")  # type: ignore[misc]
    for item in rows:
        item.round = round_
    return list(rows)


@transaction.atomic
def close_round(round_: Round, *, by: User | None, hidden: str = "") -> Round:
    """End the round. Revealed ideas are settled, and ideas that nobody scored go back.

    `hidden` says what becomes of scores that are not revealed: REVEAL, or KEEP for the next round,
    which takes them along. A second vote that has scores is revealed in any case.
    """
    if by is not None:
        require_conductor(round_, by)
    require_open(round_)
    waiting = hidden_in(round_)
    if waiting and hidden not in (REVEAL, KEEP):
        keys = ", ".join(item.idea.key for item in waiting)
        raise Refused(
            f"{keys} {'has' if len(waiting) == 1 else 'have'} scores that are not revealed. Reveal "
            "them first, or end the round on its page, where you choose what becomes of them."
        )
    for item in waiting:
        if hidden == REVEAL or item.stage == Stage.REVOTE:
            reveal(item, by=by)
    line = "" if by else "The round was closed at its deadline."
    make_move(round_, ROUND_MOVES["close"], by=by, sentence=line, closed_at=timezone.now())
    kept = {item.pk for item in waiting}
    for item in round_.round_ideas.filter(stage=Stage.BLIND).select_related("idea"):
        why = {"why": "Its scores were kept for another round."} if item.pk in kept else {}
        put_back_unscored(item, by=by, **why)
    move_rows(round_.round_ideas.in_hand(), ITEM_MOVES["settle"])
    tell_everybody(round_)
    tell(round_.scorers.all(), Notification.Kind.REVEAL, f"The scores of “{round_}” were revealed and the round was closed.",
         url=round_.get_absolute_url(), pod=round_.pod, by=by)  # fmt: skip
    return round_


def take_along(round_: Round, following: Round) -> int:
    """Scores that were kept when a round ended move into the next one. Returns how many.

    Only where the same is asked of the same person by the same rubric; other people score again.
    So do all where the idea was scored in another round meanwhile.
    """
    if round_.rubric_id != following.rubric_id:
        return 0
    seats = {seat.user_id: seat for seat in following.seats.all()}
    items = dict(following.round_ideas.values_list("idea", "pk"))
    since = RoundIdea.objects.filter(
        idea=OuterRef("round_idea__idea"), revealed_at__gt=round_.closed_at
    )
    kept = Score.objects.filter(
        ~Exists(since),
        round_idea__round=round_, round_idea__stage=Stage.LEFT, vote=1, is_skipped=False,
        round_idea__idea__in=list(items),
    )  # fmt: skip
    fitting: dict[int, list[int]] = {}
    for score in kept.select_related("round_idea"):
        seat = seats.get(score.scorer_id)
        if seat and all(
            getattr(seat, f"gives_{name}") == (getattr(score, name) is not None)
            for name in DIMENSIONS
        ):
            fitting.setdefault(items[score.round_idea.idea_id], []).append(score.pk)
    for item, scores in fitting.items():
        Score.objects.filter(pk__in=scores).update(round_idea=item)
    return sum(len(scores) for scores in fitting.values())
