"""The scoring card of one idea, and what its lead does with the scores."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_http_methods, require_POST

from backlog.flows.ranking import last_revealed
from backlog.flows.scoring import ask_again, reveal, submit_score, why_no_score
from backlog.forms.refusing import refusals_in
from backlog.forms.scoring import ScoreForm
from backlog.htmx import render
from backlog.models import RoundIdea, Score, Workspace
from backlog.models.scoring import DIMENSIONS
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn
from backlog.views.progress import (
    STAGES,
    agenda_of,
    next_in_hand,
    next_to_score,
    own_scores,
    polled,
)
from backlog.views.reveal import reveal_of

QUESTIONS = {
    "impact": "If it works, how far would it move the metric?",
    "confidence": "How likely is it to work at all?",
    "ease": "How many working days until it runs?",
}


@require_http_methods(["GET", "HEAD", "POST"])
def round_score(request: SignedIn, pk: int, item: int) -> HttpResponse:
    """Score it while it is blind; see the dots once it is revealed."""
    this = _item_for(request, pk, item)
    if request.method == "POST":
        require(request.user, "backlog.score_round", this)
    given_so_far = own_scores(this.round_id, request.user)
    own = given_so_far.get((this.pk, this.votes))
    given = {name: getattr(own, name) for name in DIMENSIONS} if own else {}
    form = ScoreForm(request.POST if request.method == "POST" else None, initial=given)
    is_skipped = "skip" in request.POST
    if request.method == "POST" and (is_skipped or form.is_valid()):
        values: dict[str, Any] = {"is_skipped": True} if is_skipped else form.cleaned_data
        with refusals_in(form):
            submit_score(this, by=request.user, **values)
            return _go_on(request, this)
    context = {"item": this, "own": own, "form": form}
    context |= _card(this, form, request, given_so_far)
    part = "round-progress" if this.takes_scores else "round-revealed"
    status = 422 if form.is_bound else 200
    response = render(request, "backlog/round_score.html", context, partials={part}, status=status)
    return polled(request, response)


def _item_for(request: SignedIn, pk: int, item: int) -> RoundIdea:
    items = RoundIdea.objects.with_progress().with_is_scorer(request.user)
    join = ("round__pod", "round__rubric", "idea__author", "idea__objective")
    return get_for(request.user, "backlog.view_round", items, join=join, pk=item, round=pk)


def _card(
    this: RoundIdea, form: ScoreForm, request: SignedIn, own: Mapping[tuple[int, int], Score]
) -> dict[str, Any]:
    """The agenda beside the card, and the three scales or the dots, whichever may be seen."""
    rows: Any = SimpleLazyObject(lambda: agenda_of(this.round, request.user, own))
    bands: Any = SimpleLazyObject(this.round.rubric.by_dimension)
    dots: Any = SimpleLazyObject(
        lambda: None if this.idea.is_blind else reveal_of(this, request.user)
    )
    return {
        "agenda": rows,
        "place": lambda: 1 + [row.item.pk for row in rows].index(this.pk),
        "stage_in_words": STAGES[RoundIdea.Stage(this.stage)],
        "why_not": why_no_score(this, request.user, is_scorer=this.is_scorer),  # type: ignore[attr-defined]
        "may_score": request.user.has_perm("backlog.score_round", this),
        "scales": lambda: [
            (name, name.capitalize(), QUESTIONS[name], str(form[name].value() or ""), bands[name])
            for name in DIMENSIONS
        ],
        "numbers": range(1, 11),
        "reveal": dots,
        "is_counting": lambda: last_revealed(this.idea) == this,
        "following": lambda: next_in_hand(rows, this),
        "formula": SimpleLazyObject(lambda: Workspace.current().ice_formula),
    }


def _go_on(request: SignedIn, this: RoundIdea) -> HttpResponse:
    """To the next idea that waits for this person; after the last one stay here."""
    following = next_to_score(agenda_of(this.round, request.user), this)
    if following is None:
        messages.success(request, "Yours are all in. You can change them until the reveal.")
    return redirect("backlog:round_score", this.round_id, (following or this).pk)


@require_POST
def round_reveal(request: SignedIn, pk: int, item: int) -> HttpResponse:
    reveal(_item_for(request, pk, item), by=request.user)
    return redirect("backlog:round_score", pk, item)


@require_POST
def round_ask_again(request: SignedIn, pk: int, item: int) -> HttpResponse:
    ask_again(_item_for(request, pk, item), by=request.user)
    return redirect("backlog:round_score", pk, item)
