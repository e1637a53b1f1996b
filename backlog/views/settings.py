"""The workspace: its choices, who may do what in it, the sample and its end."""

from django.contrib import messages
from django.contrib.auth import logout
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows.people import change_workspace, remove_sample, set_role
from backlog.forms.people import WorkspaceForm
from backlog.forms.refusing import refusals_in
from backlog.models import Invitation, Pod, Quarter, User, Workspace
from backlog.permissions import require
from backlog.refusals import Refused
from backlog.views.asking import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedIn) -> HttpResponse:
    """Everybody may read how this Floe is set up; admins change it."""
    workspace = Workspace.current()
    form = WorkspaceForm(request.POST or None, instance=workspace)
    if request.method == "POST":
        require(request.user, "backlog.change_workspace")
        if form.is_valid():
            with refusals_in(form):
                change_workspace(by=request.user, **form.cleaned_data)
                messages.success(request, "Saved.")
                return redirect("backlog:settings")
    context = {"form": form, "workspace": Workspace.current()}
    return render(request, "backlog/settings.html", context, status=422 if form.errors else 200)


@require_safe
def user_list(request: SignedIn) -> HttpResponse:
    require(request.user, "backlog.change_role")
    people = User.objects.filter(is_active=True).order_by("name", "pk")
    invitations = Invitation.objects.usable().select_related("pod", "invited_by")
    context = {
        "people": people.prefetch_related("memberships__pod"),
        "roles": User.Role.choices,
        "invitations": invitations,
    }
    return render(request, "backlog/user_list.html", context)


@require_POST
def user_role(request: SignedIn, pk: int) -> HttpResponse:
    require(request.user, "backlog.change_role")
    user = get_object_or_404(User, pk=pk, is_active=True)
    set_role(user, by=request.user, role=request.POST.get("role", ""))
    messages.success(request, f"{user} is {user.get_role_display().lower()} now.")
    return redirect("backlog:today" if user == request.user else "backlog:user_list")


@require_http_methods(["GET", "HEAD", "POST"])
def sample_remove(request: SignedIn) -> HttpResponse:
    """Asks first; whoever is part of the sample themselves is signed out with it."""
    require(request.user, "backlog.remove_sample")
    if request.method == "POST":
        remove_sample(by=request.user)
        if not User.objects.filter(pk=request.user.pk).exists():
            logout(request)
            return redirect("account_login")
        messages.success(request, "The sample is gone.")
        return redirect("backlog:today")
    pods = Pod.objects.filter(is_sample=True)
    if not pods:
        raise Refused("There is no sample workspace here any more.")
    context = {
        "pods": pods.annotate(idea_count=Count("ideas")),
        "people": User.objects.filter(is_sample=True).count(),
        "quarters": Quarter.objects.filter(is_sample=True).count(),
    }
    return render(request, "backlog/sample_remove.html", context)
