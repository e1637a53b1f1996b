"""What is done with a live session: move on, hand over, admit, put in order; its timer and address."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from backlog.flows.scoring import (
    admit,
    go_to,
    hand_over,
    pause_timer,
    reorder,
    require_conductor,
    set_timer,
    take_over,
    without_seat,
)
from backlog.flows.scoring.session import is_here, people_here
from backlog.forms.refusing import sentences_in
from backlog.forms.scoring import HandOverForm, TimerForm
from backlog.models import Round, RoundIdea, User
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.qr import qr_of
from backlog.views.repeating import counts_once

TEMPLATE = "backlog/round_live.html"


def timer_of(round_: Round) -> dict[str, Any] | None:
    """The server's instants; a small script counts, so no tick is ever written or asked for."""
    if not round_.timer_seconds or not round_.timer_started_at:
        return None
    until = round_.timer_paused_at or timezone.now()
    spent = int((until - round_.timer_started_at).total_seconds())
    total = round_.timer_seconds
    return {
        "spent": spent,
        "bar": min(spent, total),
        "total": total,
        "is_paused": round_.timer_paused_at is not None,
        "shown": f"{spent // 60}:{spent % 60:02}",
        "of": f"{total // 60}:{total % 60:02}",
    }


def may_take_over(round_: Round, user: User) -> bool:
    """Whether the one who leads is gone and this person may step in."""
    if not user.has_perm("backlog.run_round", round_) or round_.facilitator_id == user.pk:
        return False
    return round_.facilitator is None or not is_here(round_, round_.facilitator)


def join_of(request: SignedIn, round_: Round) -> dict[str, Any]:
    """The session's address, as a link and as a code for a phone's camera."""
    address = request.build_absolute_uri(f"{round_.get_absolute_url()}live/")
    return {"address": address, "qr": qr_of(address)}


def controls_of(round_: Round, user: User) -> dict[str, Any]:
    """What only the facilitator sees: the timer, who could lead, who waits to be admitted."""
    return {
        "timer": TimerForm(initial={"minutes": round_.timer_seconds // 60}),
        "hand_over": HandOverForm(round_=round_),
        "late": without_seat(round_),
    }


def late_of(round_: Round, user: User) -> list[User]:
    """Members who are here without a seat, for the facilitator to admit."""
    if round_.facilitator_id != user.pk:
        return []
    here = {presence.user_id for presence in people_here(round_.pk)}
    return [person for person in without_seat(round_) if person.pk in here]


def _round_of(request: SignedIn, pk: int) -> Round:
    join = ("pod", "facilitator")
    return get_for(request.user, "backlog.view_round", Round, join=join, pk=pk)


def _led_by_me(request: SignedIn, pk: int) -> Round:
    round_ = _round_of(request, pk)
    require_conductor(round_, request.user)
    return round_


def _back(request: SignedIn, round_: Round) -> HttpResponse:
    return redirect(
        "backlog:round_live" if round_.started_at else "backlog:round_detail", round_.pk
    )


@require_POST
def round_go(request: SignedIn, pk: int) -> HttpResponse:
    """To the idea named by `item`; without one to the next that is not revealed."""
    round_ = _round_of(request, pk)
    items = round_.round_ideas
    wanted = request.POST.get("item", "")
    item = items.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 19 else None
    item = item or items.filter(stage__in=RoundIdea.TAKES_SCORES).first() or items.first()
    if item is not None:
        go_to(round_, item, by=request.user)
    return redirect("backlog:round_live", pk)


@require_POST
def round_timer(request: SignedIn, pk: int) -> HttpResponse:
    round_, form = _led_by_me(request, pk), TimerForm(request.POST)
    if form.is_valid():
        set_timer(round_, by=request.user, minutes=form.cleaned_data["minutes"])
    else:
        messages.error(request, sentences_in(form))
    return _back(request, round_)


@require_POST
def round_timer_pause(request: SignedIn, pk: int) -> HttpResponse:
    """`pause` is 1 to stop the timer, and anything else lets it go on."""
    round_ = _led_by_me(request, pk)
    pause_timer(round_, by=request.user, is_paused=request.POST.get("pause") == "1")
    return _back(request, round_)


@require_POST
@counts_once
def round_hand_over(request: SignedIn, pk: int) -> HttpResponse:
    round_ = _led_by_me(request, pk)
    form = HandOverForm(request.POST, round_=round_)
    if form.is_valid():
        hand_over(round_, to=form.cleaned_data["to"], by=request.user)
        messages.success(request, f"{round_.facilitator} leads the session now.")
    else:
        messages.error(request, sentences_in(form))
    return _back(request, round_)


@require_POST
@counts_once
def round_take_over(request: SignedIn, pk: int) -> HttpResponse:
    round_ = take_over(_round_of(request, pk), by=request.user)
    messages.success(request, "You lead the session now.")
    return _back(request, round_)


@require_POST
@counts_once
def round_admit(request: SignedIn, pk: int) -> HttpResponse:
    round_ = _led_by_me(request, pk)
    wanted = request.POST.get("user", "")
    people = round_.pod.scorers()
    user = people.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 19 else None
    if user is None:
        messages.error(request, "This person is no longer a member of the pod.")
    else:
        admit(round_, user, by=request.user)
        messages.success(request, f"{user} can now score in this round.")
    return _back(request, round_)


@require_POST
def round_reorder(request: SignedIn, pk: int) -> HttpResponse:
    """`order` are the items' ids; or `item` goes one place `up` or `down`."""
    round_ = _round_of(request, pk)
    named = [*request.POST.getlist("order"), request.POST.get("item", "")]
    order = [int(value) for value in named[:-1] if value.isdecimal() and len(value) < 19]
    if not order:
        order = list(round_.round_ideas.values_list("pk", flat=True))
        at = [str(one) for one in order].index(named[-1]) if named[-1] in map(str, order) else 0
        to = min(max(at + (-1 if "up" in request.POST else 1), 0), len(order) - 1)
        order.insert(to, order.pop(at))
    reorder(round_, order, by=request.user)
    return redirect("backlog:round_detail", pk)
