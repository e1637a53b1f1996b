"""Decide on new ideas one by one, and go through old ones."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from backlog.flows.limits import set_limit
from backlog.flows.moves import PUT_AWAY
from backlog.flows.triage import inbox_of, stale_of
from backlog.forms.people import LimitForm
from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import Idea, Pod
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn
from backlog.views.pods import pod_page
from backlog.views.saving import saving

PAGE = 25


@require_safe
def idea_triage(request: SignedIn) -> HttpResponse:
    """New ideas of the pods that the person leads, to accept, snooze, reject or mark as
    duplicates."""
    _require_lead(request)
    ideas = list(inbox_of(request.user)[: PAGE + 1])
    just = request.session.pop("triaged", None)
    done = Idea.objects.visible_to(request.user).filter(pk=just).first() if just else None
    undo = "reopen" if done and done.state in PUT_AWAY else "unaccept"
    context = {
        "ideas": ideas[:PAGE],
        "is_more": len(ideas) > PAGE,
        "done": done,
        "undo": undo if done and (done.accepted_at or done.state in PUT_AWAY) else "",
    }
    return render(request, "backlog/idea_triage.html", context, partials={"triage"})


@require_safe
def idea_groom(request: SignedIn) -> HttpResponse:
    """Old ideas, each with the reason it is listed, to keep, snooze or reject."""
    _require_lead(request)
    context = {"stale": stale_of(request.user)}
    return render(request, "backlog/idea_groom.html", context, partials={"groom"})


def _require_lead(request: SignedIn) -> None:
    pod = Pod.objects.led_by(request.user).first() or Pod()
    require(request.user, "backlog.move_idea", pod)


@require_POST
def pod_limit(request: SignedIn, pk: int) -> HttpResponse:
    """How many ideas the pod may have in progress at once."""
    pod = get_for(request.user, "backlog.change_pod", Pod, pk=pk)
    form = LimitForm(request.POST, pod=pod)
    if form.is_valid():
        with refusals_in(form), saving(request, form, pod) as held:
            set_limit(held, by=request.user, limit=form.cleaned_data["progress_limit"])
            return redirect("backlog:pod_detail", pk)
    return pod_page(request, pod, form)
