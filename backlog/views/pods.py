"""Pods, the people in them, and which one a person looks at."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows.inviting import overtaken
from backlog.flows.people import add_pod, remove_member, set_membership, set_who_scores
from backlog.flows.rights import role_lock
from backlog.forms.confirming import NAME
from backlog.forms.people import LimitForm, MemberForm, PodForm
from backlog.forms.refusing import refusals_in
from backlog.forms.scoring import WhoScoresForm
from backlog.models import Membership, Pod, User
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn
from backlog.views.confirming import is_confirmed
from backlog.views.repeating import counts_once
from backlog.views.saving import saving


@require_safe
def pod_list(request: SignedIn) -> HttpResponse:
    pods = Pod.objects.visible_to(request.user).annotate(
        people=Count("memberships", filter=Q(memberships__user__is_active=True), distinct=True),
        idea_count=Count("ideas", distinct=True),
    )
    labels = dict(Membership.Role.choices)
    rows = [(pod, labels.get(request.user.pod_roles.get(pod.pk, ""), "")) for pod in pods]
    return render(request, "backlog/pod_list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def pod_new(request: SignedIn) -> HttpResponse:
    require(request.user, "backlog.add_pod")
    form = PodForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            pod = add_pod(by=request.user, **form.cleaned_data)
            is_first = not Pod.objects.exclude(pk=pod.pk).exists()
            messages.success(request, f"{pod} was created. You lead it.")
            return redirect("backlog:today") if is_first else redirect("backlog:pod_detail", pod.pk)
    context = {"form": form}
    return render(request, "backlog/pod_new.html", context, status=422 if form.errors else 200)


@require_safe
def pod_detail(request: SignedIn, pk: int) -> HttpResponse:
    """Who is in it; leads also see the invitations that are open."""
    return pod_page(request, get_for(request.user, "backlog.view_pod", Pod, pk=pk))


@require_safe
def pod_people(request: SignedIn, pk: int) -> JsonResponse:
    """Names of the people whom a text about this pod can mention."""
    pod = get_for(request.user, "backlog.view_pod", Pod, pk=pk)
    people = User.objects.working_with_pod(pod).order_by("name")
    return JsonResponse({"names": [str(one) for one in people]})


def pod_page(request: SignedIn, pod: Pod, limit_form: LimitForm | None = None) -> HttpResponse:
    """The page of a pod; a form of it that failed keeps what was typed."""
    can_change = request.user.has_perm("backlog.change_pod", pod)
    context = {
        "pod": pod,
        "memberships": pod.memberships.select_related("user").order_by("user__name", "pk"),
        "can_change": can_change,
        "limit_form": limit_form or LimitForm(pod=pod),
        "invitations": pod.invitations.usable().select_related("invited_by") if can_change else [],
        "overtaken": overtaken(pod.invitations.all()) if can_change else [],
    }
    return render(request, "backlog/pod_detail.html", context, status=422 if limit_form else 200)


@sensitive_post_parameters(NAME)
@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def member_new(request: SignedIn, pk: int) -> HttpResponse:
    """Somebody who has an account already; others are invited."""
    pod = get_for(request.user, "backlog.change_pod", Pod, pk=pk)
    form = MemberForm(request.POST or None, pod=pod)
    if request.method == "POST" and form.is_valid() and _may_give(request, form):
        with refusals_in(form):
            set_membership(by=request.user, pod=pod, **form.cleaned_data)
            return redirect("backlog:pod_detail", pk)
    context = {"form": form, "pod": pod}
    return render(request, "backlog/member_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def pod_scoring(request: SignedIn, pk: int) -> HttpResponse:
    """Who is asked for which dimension, in rounds that are opened from now on."""
    pod = get_for(request.user, "backlog.change_pod", Pod, pk=pk)
    form = WhoScoresForm(request.POST or None, instance=pod)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, pod) as pod:
            set_who_scores(pod, by=request.user, **form.cleaned_data)
            messages.success(request, "Saved. This applies to rounds opened from now on.")
            return redirect("backlog:pod_detail", pk)
    context = {"form": form, "pod": pod}
    return render(request, "backlog/pod_scoring.html", context, status=422 if form.errors else 200)


def _member(pod: Pod, member: int) -> Membership:
    membership = pod.memberships.select_related("user", "pod").filter(pk=member).first()
    if membership is None:
        raise Http404
    return membership


def _may_give(request: SignedIn, form: MemberForm) -> bool:
    """Making somebody a lead asks for one's own password."""
    return not form.gives_lead or is_confirmed(request, form)


@sensitive_post_parameters(NAME)
@require_http_methods(["GET", "HEAD", "POST"])
def member_edit(request: SignedIn, pk: int, member: int) -> HttpResponse:
    pod = get_for(request.user, "backlog.change_pod", Pod, pk=pk)
    membership = _member(pod, member)
    form = MemberForm(request.POST or None, pod=pod, instance=membership)
    if request.method == "POST" and form.is_valid() and _may_give(request, form):
        lock = role_lock(request.user, membership.user)
        with refusals_in(form), lock, saving(request, form, membership):
            set_membership(by=request.user, pod=pod, user=membership.user, **form.cleaned_data)
            return redirect("backlog:pod_detail", pk)
    context = {"form": form, "pod": pod, "membership": membership}
    return render(request, "backlog/member_edit.html", context, status=422 if form.errors else 200)


@require_POST
def member_remove(request: SignedIn, pk: int, member: int) -> HttpResponse:
    pod = get_for(request.user, "backlog.change_pod", Pod, pk=pk)
    membership = _member(pod, member)
    remove_member(membership, by=request.user)
    messages.success(request, f"{membership.user} is no longer in {pod}.")
    mine = membership.user_id == request.user.pk and not request.user.stands_above_pods
    return redirect("backlog:today") if mine else redirect("backlog:pod_detail", pk)


@require_POST
def pod_switch(request: SignedIn) -> HttpResponse:
    """Narrow the lists to one pod, or to none; back to the page this was asked on."""
    prefix, back = request.POST.get("pod", ""), request.POST.get("next", "")
    pod = Pod.objects.visible_to(request.user).filter(prefix=prefix).first()
    if prefix and pod is None:
        raise Http404
    request.session["pod"] = pod.pk if pod else None
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        return redirect(back)
    return redirect("backlog:today")
