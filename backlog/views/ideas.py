"""One idea: its page, the form, and its moves."""

import json
from typing import Any

from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from backlog.flows.ideas import add_idea, edit_idea
from backlog.flows.moves import IDEA_MOVES, MOVES_BY_HAND, MOVES_IN_TRIAGE, move_idea
from backlog.flows.transitions import Transition
from backlog.forms.ideas import IdeaForm, given_in, move_form
from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.known import known_about
from backlog.models import Event, Idea, Pod, Workspace
from backlog.permissions import get_for, require
from backlog.valued import value_words
from backlog.views import idea_parts
from backlog.views.asking import SignedIn, chosen_pod
from backlog.views.own_columns import own_facts
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from backlog.views.talk import discussion_of, with_discussion


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def idea_new(request: SignedIn) -> HttpResponse:
    """A title is enough, all other fields are folded. The address or the text of an e-mail may
    fill it in."""
    can_add = Pod.objects.worked_in_by(request.user).exists()
    mail = request.POST.get("mail", "")
    given = given_in(request.GET, mail) if can_add else {}
    initial = {"pod": chosen_pod(request), "owner": request.user, **given}
    is_sent = request.method == "POST" and not mail
    form = IdeaForm(request.POST if is_sent else None, by=request.user, initial=initial)
    if is_sent and form.is_valid():
        with refusals_in(form):
            idea = add_idea(by=request.user, pod=form.cleaned_data["pod"], **form.values())
            return redirect(idea)
    context = {
        "form": form, "can_add": can_add, "bookmarklet": _bookmarklet(request),
        "is_detailed": "all" in request.GET or form.is_detailed,
    }  # fmt: skip
    return render(
        request, "backlog/idea_new.html", context,
        partials={"quick-fields"}, status=422 if form.errors else 200,
    )  # fmt: skip


def _bookmarklet(request: SignedIn) -> str:
    """A link for the browser's bookmarks. Floe's own pages can't run it, by their content
    policy."""
    form = json.dumps(request.build_absolute_uri(reverse("backlog:idea_new")))
    query = "'?title='+encodeURIComponent(document.title)+'&link='+encodeURIComponent(location)"
    return f"javascript:location.assign({form}+{query})"


@require_safe
def idea_detail(request: SignedIn, pk: int) -> HttpResponse:
    ideas = idea_parts.with_what_came_of_it(with_discussion(request.user))
    ideas = ideas.annotate(formula=Workspace.formula_along())
    join = ("pod", "objective__quarter", "author", "owner", "duplicate_of")
    idea: Any = get_for(request.user, "backlog.view_idea", ideas, join=join, pk=pk)
    context = {
        "idea": idea,
        "formula": idea.formula,
        "todo": idea_parts.checklist(idea),
        "known_before": known_about(request.user, idea),
        "value_words": value_words(idea),
        "own_facts": own_facts(idea),
        "came_from": idea.came_from.visible_to(request.user).with_subject(),
        "events": Event.objects.about(idea)[:50],
        "moves": idea_parts.moves_now(idea, request.user),
        **idea_parts.scoring_of(idea, request.user),
        **discussion_of(idea, request.user),
    }
    return render(request, "backlog/idea_detail.html", context)


@require_safe
def idea_peek(request: SignedIn, pk: int) -> HttpResponse:
    """The idea beside the list: what it proposes, its scores as they may be seen, its facts."""
    ideas = Idea.objects.annotate(formula=Workspace.formula_along())
    join = ("pod", "objective__quarter", "author", "owner")
    idea: Any = get_for(request.user, "backlog.view_idea", ideas, join=join, pk=pk)
    context = {
        "idea": idea, "formula": idea.formula, "tags": idea.tags.all(), "own_facts": own_facts(idea)
    }  # fmt: skip
    return render(request, "backlog/idea_peek.html", context, partials={"idea-peek"})


@require_http_methods(["GET", "HEAD", "POST"])
def idea_edit(request: SignedIn, pk: int) -> HttpResponse:
    """Edit the idea. After a conflict the person sees both versions and loses nothing."""
    idea = get_for(request.user, "backlog.change_idea", Idea, pk=pk)
    form = IdeaForm(request.POST or None, by=request.user, idea=idea)
    context: dict[str, Any] = {"idea": idea, "form": form}
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, idea) as held:
            edit_idea(held, by=request.user, **form.values())
            return redirect(held)
    status = 422 if form.errors else 200
    return render(request, "backlog/idea_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def idea_move(request: SignedIn, pk: int, transition: str) -> HttpResponse:
    """Snooze, reject, mark as duplicate, reopen: the page with the form, and the step itself."""
    idea = get_for(request.user, "backlog.view_idea", Idea, pk=pk)
    move = _move_by_hand(transition)
    require(request.user, move.permission, idea)
    form: BaseForm = move_form(
        transition, request.POST if request.method == "POST" else None, by=request.user
    )
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            seen = request.POST.get("seen", "")
            move_idea(idea, transition, by=request.user, seen=seen, **form.cleaned_data)
            return redirect(_after_move(request, idea))
    context = {"idea": idea, "move": move, "form": form, "then": request.GET.get("then", "")}
    return render(request, "backlog/idea_move.html", context, status=422 if form.errors else 200)


def _after_move(request: SignedIn, idea: Idea) -> str:
    """To the idea, or on to the next one where it was decided on in the inbox or in grooming."""
    then = request.POST.get("then", "")
    if then not in ("idea_triage", "idea_groom"):
        return idea.get_absolute_url()
    request.session["triaged"] = idea.pk
    return reverse(f"backlog:{then}")


def _move_by_hand(name: str) -> Transition:
    if name not in (*MOVES_BY_HAND, *MOVES_IN_TRIAGE):
        raise Http404
    return IDEA_MOVES[name]
