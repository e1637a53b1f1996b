"""The scoring card of one idea, and what its lead does with the scores."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from backlog.flows.scoring import (
    ask_again,
    keep_note,
    require_conductor,
    reveal,
    submit_score,
)
from backlog.forms.refusing import refusals_in, sentences_in
from backlog.forms.scoring import NoteForm, ScoreForm
from backlog.htmx import asks_for, render
from backlog.models import RoundIdea, Score
from backlog.models.rubrics import DIMENSIONS
from backlog.permissions import get_for, require
from backlog.refusals import Refused
from backlog.views.asking import SignedIn
from backlog.views.card import ScoringPage, given_by, is_early
from backlog.views.progress import next_to_score, own_scores, polled
from backlog.views.repeating import counts_once


@require_http_methods(["GET", "HEAD", "POST"])
def round_score(request: SignedIn, pk: int, item: int) -> HttpResponse:
    """Score it while it is blind; see the dots once it is revealed."""
    is_given = request.method == "POST"
    this = _item_for(request, pk, item, counted=not is_given)
    if is_given:
        require(request.user, "backlog.score_round", this)
    given_so_far = own_scores(this.round_id, request.user)
    own = given_so_far.get((this.pk, this.votes))
    form = ScoreForm(request.POST if is_given else None, initial=given_by(own))
    is_skipped = "skip" in request.POST
    if is_given and (is_skipped or form.is_valid()):
        values: dict[str, Any] = {"is_skipped": True} if is_skipped else form.cleaned_data
        with refusals_in(form):
            submit_score(this, by=request.user, **values)
            return _go_on(request, this, own, values)
    if form.errors and asks_for(request, "round-session"):
        messages.error(request, sentences_in(form))  # the picks are kept by the session's script
        return redirect("backlog:round_live", pk)
    this = _item_for(request, pk, item) if is_given else this
    asks = request.GET.get("early") == str(this.pk)
    page = ScoringPage(this, form, request.user, given_so_far, request.GET.get("given"), asks)
    part = "round-progress" if this.takes_scores else "round-revealed"
    status = 422 if form.is_bound else 200
    context, template = page.context(), "backlog/round_score.html"
    response = render(request, template, context, partials={part}, status=status)
    return polled(request, response)


def _item_for(request: SignedIn, pk: int, item: int, *, counted: bool = True) -> RoundIdea:
    """With what is known of the reader; `counted` adds how many have scored, which a page shows."""
    items = RoundIdea.objects.with_is_scorer(request.user)
    items = items.with_progress() if counted else items
    join = (
        "round__pod", "round__rubric", "round__facilitator", "idea__author", "idea__objective__quarter",
    )  # fmt: skip
    return get_for(request.user, "backlog.view_round", items, join=join, pk=item, round=pk)


def _go_on(
    request: SignedIn, this: RoundIdea, replaced: Score | None, values: dict[str, Any]
) -> HttpResponse:
    """To the next idea that waits for this person; after the last one, and in a session, stay."""
    seen = request.POST.get("given")
    if replaced and seen is not None and seen != replaced.mark and not _says(replaced, values):
        messages.warning(
            request,
            f"These scores for {this.idea.key} replaced those you had saved in another tab.",
        )
    if this.round.is_live:
        return redirect("backlog:round_live", this.round_id)
    following = next_to_score(this.round, request.user, this)
    if following is None:
        messages.success(
            request, "You have scored everything. You can change your scores until the reveal."
        )
    return redirect("backlog:round_score", this.round_id, following or this.pk)


def _says(score: Score, values: dict[str, Any]) -> bool:
    """Whether it says the same: an answer that is lost lets the browser send scores again."""
    names = ("is_skipped", *DIMENSIONS)
    return all((getattr(score, name) or None) == (values.get(name) or None) for name in names)


def _back_to(this: RoundIdea) -> HttpResponseRedirect:
    """To the idea, or to the session where it is in hand there."""
    if this.round.is_live and this.round.current_id == this.pk:
        return redirect("backlog:round_live", this.round_id)
    return redirect("backlog:round_score", this.round_id, this.pk)


@require_POST
@counts_once
def round_reveal(request: SignedIn, pk: int, item: int) -> HttpResponse:
    """Show the scores; what its facilitator had picked and not saved is saved first.

    Before everybody has scored it asks, because a reveal can't be taken back; `sure` answers.
    """
    this = _item_for(request, pk, item)
    require_conductor(this.round, request.user)
    form = ScoreForm(request.POST)
    if form.is_valid() and any(form.cleaned_data.values()):
        with suppress(Refused, ValidationError, PermissionDenied):
            submit_score(this, by=request.user, **form.cleaned_data)
    this = _item_for(request, pk, item)
    if "sure" not in request.POST and is_early(this):
        return redirect(f"{_back_to(this).url}?early={this.pk}")
    reveal(this, by=request.user)
    return _back_to(this)


@require_POST
@counts_once
def round_ask_again(request: SignedIn, pk: int, item: int) -> HttpResponse:
    """`dimension` names what is scored once more; without it everything is."""
    this = _item_for(request, pk, item)
    chosen = request.POST.getlist("dimension") or DIMENSIONS
    ask_again(this, by=request.user, dimensions=chosen)
    return _back_to(this)


@require_POST
def round_note(request: SignedIn, pk: int, item: int) -> HttpResponse:
    this = _item_for(request, pk, item)
    require_conductor(this.round, request.user)
    form = NoteForm(request.POST)
    if form.is_valid():
        keep_note(this, by=request.user, note=form.cleaned_data["note"])
    else:
        messages.error(request, sentences_in(form))
    return _back_to(this)
