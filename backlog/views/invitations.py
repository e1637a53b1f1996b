"""Inviting people by a link that is created, shown and used once."""

from typing import Any, NamedTuple

from django.conf import settings as config
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows.first_hour import first_hour_of
from backlog.flows.inviting import (
    accept_invitation,
    invite_many,
    why_no_entry,
    withdraw_invitation,
)
from backlog.flows.mailing import address_of, mail_invitation
from backlog.forms.confirming import NAME
from backlog.forms.invitations import AcceptForm, InvitationForm
from backlog.forms.refusing import refusals_in
from backlog.models import Invitation, Pod
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.confirming import is_confirmed

BACKEND = "backlog.permissions.FloeBackend"
COOKIE = "__Host-floe-invitation" if config.IS_HTTPS else "floe-invitation"


@sensitive_post_parameters(NAME)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_new(request: SignedIn) -> HttpResponse:
    """The answer to the POST shows the links. They are stored nowhere, so a redirect could not show
    them."""
    if not Pod.objects.led_by(request.user).exists():
        require(request.user, "backlog.change_role")
    initial = {"pod": request.GET.get("pod", chosen_pod_id(request))}
    form = InvitationForm(request.POST or None, by=request.user, initial=initial)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid() and _may_invite(request, form):
        with refusals_in(form):
            context |= _invited(request, form)
    status = 422 if form.errors else 200
    return render(request, "backlog/invitation_new.html", context, status=status)


class Link(NamedTuple):
    """The link of one person, shown once."""

    email: str
    link: str
    is_mailed: bool


def _invited(request: SignedIn, form: InvitationForm) -> dict[str, Any]:
    """Make the invitations. Refused as a whole only if each of them is."""
    wanted = dict(form.cleaned_data)
    made, refused = invite_many(by=request.user, emails=wanted.pop("email"), **wanted)
    if not made:
        raise refused[0]
    links = [
        Link(one.email, link, mail_invitation(one, link))
        for one, secret in made
        if (link := address_of(reverse("backlog:invitation_open", args=[secret])))
    ]
    return {
        "invited": links,
        "mailed": sum(link.is_mailed for link in links),
        "until": made[0][0].expires_at,
        "pod": wanted["pod"],
        "refused": [str(refusal) for refusal in refused],
        "mend": refused[0].mend if refused else None,
        "first_hour": first_hour_of(request.user),
    }


def _may_invite(request: SignedIn, form: InvitationForm) -> bool:
    """Only an invitation that lets somebody lead, or stand above pods, asks for the password."""
    return not form.gives_power or is_confirmed(request, form)


@require_POST
def invitation_withdraw(request: SignedIn, pk: int) -> HttpResponse:
    invitation = get_for(request.user, "backlog.view_pod", Invitation, pk=pk)
    withdraw_invitation(invitation, by=request.user)
    messages.success(request, f"The invitation for {invitation.email} no longer works.")
    if invitation.pod:
        return redirect("backlog:pod_detail", invitation.pod.pk)
    return redirect("backlog:user_list")


@login_not_required
@require_safe
def invitation_open(request: HttpRequest, secret: str) -> HttpResponse:
    """Take the secret out of the address at once: no page, log or referrer after this one has it.

    It goes into a cookie, so that a visit writes nothing.
    """
    response = redirect("backlog:invitation_accept")
    response.set_cookie(
        COOKIE, secret[:200], max_age=3600, secure=config.IS_HTTPS, httponly=True, samesite="Lax"
    )
    return response


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest) -> HttpResponse:
    """Choose a name and a password, and be signed in."""
    invitation = Invitation.objects.opened_by(request.COOKIES.get(COOKIE, ""))
    if invitation is None or request.user.is_authenticated:
        context = {"is_signed_in": request.user.is_authenticated and invitation is not None}
        return render(request, "backlog/invitation_accept.html", context, status=409)
    if problem := why_no_entry(invitation):
        return render(request, "backlog/invitation_accept.html", {"problem": problem}, status=409)
    form = AcceptForm(request.POST or None, invitation=invitation)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            user = accept_invitation(invitation, **form.cleaned_data)
            login(request, user, backend=BACKEND)
            response = redirect("backlog:today")
            response.delete_cookie(COOKIE)
            return response
    opened = {"form": form, "invitation": invitation}
    status = 422 if form.errors else 200
    return render(request, "backlog/invitation_accept.html", opened, status=status)
