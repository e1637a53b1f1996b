"""How far a round has come, for whoever watches: counts while blind, and nothing that betrays more."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from backlog.flows.scoring.giving import asked_dimensions
from backlog.htmx import wants_part
from backlog.models import Round, RoundIdea, Score, User

# Django writes the token of a form again into every answer; it says nothing about the page.
MASKED = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
STAGES = {
    RoundIdea.Stage.BLIND: "Being scored",
    RoundIdea.Stage.REVEALED: "Revealed",
    RoundIdea.Stage.REVOTE: "Being scored again",
    RoundIdea.Stage.SETTLED: "Settled",
    RoundIdea.Stage.LEFT: "Left for later",
}


class AgendaRow(NamedTuple):
    """An idea on the agenda; `is_asked` and `is_mine_in` are about the person who looks."""

    item: RoundIdea
    is_mine_in: bool
    is_asked: bool

    @property
    def stage(self) -> str:
        return STAGES[RoundIdea.Stage(self.item.stage)]

    @property
    def waits(self) -> bool:
        return self.is_asked and not self.is_mine_in


def own_scores(round_: Round | int, user: User) -> dict[tuple[int, int], Score]:
    """What this person has given or skipped in a round, by the item's id and the vote."""
    pk = round_.pk if isinstance(round_, Round) else round_
    own = Score.objects.given_in(pk, user)
    return {(score.round_idea_id, score.vote): score for score in own}


def agenda_of(
    round_: Round, user: User, own: Mapping[tuple[int, int], Score] | None = None
) -> list[AgendaRow]:
    """The ideas of a round, each with what this person may know of it.

    On your own they come in an order of one's own while the round is open, always the same one, so
    that not everybody is fresh for the first and tired for the last. `own` are their `own_scores`,
    where the page has read them already.
    """
    mine = own_scores(round_, user) if own is None else own
    items = RoundIdea.objects.filter(round=round_).with_progress().with_is_scorer(user)
    rows = [
        AgendaRow(
            item,
            (item.pk, item.votes) in mine,
            item.is_scorer  # type: ignore[attr-defined]
            and item.takes_scores
            and not round_.is_over
            and item.idea.author_id != user.pk
            and bool(asked_dimensions(item, item)),
        )
        for item in items.select_related("idea")
    ]
    if round_.kind == Round.Kind.OWN and round_.state == Round.State.OPEN:
        rows.sort(key=lambda row: _turn(round_.pk, user, row.item.pk))
    return rows


def _turn(round_pk: int, user: User, item: int) -> bytes:
    return hashlib.sha256(f"{round_pk} {user.pk} {item}".encode()).digest()


def next_to_score(round_: Round, user: User, after: RoundIdea) -> int | None:
    """The next item that waits for this person in their own order, going round from `after`."""
    waiting = RoundIdea.objects.waiting_for(user).filter(round=round_).order_by()
    here = _turn(round_.pk, user, after.pk)
    turns = {pk: _turn(round_.pk, user, pk) for pk in waiting.values_list("pk", flat=True)}
    return min(turns, key=lambda pk: (turns[pk] <= here, turns[pk]), default=None)


def first_in_turn(round_pk: int, user: User, items: Iterable[int]) -> int:
    """Which of these items of a round comes first in the person's own order."""
    return min(items, key=lambda item: _turn(round_pk, user, item))


def next_in_hand(rows: list[AgendaRow], after: RoundIdea) -> RoundIdea | None:
    """The next idea of the agenda that is not revealed yet."""
    return next((row.item for row in _in_turn(rows, after) if row.item.takes_scores), None)


def _in_turn(rows: list[AgendaRow], after: RoundIdea) -> list[AgendaRow]:
    place = next((at for at, row in enumerate(rows) if row.item.pk == after.pk), 0)
    return rows[place + 1 :] + rows[:place]


def polled(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A part that is asked for every two seconds: 304 where nothing has changed since."""
    if not wants_part(request) or response.status_code != 200 or not response.content:
        return response
    body = MASKED.sub(b"", response.content)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "HX-Request, HX-Target, Cookie"
    answer = get_conditional_response(request, etag=etag, response=response)
    return answer if isinstance(answer, HttpResponse) else response
