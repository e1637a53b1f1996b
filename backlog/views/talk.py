"""Discussion on an idea, and following it."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from backlog import markdown
from backlog.flows.notifying import follow
from backlog.flows.talking import comment_on, delete_comment, edit_comment, require_own
from backlog.forms.refusing import refusals_in
from backlog.forms.talk import CommentForm
from backlog.htmx import render
from backlog.mentions import in_quotes
from backlog.models import Comment, Idea, User, Watch
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving

THREAD = {"discussion"}


def with_discussion(user: User) -> QuerySet[Idea]:
    """Ideas with `follows` (this person's choice, if any) and `is_talk` (whether there are comments)."""
    own = Watch.objects.filter(idea=OuterRef("pk"), user=user).values("is_on")
    talk = Comment.objects.filter(idea=OuterRef("pk"))
    return Idea.objects.annotate(follows=Subquery(own), is_talk=Exists(talk))


def discussion_of(idea: Any, user: User, form: CommentForm | None = None) -> dict[str, Any]:
    """The comments to show, and whether this person follows the idea."""
    comments = idea.comments.select_related("author", "deleted_by")
    usual = user.pk in (idea.author_id, idea.owner_id)
    may_delete = user.has_perm("backlog.delete_comment", idea)
    return {
        "idea": idea,
        "comments": [
            _read(comment, user, may_delete=may_delete) for comment in comments if idea.is_talk
        ],
        "comment_form": form or CommentForm(draft=f"comment-{idea.pk}", pod=idea.pod_id),
        "may_comment": user.has_perm("backlog.comment_idea", idea),
        "is_following": usual if idea.follows is None else idea.follows,
    }


def _read(comment: Comment, user: User, *, may_delete: bool) -> dict[str, Any]:
    is_mine, is_there = comment.author_id == user.pk, comment.deleted_at is None
    html = markdown.render(comment.text, people=comment.mentions) if is_there else ""
    return {
        "comment": comment,
        "html": html,
        "may_edit": is_mine and comment.may_be_edited,
        "may_delete": is_there and (is_mine or may_delete),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def comment_new(request: SignedIn, pk: int) -> HttpResponse:
    """Comment on an idea. The separate page is for errors and for browsers without script."""
    ideas = with_discussion(request.user)
    idea = get_for(request.user, "backlog.comment_idea", ideas, join=("pod",), pk=pk)
    form = CommentForm(
        request.POST or None,
        draft=f"comment-{idea.pk}",
        quote=_answered(request, idea),
        pod=idea.pod_id,
    )
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            return redirect(comment_on(idea, by=request.user, text=form.cleaned_data["text"]))
    context = discussion_of(idea, request.user, form)
    status = 422 if form.errors else 200
    return render(request, "backlog/comment_new.html", context, partials=THREAD, status=status)


def _answered(request: SignedIn, idea: Idea) -> str:
    """What an answer begins with: the comment that `reply` names, as a quotation, and its author."""
    pk = request.GET.get("reply", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return ""
    comment = idea.comments.filter(pk=int(pk), deleted_at=None).select_related("author").first()
    if comment is None:
        return ""
    who = f"@{comment.author} " if comment.author and comment.author != request.user else ""
    return f"{in_quotes(comment.text)}{who}"


def _comment_for(request: SignedIn, perm: str, pk: int) -> Comment:
    joined = ("idea__pod", "author")
    return get_for(request.user, perm, Comment, join=joined, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def comment_edit(request: SignedIn, pk: int) -> HttpResponse:
    comment = _comment_for(request, "backlog.comment_idea", pk)
    require_own(comment, request.user)
    form = CommentForm(request.POST or None, comment=comment, pod=comment.idea.pod_id)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, comment) as comment:
            edit_comment(comment, by=request.user, text=form.cleaned_data["text"])
            return redirect(comment)
    context = {"comment": comment, "idea": comment.idea, "form": form}
    status = 422 if form.errors else 200
    return render(request, "backlog/comment_edit.html", context, status=status)


@require_POST
def comment_delete(request: SignedIn, pk: int) -> HttpResponse:
    comment = _comment_for(request, "backlog.comment_idea", pk)
    return redirect(delete_comment(comment, by=request.user))


@require_POST
def idea_watch(request: SignedIn, pk: int) -> HttpResponse:
    """Follow an idea, or stop."""
    idea = get_for(request.user, "backlog.view_idea", Idea, pk=pk)
    follow(idea, request.user, is_on=request.POST.get("follow") == "yes")
    return redirect(f"{idea.get_absolute_url()}#discussion")
