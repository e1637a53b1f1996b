"""Everybody in the workspace: roles, ending sessions, deactivating accounts."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows.deactivating import (
    deactivate,
    reactivate,
    require_may_deactivate,
    sign_out_everywhere,
)
from backlog.flows.inviting import overtaken
from backlog.flows.open_work import open_work_of
from backlog.flows.people import set_role
from backlog.flows.rights import role_lock
from backlog.forms.confirming import NAME, ConfirmForm
from backlog.forms.people import DeactivateForm, RoleForm
from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import Invitation, User
from backlog.permissions import require
from backlog.views.asking import SignedIn
from backlog.views.confirming import is_confirmed
from backlog.views.saving import saving


@require_safe
def user_list(request: SignedIn) -> HttpResponse:
    require(request.user, "backlog.change_role")
    return _people_page(request)


def _people_page(
    request: SignedIn, changed: User | None = None, form: RoleForm | None = None
) -> HttpResponse:
    """Everybody with a form for the role; the one that failed keeps what was chosen."""
    people = User.objects.order_by("name", "pk").prefetch_related("memberships__pod")
    invitations = Invitation.objects.usable().select_related("pod", "invited_by")
    rows = [
        (person, form if person == changed else RoleForm(of=person))
        for person in people
        if person.is_active
    ]
    context = {
        "rows": rows,
        "deactivated": [person for person in people if not person.is_active],
        "invitations": invitations,
        "overtaken": overtaken(Invitation.objects.all()),
        "failed": form,
    }
    status = 422 if form else 200
    return render(request, "backlog/user_list.html", context, partials={"people"}, status=status)


@sensitive_post_parameters(NAME)
@require_POST
def user_role(request: SignedIn, pk: int) -> HttpResponse:
    require(request.user, "backlog.change_role")
    user = get_object_or_404(User, pk=pk, is_active=True)
    form = RoleForm(request.POST, of=user)
    if form.is_valid() and is_confirmed(request, form):
        lock = role_lock(request.user, user, with_admins=True)
        with refusals_in(form), lock, saving(request, form, user) as held:
            set_role(held, by=request.user, role=form.cleaned_data["role"])
            messages.success(request, f"{held} is now {held.get_role_display().lower()}.")
            return redirect("backlog:today" if held == request.user else "backlog:user_list")
    return _people_page(request, user, form)


@sensitive_post_parameters(NAME)
@require_http_methods(["GET", "HEAD", "POST"])
def user_deactivate(request: SignedIn, pk: int) -> HttpResponse:
    """Lists the open work of this person, and asks who takes it over."""
    require(request.user, "backlog.deactivate_user")
    user = get_object_or_404(User, pk=pk)
    require_may_deactivate(user, by=request.user)
    work = open_work_of(user)
    sent = request.POST if request.method == "POST" else None
    form = DeactivateForm(sent, of=user, work=work)
    if form.is_valid() and is_confirmed(request, form):
        with refusals_in(form):
            deactivate(user, by=request.user, successors=form.successors)
            messages.success(request, f"{user} is deactivated and signed out everywhere.")
            return redirect("backlog:user_list")
    context = {"person": user, "form": form, "pods": form.by_pod()}
    status = 422 if form.errors else 200
    return render(request, "backlog/user_deactivate.html", context, status=status)


@sensitive_post_parameters(NAME)
@require_http_methods(["GET", "HEAD", "POST"])
def user_reactivate(request: SignedIn, pk: int) -> HttpResponse:
    require(request.user, "backlog.deactivate_user")
    user = get_object_or_404(User.objects.prefetch_related("memberships__pod"), pk=pk)
    return _step(request, user, reactivate, f"{user} can sign in again.", "user_reactivate")


@sensitive_post_parameters(NAME)
@require_http_methods(["GET", "HEAD", "POST"])
def user_sign_out(request: SignedIn, pk: int) -> HttpResponse:
    require(request.user, "backlog.sign_out_user")
    user = get_object_or_404(User, pk=pk, is_active=True)
    return _step(
        request, user, sign_out_everywhere, f"{user} is signed out everywhere.", "user_sign_out"
    )


def _step(
    request: SignedIn, user: User, take: Callable[..., User], done: str, page: str
) -> HttpResponse:
    """The confirmation page of a step about this person, then the list with a message."""
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and is_confirmed(request, form):
        with refusals_in(form):
            take(user, by=request.user)
            messages.success(request, done)
            return redirect("backlog:user_list")
    context = {"person": user, "form": form}
    return render(request, f"backlog/{page}.html", context, status=422 if form.errors else 200)
