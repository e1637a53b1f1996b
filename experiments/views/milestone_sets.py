"""Sets of milestones: what new experiments start with. Programme owners set them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import milestones
from experiments.forms.milestone_sets import MilestoneSetForm
from experiments.models import MilestoneSet, StandardMilestone

PERM = "experiments.change_standard"


@require_safe
def milestone_list(request: SignedIn) -> HttpResponse:
    """Every set with its steps; without a set, Floe's own."""
    sets = list(MilestoneSet.objects.prefetch_related("steps", "templates"))
    own = [StandardMilestone(**step) for step in milestones.floes_own()]
    context = {"sets": sets, "own": own, "may_change": request.user.has_perm(PERM)}
    return render(request, "experiments/milestone_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def milestone_set_new(request: SignedIn) -> HttpResponse:
    require(request.user, PERM)
    return _form(request, MilestoneSet())


@require_http_methods(["GET", "HEAD", "POST"])
def milestone_set_edit(request: SignedIn, pk: int) -> HttpResponse:
    require(request.user, PERM)
    return _form(request, get_for(request.user, PERM, MilestoneSet, pk=pk))


def _form(request: SignedIn, milestone_set: MilestoneSet) -> HttpResponse:
    form = MilestoneSetForm(request.POST or None, instance=milestone_set)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, milestone_set) as fresh:
            saved = milestones.save_milestone_set(fresh, by=request.user, **form.values())
            messages.success(request, f"The milestones “{saved}” are saved.")
            return redirect(saved)
    name = MilestoneSet.objects.filter(pk=milestone_set.pk or 0).first()
    context = {"form": form, "rows": form.lists["steps"], "milestone_set": name}
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/milestone_set_edit.html", context, status=status)


@require_POST
def milestone_set_default(request: SignedIn, pk: int) -> HttpResponse:
    milestone_set = get_for(request.user, PERM, MilestoneSet, pk=pk)
    milestones.make_default(milestone_set, by=request.user)
    messages.success(request, f"New experiments start with “{milestone_set}”.")
    return redirect(milestone_set)


@require_POST
def milestone_set_remove(request: SignedIn, pk: int) -> HttpResponse:
    milestone_set = get_for(request.user, PERM, MilestoneSet, pk=pk)
    milestones.remove_milestone_set(milestone_set, by=request.user)
    messages.success(request, f"“{milestone_set}” is removed. Experiments keep their milestones.")
    return redirect("experiments:milestone_list")
