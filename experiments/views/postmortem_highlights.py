"""Choose which comments on the idea the post-mortem points at."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from backlog.models import Comment
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from experiments.flows.writing_up_highlights import highlight
from experiments.models import DiscussionHighlight, Experiment, PostMortem
from experiments.views.postmortem_found import EXPERIMENT, written_of
from experiments.views.status import tab_page

SHOWN = 200


def _written(request: SignedIn, pk: int) -> tuple[PostMortem, Experiment]:
    written = written_of(request, pk, EXPERIMENT)
    if written.experiment is None:
        raise Http404
    return written, written.experiment


@require_safe
def postmortem_highlights(request: SignedIn, pk: int) -> HttpResponse:
    """The discussion of the idea, and which comments of it are in the post-mortem."""
    written, experiment = _written(request, pk)
    if written.is_published:
        return redirect(written)
    comments = Comment.objects.visible_to(request.user).select_related("author")
    rows = comments.filter(idea=experiment.idea_id, deleted_at=None)[:SHOWN]
    chosen = DiscussionHighlight.objects.filter(post_mortem=written)
    context = {
        "post_mortem": written,
        "comments": rows,
        "chosen": set(chosen.values_list("comment", flat=True)),
    }
    template = "experiments/postmortem_highlights.html"
    return tab_page(request, template, experiment, "postmortem", context)


@require_POST
def highlight_choose(request: SignedIn, pk: int, comment: int) -> HttpResponse:
    """Put a comment in, or take it out."""
    written, experiment = _written(request, pk)
    row = get_for(
        request.user, "backlog.view_idea", Comment, join=("idea__pod",), pk=comment,
        idea=experiment.idea_id,
    )  # fmt: skip
    highlight(written, row, by=request.user, is_on=request.POST.get("on") != "no")
    answer = redirect("experiments:postmortem_highlights", pk=pk)
    answer["Location"] += f"#comment-{row.pk}"
    return answer
