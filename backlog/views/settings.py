"""The workspace: its choices, the sample and its end."""

from django.contrib import messages
from django.contrib.auth import logout
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backlog.flows.founding import setup_link
from backlog.flows.workspace import change_workspace, remove_sample
from backlog.forms.confirming import NAME, ConfirmForm
from backlog.forms.refusing import refusals_in
from backlog.forms.workspace import WorkspaceForm
from backlog.models import Pod, Quarter, User, Workspace
from backlog.permissions import require
from backlog.refusals import Refused
from backlog.views.asking import SignedIn
from backlog.views.confirming import is_confirmed
from backlog.views.saving import saving


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedIn) -> HttpResponse:
    """Everybody may read the settings. Only admins can change them."""
    workspace = Workspace.current()
    form = WorkspaceForm(request.POST or None, instance=workspace)
    if request.method == "POST":
        require(request.user, "backlog.change_workspace")
        if form.is_valid():
            with refusals_in(form), saving(request, form, workspace):
                change_workspace(by=request.user, **form.cleaned_data)
                messages.success(request, "Saved.")
                return redirect("backlog:settings")
    context = {"form": form, "workspace": Workspace.current()}
    return render(request, "backlog/settings.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters(NAME)
@require_http_methods(["GET", "HEAD", "POST"])
def sample_remove(request: SignedIn) -> HttpResponse:
    """Asks first. People who are part of the sample are signed out."""
    require(request.user, "backlog.remove_sample")
    pods = Pod.objects.filter(is_sample=True)
    if not pods:
        raise Refused("The sample has already been removed.")
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and is_confirmed(request, form):
        with refusals_in(form):
            remove_sample(by=request.user)
            return _without_the_sample(request)
    context = {
        "form": form,
        "pods": pods.annotate(idea_count=Count("ideas")),
        "people": User.objects.filter(is_sample=True).count(),
        "quarters": Quarter.objects.filter(is_sample=True).count(),
    }
    status = 422 if form.errors else 200
    return render(request, "backlog/sample_remove.html", context, status=status)


def _without_the_sample(request: SignedIn) -> HttpResponse:
    if not User.objects.filter(pk=request.user.pk).exists():
        logout(request)
        is_empty = not User.objects.exists()
        return redirect(setup_link("") if is_empty else "account_login")
    messages.success(request, "The sample was removed.")
    return redirect("backlog:today")
