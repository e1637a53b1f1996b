"""Rounds of scoring: which there are, opening one, its agenda, closing it."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from backlog.flows.scoring import (
    add_to_round,
    close_round,
    may_conduct,
    open_round,
    require_conductor,
)
from backlog.flows.scoring.conducting import require_open
from backlog.forms.refusing import refusals_in
from backlog.forms.scoring import BY, SHOWN, EndForm, RoundForm
from backlog.htmx import render
from backlog.models import Idea, Pod, Round, RoundIdea, User, Workspace
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.progress import agenda_of, polled
from backlog.views.repeating import counts_once
from backlog.views.session import controls_of, join_of

CLOSED_SHOWN = 20


@require_safe
def round_list(request: SignedIn) -> HttpResponse:
    rounds = Round.objects.visible_to(request.user).select_related("pod", "opened_by")
    rounds = rounds.annotate(
        idea_count=Count("round_ideas"),
        blind_count=Count("round_ideas", filter=Q(round_ideas__stage__in=("blind", "revote"))),
    )
    pod = chosen_pod_id(request)
    if pod:
        rounds = rounds.filter(pod=pod)
    is_open = list(rounds.open())
    context = {
        "open": [one for one in is_open if one.blind_count and not one.is_over],  # type: ignore[attr-defined]
        "to_discuss": [one for one in is_open if one.is_over or not one.blind_count],  # type: ignore[attr-defined]
        "closed": rounds.filter(state=Round.State.CLOSED)[:CLOSED_SHOWN],
        "to_score": _waiting_for(request.user),
        "can_open": Pod.objects.led_by(request.user).exists(),
    }
    return render(request, "backlog/round_list.html", context)


def _waiting_for(user: User) -> list[int]:
    """The rounds in which an idea waits for my score."""
    waiting = RoundIdea.objects.waiting_for(user)
    return list(waiting.order_by("round_id").values_list("round_id", flat=True).distinct())


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def round_new(request: SignedIn) -> HttpResponse:
    """Choose the pod, then its ideas that are ready; `?ideas=` ticks some, `?first` those of a first round, `?q=` looks for others."""
    pods = list(Pod.objects.led_by(request.user))
    wanted = request.GET.get("pod", "")
    current = chosen_pod_id(request)
    pod = next((pod for pod in pods if pod.prefix == wanted), None) or next(
        (pod for pod in pods if pod.pk == current), pods[0] if pods else None
    )
    if pod is None:
        require(request.user, "backlog.run_round")
        return redirect("backlog:pod_new")
    initial: dict[str, Any] = {
        "ideas": request.GET.getlist("ideas"),
        "title": request.GET.get("title", ""),
    }
    given = ("kind", "closes_at", "into")
    initial |= {name: request.GET[name] for name in given if name in request.GET}
    form = RoundForm(request.POST or None, pod=pod, by=request.user, initial=initial)
    if "first" in request.GET:
        form.choose_for_the_first_round()
    if "look" in request.POST:
        return _look_for(request, pod, form)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            round_ = _with_chosen(request.user, pod, **form.cleaned_data)
            return redirect("backlog:round_live", round_.pk) if round_.is_live else redirect(round_)
    words = request.POST.get("q", request.GET.get("q", "")).replace("\0", "").strip()
    by = request.POST.get("by", request.GET.get("by", ""))
    ideas, has_more = form.offered(words, by)
    context = {
        "form": form, "pods": pods, "pod": pod, "chosen": form.chosen,
        "ideas": ideas, "has_more": has_more, "shown": SHOWN, "q": words,
        "by": by if by in BY else "unscored", "orders": BY,
    }  # fmt: skip
    return render(request, "backlog/round_new.html", context, status=422 if form.errors else 200)


def _with_chosen(
    by: User, pod: Pod, *, into: Round | None, ideas: Iterable[Idea], **fields: Any
) -> Round:
    """The round on whose agenda these ideas are now: an open one, or a new one."""
    if into is None:
        return open_round(by=by, pod=pod, ideas=ideas, **fields)
    return add_to_round(into, ideas, by=by)


def _look_for(request: SignedIn, pod: Pod, form: RoundForm) -> HttpResponse:
    """To the same page with other ideas on offer; what was typed and ticked goes along."""
    names = ("title", "q", "by", "kind", "closes_at", "into")
    values = {name: request.POST.get(name, "") for name in names}
    query = urlencode({"pod": pod.prefix, **values, "ideas": form.chosen}, doseq=True)
    return redirect(f"{reverse('backlog:round_new')}?{query}")


@require_safe
def round_detail(request: SignedIn, pk: int) -> HttpResponse:
    join = ("pod", "facilitator")
    round_ = get_for(request.user, "backlog.view_round", Round, join=join, pk=pk)
    rows = agenda_of(round_, request.user)
    can_run = may_conduct(round_, request.user)
    context = {
        "round": round_,
        "agenda": rows,
        "first_to_score": next((row.item for row in rows if row.waits), None),
        "scorers": round_.scorers.order_by("name"),
        "formula": Workspace.current().ice_formula,
        "can_run": can_run,
        "can_order": can_run and round_.is_live and round_.state == Round.State.OPEN,
        "controls": lambda: controls_of(round_, request.user),
        "join": lambda: join_of(request, round_),
    }
    response = render(request, "backlog/round_detail.html", context, partials={"round-agenda"})
    return polled(request, response)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def round_close(request: SignedIn, pk: int) -> HttpResponse:
    """Asks first, and what becomes of scores that are not revealed."""
    join = ("pod", "facilitator")
    round_ = get_for(request.user, "backlog.view_round", Round, join=join, pk=pk)
    require_conductor(round_, request.user)
    require_open(round_)
    form = EndForm(request.POST if request.method == "POST" else None, round_=round_)
    if form.is_valid():
        with refusals_in(form):
            close_round(round_, by=request.user, hidden=form.choice)
            return redirect("backlog:round_summary", pk)
    seen = {item.pk for item in form.waiting}
    unscored = round_.round_ideas.filter(stage=RoundIdea.Stage.BLIND).exclude(pk__in=seen)
    context = {
        "form": form, "round": round_, "waiting": form.waiting, "unscored": unscored.count(),
        "revealed": round_.round_ideas.filter(revealed_at__isnull=False).count(),
    }  # fmt: skip
    return render(request, "backlog/round_close.html", context, status=422 if form.errors else 200)
