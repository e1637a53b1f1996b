"""The post-mortem: read, write, publish; learnings and follow-up ideas in place."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import Idea, User
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.engine.before import in_codes
from experiments.flows import learnings, writing_up
from experiments.flows.moves import missing_for_publishing
from experiments.forms.learnings import LearningForm
from experiments.forms.postmortem import FollowUpForm, PostMortemForm
from experiments.models import Experiment, Learning, PostMortem
from experiments.views.scorecard import forest_groups
from experiments.views.status import JOINED, JOINED_OF, tab_page
from experiments.views.wording import planned_against_done

QUESTIONS = {
    "surprises": "What surprised us?",
    "went_well": "What went well?",
    "went_badly": "What did not?",
    "next_steps": "What do we do next?",
}


def _written(request: SignedIn, pk: int, perm: str = "write_postmortem") -> PostMortem:
    user = request.user
    return get_for(user, f"experiments.{perm}", PostMortem, join=JOINED_OF, experiment_id=pk)


@require_safe
def postmortem_detail(request: SignedIn, pk: int) -> HttpResponse:
    """Read it; where nobody has begun, say what it is for and offer to begin."""
    user, template = request.user, "experiments/postmortem_detail.html"
    post_mortems = PostMortem.objects.visible_to(user).select_related(
        *JOINED_OF, "author", "published_by"
    )
    written = post_mortems.filter(experiment_id=pk).first()
    if written is None:
        experiment = get_for(user, "experiments.view_experiment", Experiment, join=JOINED, pk=pk)
        return tab_page(request, template, experiment, "postmortem", {})
    context = _reading(written, user)
    if user.has_perm("experiments.view_experiment", written.experiment):
        return tab_page(request, template, written.experiment, "postmortem", context)
    return render(request, template, {**context, "experiment": written.experiment})


def _reading(written: PostMortem, user: User) -> dict[str, Any]:
    """What the reading and the writing page share."""
    analysis = written.experiment.deciding_analysis
    return {
        "post_mortem": written,
        "learnings": written.learnings.all(),
        "follow_ups": Idea.objects.visible_to(user).filter(came_from=written).select_related("pod"),
        "analysis": analysis,
        "forest": [g for g in forest_groups(in_codes(analysis.result)) if g["role"] == "primary"]
        if analysis
        else [],
        "compared": planned_against_done(written.experiment),
        "questions": [
            (name, question, getattr(written, name)) for name, question in QUESTIONS.items()
        ],
    }


@require_POST
@counts_once
def postmortem_start(request: SignedIn, pk: int) -> HttpResponse:
    """Begin; a second click finds what the first one made."""
    user = request.user
    experiment = get_for(user, "experiments.write_postmortem", Experiment, join=JOINED, pk=pk)
    writing_up.start_post_mortem(experiment, by=user)
    return redirect("experiments:postmortem_edit", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def postmortem_edit(request: SignedIn, pk: int) -> HttpResponse:
    """Write; where somebody saved meanwhile both versions are shown and nothing is overwritten."""
    written = _written(request, pk)
    if written.is_published and request.method != "POST":
        return redirect(written)
    form = PostMortemForm(request.POST or None, written=written)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, written) as held:
            writing_up.edit_post_mortem(held, by=request.user, **form.cleaned_data)
            messages.success(request, "The draft is saved.")
            return redirect("experiments:postmortem_edit", pk=pk)
    return _edit_page(request, pk, form=form, status=422 if form.errors else 200)


def _edit_page(request: SignedIn, pk: int, *, status: int = 200, **extra: Any) -> HttpResponse:
    """The writing page with its three forms; the one that failed keeps what was typed."""
    written = _written(request, pk)
    context = {
        **_reading(written, request.user),
        "form": PostMortemForm(written=written),
        "learning_form": LearningForm(experiment=written.experiment),
        "follow_up_form": FollowUpForm(),
        "missing": missing_for_publishing(written),
        **extra,
    }
    template = "experiments/postmortem_edit.html"
    return tab_page(request, template, written.experiment, "postmortem", context, status=status)


@require_POST
def postmortem_publish(request: SignedIn, pk: int) -> HttpResponse:
    """Publish for everybody; from then on it is read-only."""
    written = writing_up.publish(_written(request, pk), by=request.user)
    messages.success(request, "It is published and in the library now.")
    return redirect(written)


@require_POST
@counts_once
def learning_new(request: SignedIn, pk: int) -> HttpResponse:
    written = _written(request, pk)
    form = LearningForm(request.POST, experiment=written.experiment)
    if form.is_valid():
        with refusals_in(form):
            learnings.add_learning(written, by=request.user, **form.cleaned_data)
            return redirect("experiments:postmortem_edit", pk=pk)
    return _edit_page(request, pk, learning_form=form, status=422)


@require_POST
def learning_remove(request: SignedIn, pk: int, learning: int) -> HttpResponse:
    row = Learning.objects.filter(post_mortem=_written(request, pk), pk=learning).first()
    if row is None:
        raise Http404
    learnings.remove_learning(row, by=request.user)
    return redirect("experiments:postmortem_edit", pk=pk)


@require_POST
@counts_once
def follow_up_new(request: SignedIn, pk: int) -> HttpResponse:
    """An idea that comes out of it, straight into the backlog."""
    written, form = _written(request, pk), FollowUpForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            idea = writing_up.add_follow_up(written, by=request.user, **form.cleaned_data)
            messages.success(request, f"{idea.key} is in the backlog now.")
            return redirect("experiments:postmortem_edit", pk=pk)
    return _edit_page(request, pk, follow_up_form=form, status=422)
