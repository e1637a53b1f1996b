"""Comment on a text of a post-mortem, answer, resolve."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backlog.forms.refusing import refusals_in
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from experiments.flows import writing_up_comments as flow
from experiments.forms.postmortem import SectionCommentForm
from experiments.models import PostMortem, SectionComment
from experiments.views.postmortem import detail_page, edit_page
from experiments.views.postmortem_found import written_of


@require_POST
@counts_once
def section_comment_new(request: SignedIn, pk: int, of: str) -> HttpResponse:
    """Comment on a text or answer a comment, and go back to where it was written."""
    written = written_of(request, pk, of, "comment_postmortem")
    form = SectionCommentForm(request.POST, written=written)
    if form.is_valid():
        with refusals_in(form):
            made = flow.comment_on_section(written, by=request.user, **form.cleaned_data)
            return _back(request, made)
    if _is_editing(request, written):
        return edit_page(request, written, talk_form=form, status=422)
    return detail_page(request, written, talk_form=form)


@require_POST
def section_comment_resolve(request: SignedIn, pk: int, comment: int, of: str) -> HttpResponse:
    """Resolve a thread, or open it again."""
    written = written_of(request, pk, of, "comment_postmortem")
    row = SectionComment.objects.filter(post_mortem=written, pk=comment).first()
    if row is None:
        raise Http404
    row.post_mortem = written
    is_resolved = request.POST.get("resolved") != "no"
    return _back(request, flow.resolve_thread(row, by=request.user, is_resolved=is_resolved))


def _is_editing(request: SignedIn, written: PostMortem) -> bool:
    may_write = request.user.has_perm("experiments.write_postmortem", written)
    return may_write and not written.is_published and request.POST.get("from") == "edit"


def _back(request: SignedIn, comment: SectionComment) -> HttpResponse:
    written = comment.post_mortem
    page = "postmortem_edit" if _is_editing(request, written) else "postmortem_detail"
    return redirect(f"{written.url(page)}#comment-{comment.pk}")
