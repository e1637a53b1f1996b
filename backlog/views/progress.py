"""How far a round has come, for whoever watches: counts while blind, and nothing that betrays more."""

import hashlib
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from backlog.htmx import wants_part
from backlog.models import Round, RoundIdea, Score, User

STAGES = {
    RoundIdea.Stage.BLIND: "Being scored",
    RoundIdea.Stage.REVEALED: "Revealed",
    RoundIdea.Stage.REVOTE: "Being scored once more",
    RoundIdea.Stage.SETTLED: "Settled",
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


def agenda_of(round_: Round, user: User) -> list[AgendaRow]:
    """The ideas of a round in their order, each with what this person may know of it."""
    items = list(round_.round_ideas.with_progress().select_related("idea__author"))  # type: ignore[attr-defined]
    own = Score.objects.filter(round_idea__round=round_, scorer=user)
    mine = set(own.values_list("round_idea_id", "vote"))
    is_scorer = any(person.pk == user.pk for person in round_.scorers.all())
    return [
        AgendaRow(
            item,
            (item.pk, item.votes) in mine,
            is_scorer and item.takes_scores and item.idea.author_id != user.pk,
        )
        for item in items
    ]


def next_to_score(rows: list[AgendaRow], after: RoundIdea) -> RoundIdea | None:
    """The next idea that waits for this person, going round from `after`."""
    place = next(at for at, row in enumerate(rows) if row.item.pk == after.pk)
    in_turn = rows[place + 1 :] + rows[:place]
    return next((row.item for row in in_turn if row.waits), None)


def next_in_hand(rows: list[AgendaRow], after: RoundIdea) -> RoundIdea | None:
    """The next idea of the agenda that is not revealed yet."""
    place = next(at for at, row in enumerate(rows) if row.item.pk == after.pk)
    in_turn = rows[place + 1 :] + rows[:place]
    return next((row.item for row in in_turn if row.item.takes_scores), None)


def polled(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A part that is asked for every two seconds: 304 where nothing has changed since."""
    if not wants_part(request) or response.status_code != 200 or not response.content:
        return response
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "HX-Request, HX-Target, Cookie"
    answer = get_conditional_response(request, etag=etag, response=response)
    return answer if isinstance(answer, HttpResponse) else response
