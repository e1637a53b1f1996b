"""The post-mortem: read, write, publish; learnings and follow-up ideas in place."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import User
from backlog.permissions import get_for
from experiments.flows import writing_up
from experiments.forms.postmortem import FollowUpForm, LearningForm, PostMortemForm
from experiments.models import Experiment, Learning, PostMortem


def _written(request: HttpRequest, pk: int, perm: str = "write_postmortem") -> PostMortem:
    user = cast(User, request.user)
    return get_for(user, f"experiments.{perm}", PostMortem, experiment_id=pk)


@require_safe
def postmortem_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it; where nobody has begun, say what it is for and offer to begin."""
    user = cast(User, request.user)
    written = PostMortem.objects.visible_to(user).filter(experiment_id=pk).first()
    if written is None:
        experiment = get_for(user, "experiments.view_experiment", Experiment, pk=pk)
        context: dict[str, Any] = {"experiment": experiment, "tab": "postmortem"}
        return render(request, "experiments/postmortem_detail.html", context)
    context = {
        "experiment": written.experiment,
        "post_mortem": written,
        "learnings": written.learnings.all(),
        "follow_ups": written.follow_ups.visible_to(user),
        "tab": "postmortem",
        "is_inside": user.has_perm("experiments.view_experiment", written.experiment),
    }
    return render(request, "experiments/postmortem_detail.html", context)


@require_POST
def postmortem_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin; a second click finds what the first one made."""
    user = cast(User, request.user)
    experiment = get_for(user, "experiments.write_postmortem", Experiment, pk=pk)
    writing_up.start_post_mortem(experiment, by=user)
    return redirect("experiments:postmortem_edit", pk=pk)


@require_http_methods(["GET", "POST"])
def postmortem_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write; where somebody saved meanwhile both versions are shown and nothing is overwritten."""
    written = _written(request, pk)
    if written.is_published:
        return redirect(written)
    form = PostMortemForm(request.POST or None, written=written)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            writing_up.edit_post_mortem(written, by=cast(User, request.user), **form.cleaned_data)
            messages.success(request, "The draft is saved.")
            return redirect("experiments:postmortem_edit", pk=pk)
    return _edit_page(request, pk, form=form, status=422 if form.errors else 200)


def _edit_page(request: HttpRequest, pk: int, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The writing page with its three forms; the one that failed keeps what was typed."""
    written = _written(request, pk)
    context = {
        "experiment": written.experiment,
        "post_mortem": written,
        "tab": "postmortem",
        "form": forms.get("form") or PostMortemForm(written=written),
        "learning_form": forms.get("learning_form") or LearningForm(),
        "follow_up_form": forms.get("follow_up_form") or FollowUpForm(),
        "learnings": written.learnings.all(),
        "follow_ups": written.follow_ups.visible_to(cast(User, request.user)),
    }
    return render(request, "experiments/postmortem_edit.html", context, status=status)


@require_POST
def postmortem_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish for everybody; from then on it is read-only."""
    written = writing_up.publish(_written(request, pk), by=cast(User, request.user))
    messages.success(request, "It is published, and stands in the library.")
    return redirect(written)


@require_POST
def learning_new(request: HttpRequest, pk: int) -> HttpResponse:
    written, form = _written(request, pk), LearningForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            writing_up.add_learning(written, by=cast(User, request.user), **form.cleaned_data)
            return redirect("experiments:postmortem_edit", pk=pk)
    return _edit_page(request, pk, learning_form=form, status=422)


@require_POST
def learning_remove(request: HttpRequest, pk: int, learning: int) -> HttpResponse:
    found = Learning.objects.filter(post_mortem=_written(request, pk), pk=learning).first()
    if found is None:
        raise Http404
    writing_up.remove_learning(found, by=cast(User, request.user))
    return redirect("experiments:postmortem_edit", pk=pk)


@require_POST
def follow_up_new(request: HttpRequest, pk: int) -> HttpResponse:
    """An idea that comes out of it, straight into the backlog."""
    written, form = _written(request, pk), FollowUpForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            idea = writing_up.add_follow_up(
                written, by=cast(User, request.user), **form.cleaned_data
            )
            messages.success(request, f"{idea.key} is in the backlog.")
            return redirect("experiments:postmortem_edit", pk=pk)
    return _edit_page(request, pk, follow_up_form=form, status=422)
