"""Begin a post-mortem of a process; the other pages are those of experiments."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from backlog.htmx import render
from backlog.models import Pod, Quarter, Round
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.repeating import counts_once
from experiments.flows.writing_up_processes import (
    ENDED,
    THINGS,
    ProcessSubject,
    require_writing,
    start_process_post_mortem,
    subject_of,
)
from experiments.models import PostMortem, ProcessExperiment, Slip

WRITE = "experiments.write_postmortem"
SHOWN = 12


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def process_postmortem_new(request: SignedIn) -> HttpResponse:
    """Choose what it is about, or begin what the address names; what has begun is opened."""
    if not Pod.objects.worked_in_by(request.user).exists():
        require(request.user, WRITE)
    asks = request.POST if request.method == "POST" else request.GET
    subject = _subject(request, asks)
    if subject is None:
        status = 422 if request.method == "POST" else 200
        return _page(request, {**_choices(request), "is_sent": status == 422}, status)
    require_writing(subject, request.user)
    if request.method == "POST":
        written = start_process_post_mortem(subject, by=request.user)
        return redirect(written.url("postmortem_edit"))
    if begun := PostMortem.objects.with_subject().filter(**vars(subject)).first():
        return redirect(begun)
    return _page(request, {"subject": subject.row, "why_not": subject.why_not})


def _page(request: SignedIn, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "experiments/process_postmortem_new.html", context, status=status)


def _subject(request: SignedIn, asks: QueryDict) -> ProcessSubject | None:
    """What the address or the form names. Another pod's is not found, and a viewer may not."""
    for name, (model, join) in THINGS.items():
        if pk := asks.get(name):
            row: Any = get_for(request.user, WRITE, model, join=join, pk=pk)
            return subject_of(**{name: row})
    if not (pk := asks.get("quarter")):
        return None
    quarter = get_for(request.user, "backlog.view_quarter", Quarter, pk=pk)
    pod = asks.get("pod")
    of_pod = get_for(request.user, WRITE, Pod, pk=pod) if pod else None
    return subject_of(quarter=quarter, of_pod=of_pod)


def _choices(request: SignedIn) -> dict[str, Any]:
    """What this person may write about and nobody has begun, and what is being written."""
    user = request.user
    pods = Pod.objects.worked_in_by(user)
    slips = Slip.objects.filter(experiment__pod__in=pods, post_mortem=None)
    rounds = Round.objects.filter(
        pod__in=pods, post_mortem=None, state=Round.State.CLOSED, is_imported=False
    )
    tested = ProcessExperiment.objects.visible_to(user).filter(
        post_mortem=None, state__in=ENDED, started_at__isnull=False
    )
    if not user.stands_above_pods:
        tested = tested.filter(pod__in=pods)
    drafts = PostMortem.objects.visible_to(user).filter(experiment=None, state="draft")
    return {
        "pods": pods,
        "pod": chosen_pod_id(request),
        "quarters": Quarter.objects.filter(starts_on__lte=timezone.localdate())[:SHOWN],
        "slips": slips.select_related("experiment__pod", "quarter").order_by("-at")[:SHOWN],
        "rounds": rounds.select_related("pod")[:SHOWN],
        "tested": tested.select_related("pod")[:SHOWN],
        "drafts": drafts.with_subject().select_related("author").order_by("-started_at")[:SHOWN],
    }
