"""Segments, and a list of ids tried against those who must not receive."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from backlog.forms.refusing import refusals_in, status_of
from backlog.models import Pod, User
from backlog.permissions import get_for, require
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows.segmenting import require_for, save_segment, try_ids
from experiments.forms.segments import DryRunForm, SegmentForm
from experiments.models import AudienceRule, Experiment, Segment
from experiments.plan.audience import left_after
from experiments.views.overlaps import overlap_rows


@require_safe
def segment_list(request: SignedIn) -> HttpResponse:
    """Named audiences, with the size after each rule."""
    seen = Segment.objects.visible_to(request.user).select_related("pod")
    rows = []
    for segment in seen.prefetch_related("rules"):
        rules = list(segment.rules.all())
        left = left_after(segment.size, [rule.cost for rule in rules])
        rows.append(
            (segment, list(zip(rules, left, strict=True)), may_change(request.user, segment))
        )
    can_add = Pod.objects.led_by(request.user).exists()
    context = {"rows": rows, "can_add": can_add, "overlaps": overlap_rows(request.user)}
    return render(request, "experiments/segment_list.html", context)


def may_change(user: User, segment: Segment) -> bool:
    try:
        require_for(user, segment)
    except PermissionDenied:
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def segment_new(request: SignedIn) -> HttpResponse:
    """For a pod that one leads; programme owners for every pod too."""
    if not Pod.objects.led_by(request.user).exists():
        require(request.user, "experiments.change_segment_of_all")
    first = {"pod": chosen_pod_id(request)}
    form = SegmentForm(request.POST or None, by=request.user, instance=Segment(), initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = save_segment(Segment(), by=request.user, **form.values())
            messages.success(request, f"The segment “{made}” is added.")
            return redirect(made)
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/segment_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def segment_edit(request: SignedIn, pk: int) -> HttpResponse:
    segment = get_for(request.user, "experiments.view_segment", Segment, join=("pod",), pk=pk)
    require_for(request.user, segment)
    form = SegmentForm(request.POST or None, by=request.user, instance=segment)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, segment) as fresh:
            save_segment(fresh, by=request.user, **form.values())
            messages.success(request, "The segment is saved.")
            return redirect(fresh)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "segment": Segment.objects.get(pk=pk)}
    return render(request, "experiments/segment_edit.html", context, status=status)


@takes_files("IMPORT_FILE_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
def experiment_dry_run(request: SignedIn, pk: int) -> HttpResponse:
    """Who of a list must not receive it, by rule. Nothing is kept but the counts."""
    experiment = get_for(
        request.user, "experiments.change_experiment", Experiment, join=("pod",), pk=pk
    )
    if experiment.is_imported:
        return redirect(experiment)
    rules = list(experiment.rules.filter(kind=AudienceRule.Kind.EXCLUDE))
    is_sent = request.method == "POST"
    form = DryRunForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, rules=rules
    )
    counts = None
    if is_sent and form.is_valid():
        with refusals_in(form):
            ids, forbidden = form.ids_of("ids"), form.forbidden()
            counts = try_ids(experiment, by=request.user, ids=ids, forbidden=forbidden)
    context = {"experiment": experiment, "form": form, "counts": counts}
    status = status_of(form) if is_sent else 200
    return render(request, "experiments/experiment_dry_run.html", context, status=status)
