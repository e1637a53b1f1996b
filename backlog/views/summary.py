"""The result of a round: the ranking before and after, what moved, what is left, how long it
took."""

from typing import NamedTuple

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from backlog.flows.scoring import may_conduct, open_round, take_along
from backlog.htmx import render
from backlog.models import Round, RoundIdea, Workspace
from backlog.permissions import get_for
from backlog.refusals import Mend, Refused
from backlog.templatetags.figures import number
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once

Stage = RoundIdea.Stage


class SummaryLine(NamedTuple):
    """One idea: its place in the pod before and now, and what the re-vote did."""

    item: RoundIdea
    before: str
    after: str
    moved: str
    again: str


@require_safe
def round_summary(request: SignedIn, pk: int) -> HttpResponse:
    join = ("pod", "facilitator", "opened_by")
    round_ = get_for(request.user, "backlog.view_round", Round, join=join, pk=pk)
    formula = Workspace.current().ice_formula
    items = list(round_.round_ideas.select_related("idea"))
    done = [item for item in items if item.stage in (Stage.REVEALED, Stage.SETTLED)]
    left = [item for item in items if item.stage not in (Stage.REVEALED, Stage.SETTLED)]
    done.sort(key=lambda item: (item.idea.pod_rank or 10**9, item.position))
    context = {
        "round": round_,
        "lines": [_line(item, formula) for item in done],
        "left": left,
        "can_go_on": round_.state == Round.State.CLOSED
        and any(item.idea.status in ("new", "scored") for item in left)
        and request.user.has_perm("backlog.run_round", round_),
        "can_run": may_conduct(round_, request.user),
        "minutes": round_.minutes,
        "formula": formula,
        "scorers": round_.scorers.count(),
    }
    return render(request, "backlog/round_summary.html", context)


def _line(item: RoundIdea, formula: str) -> SummaryLine:
    digits = 0 if formula == "product" else 1
    idea = item.idea
    before, after = (None, None) if idea.is_blind else (item.rank_before, idea.pod_rank)
    again = ""
    if item.votes > 1 and item.ice_first is not None and idea.ice is not None:
        again = f"{number(item.ice_first, digits)} to {number(idea.ice, digits)}"
    return SummaryLine(
        item=item,
        before="blind again" if idea.is_blind else str(before or "not ranked"),
        after="blind again" if idea.is_blind else str(after or "not ranked"),
        moved=_moved(before, after),
        again=again,
    )


def _moved(before: int | None, after: int | None) -> str:
    if after is None:
        return ""
    if before is None:
        return "new in the ranking"
    if before == after:
        return "stays"
    places = abs(before - after)
    return f"{'up' if after < before else 'down'} {places} place{'s' * (places > 1)}"


@require_POST
@counts_once
def round_again(request: SignedIn, pk: int) -> HttpResponse:
    """Start the next round with what this one has left."""
    round_ = get_for(request.user, "backlog.run_round", Round, join=("pod",), pk=pk)
    if round_.state != Round.State.CLOSED:
        raise Refused(
            "Close this round first. Then start the next one with the ideas that are left.",
            mend=Mend(f"Go to {round_}", round_.get_absolute_url()),
        )
    left = round_.round_ideas.filter(stage=Stage.LEFT).select_related("idea")
    ready = {idea.pk for idea in round_.pod.ideas.ready_for_scoring()}
    ideas = [item.idea for item in left if item.idea_id in ready]
    if not ideas:
        raise Refused("No ideas are left to score. They are in another round, or no longer open.")
    with transaction.atomic():
        following = open_round(
            by=request.user, pod=round_.pod, title=_next_title(round_.title), ideas=ideas,
            kind=round_.kind,
        )  # fmt: skip
        take_along(round_, following)
    messages.success(request, f"“{following}” is open with {len(ideas)} left over from “{round_}”.")
    return redirect(following)


def _next_title(title: str) -> str:
    return title if title.endswith(", left over") else f"{title[:63]}, left over"
