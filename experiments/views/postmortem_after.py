"""What goes with a post-mortem: readers, actions, amendments, and the tree of what followed."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from experiments.flows import writing_up_after as flow
from experiments.flows.writing_up_tree import tree_of
from experiments.forms.postmortem import ActionForm, NoteForm
from experiments.models import Experiment, PostMortem, PostMortemAction
from experiments.views.postmortem import detail_page, edit_page
from experiments.views.postmortem_found import written_of
from experiments.views.status import JOINED, tab_page


@require_POST
def postmortem_read(request: SignedIn, pk: int, of: str) -> HttpResponse:
    """Mark a draft as read, so that it can be published."""
    written = written_of(request, pk, of, "read_postmortem")
    flow.mark_read(written, by=request.user)
    messages.success(request, "Thank you. It is marked as read by you.")
    return redirect(written)


@require_POST
@counts_once
def postmortem_note(request: SignedIn, pk: int, of: str) -> HttpResponse:
    """Append an amendment to a published one."""
    written, form = written_of(request, pk, of), NoteForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            flow.amend_post_mortem(written, by=request.user, text=form.cleaned_data["text"])
            return redirect(f"{written.get_absolute_url()}#amendments")
    return detail_page(request, written, note_form=form)


@require_POST
@counts_once
def action_new(request: SignedIn, pk: int, of: str) -> HttpResponse:
    """Something that somebody does until a day."""
    written = written_of(request, pk, of)
    form = ActionForm(request.POST, pod=written.pod)
    if form.is_valid():
        with refusals_in(form):
            flow.add_action(written, by=request.user, **form.cleaned_data)
            return redirect(f"{written.url('postmortem_edit')}#actions")
    return edit_page(request, written, action_form=form, status=422)


def _action(written: PostMortem, action: int) -> PostMortemAction:
    row = PostMortemAction.objects.filter(post_mortem=written, pk=action).first()
    if row is None:
        raise Http404
    row.post_mortem = written
    return row


@require_POST
def action_done(request: SignedIn, pk: int, action: int, of: str) -> HttpResponse:
    """Done: it leaves the Today of its owner."""
    written = written_of(request, pk, of, "read_postmortem")
    flow.finish_action(_action(written, action), by=request.user)
    return redirect(f"{written.get_absolute_url()}#actions")


@require_POST
def action_remove(request: SignedIn, pk: int, action: int, of: str) -> HttpResponse:
    written = written_of(request, pk, of)
    flow.remove_action(_action(written, action), by=request.user)
    return redirect(f"{written.url('postmortem_edit')}#actions")


@require_safe
def postmortem_tree(request: SignedIn, pk: int) -> HttpResponse:
    """What this experiment followed from, and what follows from it."""
    experiment = get_for(
        request.user, "experiments.view_experiment", Experiment, join=JOINED, pk=pk
    )
    tree = tree_of(experiment.idea_id, request.user)
    template = "experiments/postmortem_tree.html"
    return tab_page(request, template, experiment, "postmortem", {"tree": tree})
