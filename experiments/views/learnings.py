"""A learning with what stands behind it, and the learnings that an idea cites."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import Idea
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import learnings
from experiments.flows.evidence import evidence_url, known_of
from experiments.forms.learnings import CiteForm, ScopeForm
from experiments.models import Citation, Learning, LearningLink
from experiments.views.library import parameter

SHOWN = 30
JOINED = ("post_mortem__experiment__pod", "post_mortem__experiment__decision", "by")


@require_safe
def learning_detail(request: SignedIn, pk: int) -> HttpResponse:
    """The claim, its grade with the rule, its experiments, what agrees or disagrees, who cites it."""
    user = request.user
    learning = get_for(user, "experiments.read_postmortem", Learning, join=JOINED, pk=pk)
    behind = learnings.experiments_behind(learning, user=user)
    citing = list(Idea.objects.visible_to(user).filter(citations__learning=learning)[:SHOWN])
    context = {
        "learning": learning,
        "experiment": learning.post_mortem.experiment,
        "behind": behind[:SHOWN],
        "known": known_of(behind, learning.about),
        "evidence_url": evidence_url(learning.about),
        "may_change": user.has_perm("experiments.write_postmortem", learning),
        "links": _links_of(learning, request),
        "citing": citing,
        "collected": learning.collected.select_related("collection")[:SHOWN],
        "hidden": learning.citations.count() - len(citing) if len(citing) < SHOWN else 0,
    }
    return render(request, "experiments/learning_detail.html", context)


def _links_of(learning: Learning, request: SignedIn) -> list[dict[str, Any]]:
    """The other end of each link that the reader may see, and whether they may judge it."""
    rows = LearningLink.objects.visible_to(request.user).exclude(judgement="dismissed")
    ends = ("newer__post_mortem__experiment__pod", "older__post_mortem__experiment__pod")
    rows = rows.filter(newer=learning) | rows.filter(older=learning)
    return [
        {
            "link": link,
            "other": link.older if link.newer_id == learning.pk else link.newer,
            "may_judge": any(
                request.user.has_perm("experiments.write_postmortem", end)
                for end in (link.newer, link.older)
            ),
        }
        for link in rows.select_related(*ends)[:SHOWN]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def learning_scope(request: SignedIn, pk: int) -> HttpResponse:
    """Correct where a learning holds; in a published post-mortem with a reason."""
    learning = get_for(request.user, "experiments.write_postmortem", Learning, join=JOINED, pk=pk)
    form = ScopeForm(request.POST or None, instance=learning)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, learning) as fresh:
            learnings.correct_scope(fresh, by=request.user, **form.cleaned_values())
            messages.success(request, "The scope is saved, and the learning graded again.")
            return redirect(fresh)
    context = {"form": form, "learning": Learning.objects.select_related(*JOINED).get(pk=pk)}
    return render(
        request, "experiments/learning_scope.html", context, status=422 if form.errors else 200
    )


@require_POST
def learning_link(request: SignedIn, pk: int, link: int) -> HttpResponse:
    """Confirm or dismiss a link between two learnings."""
    learning = get_for(request.user, "experiments.read_postmortem", Learning, pk=pk)
    ends = ("newer__post_mortem__experiment__pod", "older__post_mortem__experiment__pod")
    row = get_for(request.user, "experiments.read_postmortem", LearningLink, join=ends, pk=link)
    learnings.judge_link(row, by=request.user, is_right="dismiss" not in request.POST)
    return redirect(learning)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def idea_cite(request: SignedIn, pk: int) -> HttpResponse:
    """The picker: learnings by words, those on the idea's lever first; cite one with a click."""
    user = request.user
    idea = get_for(user, "backlog.change_idea", Idea, join=("pod",), pk=pk)
    form = CiteForm(request.POST if request.method == "POST" else None)
    seen = Learning.objects.visible_to(user)
    if form.is_bound and form.is_valid():
        with refusals_in(form):
            made = learnings.cite(idea, form.chosen(seen), by=user)
            messages.success(request, f"{idea.key} cites “{made.learning}” now.")
            return redirect("experiments:idea_cite", pk)
    words = parameter(request, "q")
    citations = Citation.objects.filter(idea=idea).select_related(
        "learning__post_mortem__experiment__pod"
    )
    cited = [citation for citation in citations if _may_read(citation, request)]
    matches = (
        seen.filter(post_mortem__state="published")
        .exclude(citations__idea=idea)
        .having_words(words)
    )
    if idea.lever and not words:
        matches = matches.filter(lever__iexact=idea.lever)
    context = {
        "idea": idea,
        "form": form,
        "words": words,
        "cited": cited,
        "hidden": len(citations) - len(cited),
        "matches": matches.select_related("post_mortem__experiment")[:SHOWN],
    }
    status = 422 if form.errors else 200
    return render(request, "experiments/idea_cite.html", context, status=status)


def _may_read(citation: Citation, request: SignedIn) -> bool:
    written = citation.learning.post_mortem
    return written.is_published or request.user.has_perm(
        "experiments.view_experiment", citation.learning
    )


@require_POST
def citation_remove(request: SignedIn, pk: int, citation: int) -> HttpResponse:
    """Take a citation back, also one of a learning that can’t be read any more."""
    idea = get_for(request.user, "backlog.change_idea", Idea, pk=pk)
    row = get_for(request.user, "backlog.change_idea", Citation, join=("idea__pod",), pk=citation)
    if row.idea_id == idea.pk:
        learnings.stop_citing(row, by=request.user)
    return redirect("experiments:idea_cite", pk)
