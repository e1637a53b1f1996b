"""A live session in everybody's browser: the current idea, and one tiny part that is polled."""

import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any

from django.core.cache import caches
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from backlog.flows.scoring import may_conduct
from backlog.flows.scoring.beat import Beat, beat_of, item_of
from backlog.flows.scoring.session import note_presence, people_here
from backlog.forms.scoring import ScoreForm
from backlog.htmx import asks_for, in_place_of, nothing_new, part_of, render
from backlog.models import Round, RoundIdea, Score, User
from backlog.models.rubrics import DIMENSIONS
from backlog.ours import mark_of
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.card import ScoringPage, given_by
from backlog.views.progress import agenda_of, own_scores
from backlog.views.session import controls_of, join_of, late_of, may_take_over, timer_of

TEMPLATE = "backlog/round_live.html"
KEPT_FOR = 10
NAMED_UP_TO = 20  # of more only the number is told: reading them costs every browser's poll


@require_safe
def round_live(request: SignedIn, pk: int) -> HttpResponse:
    """The current idea. Its `round-pulse` is polled: a 204 means nothing new, a move sends the
    session."""
    user, at, is_poll = request.user, request.GET.get("at", ""), asks_for(request, "round-pulse")
    beat = beat_of(pk, user)
    if beat and note_presence(pk, user, beat):
        beat = beat_of(pk, user)
    if beat and is_poll and at == beat.mark(user):
        return nothing_new()
    if beat and is_poll and at.partition(".")[0] == beat.place(user):
        own = _own(user, beat)
        context = _pulse(pk, user, beat, own=own, given=request.GET.get("given"))
        return render(request, TEMPLATE, context, partials={"round-pulse"})
    if beat and is_poll:
        return in_place_of(request, _kept_session(request, pk, beat), part="round-session")
    round_ = _round_of(request, pk)
    if beat is None:
        return redirect("backlog:round_summary" if round_.is_live else "backlog:round_detail", pk)
    context = _session(request, round_, beat)
    return render(request, TEMPLATE, context, partials={"round-session"})


def _round_of(request: SignedIn, pk: int) -> Round:
    join = ("pod", "rubric", "facilitator")
    return get_for(request.user, "backlog.view_round", Round, join=join, pk=pk)


def _pulse(
    pk: int, user: User, beat: Beat, *, own: Score | None, given: str | None = None
) -> dict[str, Any]:
    """Counts, people here, and the state of one's own score. `given` is the score that the tab
    shows."""
    drawn_with = given if given is not None else (own.mark if own else "0")
    few = people_here(pk) if beat.here <= NAMED_UP_TO else []
    people = {presence.user for presence in few} | {user}
    return {
        "round": Round(pk=pk),
        "item": item_of(beat),
        "own": own,
        "mark": beat.mark(user),
        "given": drawn_with,
        "is_elsewhere": own is not None and own.mark != drawn_with,
        "people_here": sorted(people, key=lambda person: (str(person), person.pk)),
        "here_count": beat.here,
    }


def _own(user: User, beat: Beat) -> Score | None:
    rows = Score.objects.filter(round_idea=beat.current, scorer=user, vote=beat.votes or 1)
    return rows.first()


def _session(request: SignedIn, round_: Round, beat: Beat) -> dict[str, Any]:
    user = request.user
    own = own_scores(round_, user)
    mine = own.get((beat.current or 0, beat.votes or 1))
    context: dict[str, Any] = {
        "can_run": may_conduct(round_, user),
        "agenda": lambda: agenda_of(round_, user, own),
    }
    item = _item_in_hand(round_, user)
    if item:
        form = ScoreForm(initial=given_by(own.get((item.pk, item.votes))))
        asks = request.GET.get("early") == str(item.pk)
        context = ScoringPage(item, form, user, own, asks_early=asks).context()
    return {
        **_pulse(round_.pk, user, beat, own=mine),
        **context,
        "round": round_,
        "may_take_over": may_take_over(round_, user),
        "late": late_of(round_, user),
        "timer": timer_of(round_),
        "join": lambda: join_of(request, round_),
        "controls": lambda: controls_of(round_, user),
    }


def _item_in_hand(round_: Round, user: User) -> RoundIdea | None:
    if round_.current_id is None:
        return None
    items = RoundIdea.objects.with_progress().with_is_scorer(user)
    item = items.select_related("idea__author", "idea__objective__quarter").get(
        pk=round_.current_id
    )
    item.round = round_
    return item


def _kept_session(request: SignedIn, pk: int, beat: Beat) -> str:
    """The session as everybody in the same position sees it, rendered once and cached for seconds.

    When the facilitator moves on two hundred browsers ask for it at once. What is one's own is part
    of the key, or put in afterwards: the form's token, the mark of our controls, the seconds spent,
    the pulse.
    """
    own = own_scores(pk, request.user)
    mine = own.get((beat.current or 0, beat.votes or 1))
    key = _position(request, pk, beat, own, mine)
    answer: tuple[str, str, float] | None = caches["seconds"].get(key)
    if answer is None:
        # Nobody can write into an idea what stands for a token: it is drawn by lot each time.
        lot = secrets.token_hex(16)
        context = _session(request, _round_of(request, pk), beat)
        context |= {"csrf_token": f"token-{lot}", "pulse_later": f"pulse-{lot}"}
        context |= {"ours": f"ours-{lot}"}
        timer = context["timer"]
        runs = bool(timer and not timer["is_paused"])
        began = time.time() - timer["spent"] if runs else 0.0
        if runs:
            context["timer"] = {**timer, "spent": f"spent-{lot}"}
        answer = (part_of(request, TEMPLATE, context, part="round-session"), lot, began)
        caches["seconds"].set(key, answer, KEPT_FOR)
    kept, lot, began = answer
    pulse = _kept_pulse(request, pk, beat, mine)
    kept = kept.replace(f"token-{lot}", get_token(request))
    kept = kept.replace(f"ours-{lot}", mark_of(request.user))
    kept = kept.replace(f"spent-{lot}", str(int(time.time() - began)))
    return kept.replace(f"pulse-{lot}", pulse)


def _kept_pulse(request: SignedIn, pk: int, beat: Beat, mine: Score | None) -> str:
    """The pulse for people who have not scored yet, without names, so it is the same for all of
    them."""
    context = _pulse(pk, request.user, beat, own=mine)
    if mine or beat.here <= NAMED_UP_TO:
        return part_of(request, TEMPLATE, context, part="round-pulse")
    item = context["item"]
    counted = [item.stage, item.votes, item.scored_count, item.asked_count] if item else []
    facts = [
        pk,
        beat.opened,
        beat.mark(request.user),
        beat.current,
        beat.here,
        counted,
        context["given"],
    ]
    key = f"pulse-{hashlib.sha256(repr(facts).encode()).hexdigest()}"
    kept: tuple[str, str] | None = caches["seconds"].get(key)
    if kept is None:
        lot = secrets.token_hex(16)
        context |= {"ours": f"ours-{lot}"}
        kept = (part_of(request, TEMPLATE, context, part="round-pulse"), lot)
        caches["seconds"].set(key, kept, KEPT_FOR)
    pulse, lot = kept
    return pulse.replace(f"ours-{lot}", mark_of(request.user))


def _position(
    request: SignedIn,
    pk: int,
    beat: Beat,
    own: Mapping[tuple[int, int], Score],
    mine: Score | None,
) -> str:
    """All that the session depends on besides the pulse: one's part in it and one's own scores."""
    user = request.user
    is_shown_as_me = beat.stage not in RoundIdea.TAKES_SCORES
    facts = [
        pk, beat.opened, beat.place(user), beat.current, beat.stage, beat.members, request.get_host(),
        beat.role, user.role, beat.author == user.pk, beat.is_led,
        beat.facilitator == user.pk and user.pk, user.pk if is_shown_as_me else "",
        beat.gives_impact, beat.gives_confidence, beat.gives_ease, sorted(own),
        [score.mark for (item, _), score in own.items() if item == beat.current],
        [mine.mark, mine.is_skipped, *(getattr(mine, name) for name in DIMENSIONS)] if mine else "",
    ]  # fmt: skip
    return f"session-{hashlib.sha256(repr(facts).encode()).hexdigest()}"
