"""The turn of a quarter, as one page: five steps in any order, and the close."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from backlog.flows.planning import save_objective
from backlog.forms.planning import ObjectiveForm
from backlog.forms.refusing import refusals_in, sentences_in
from backlog.htmx import render
from backlog.models import Objective, Quarter, User
from backlog.permissions import get_for
from backlog.refusals import Refused
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from experiments.flows import standards, turning
from experiments.flows.turning import PERM, Departure
from experiments.forms.turning import CarryForm, SlipForm
from experiments.models import CarryOver, Experiment
from experiments.views.standards import Row, standards_page

MOST_COPIED = 200


@dataclass(frozen=True)
class Leftover:
    experiment: Experiment
    settled: CarryOver | None
    form: CarryForm


@dataclass(frozen=True)
class TurnPage:
    """Everything that the turn of one quarter asks, and how far it is."""

    quarter: Quarter
    following: Quarter | None
    can_turn: bool
    departures: list[tuple[Departure, SlipForm]]
    leftovers: list[Leftover]
    running: int
    objectives: list[Objective]
    to_copy: list[Objective]
    rows: list[tuple[Row, bool]]
    missing: list[str]
    sent: SlipForm | CarryForm | None = None

    @property
    def is_slip_sent(self) -> bool:
        return isinstance(self.sent, SlipForm)

    @property
    def steps(self) -> dict[str, bool]:
        """Which of the steps are done."""
        return {
            "slips": all(one.slip for one, _ in self.departures),
            "carry": all(one.settled for one in self.leftovers),
            "open": self.following is not None,
            "objectives": bool(self.objectives),
            "standards": all(is_done for _, is_done in self.rows),
        }

    @property
    def done(self) -> int:
        return sum(self.steps.values())


def turn_page(
    quarter: Quarter, user: User, *, sent: SlipForm | CarryForm | None = None
) -> TurnPage:
    """With what was sent and refused, so that nothing of it is lost."""
    following = turning.next_quarter_of(quarter)
    left = turning.leftovers_of(quarter)
    rows = standards_page(user)
    return TurnPage(
        quarter=quarter,
        following=following,
        can_turn=quarter.can_be_turned,
        departures=[(one, _slip_form(one, sent)) for one in turning.departures_of(quarter)],
        leftovers=[Leftover(one, settled, _carry_form(one, sent)) for one, settled in left],
        running=sum(settled is None and one.is_undecided for one, settled in left),
        objectives=list(following.objectives.select_related("pod")) if following else [],
        to_copy=turning.objectives_to_copy(quarter),
        rows=[(row, _is_looked_at(row, quarter)) for row in rows],
        missing=turning.missing_for_the_close(quarter),
        sent=sent,
    )


def _slip_form(departure: Departure, sent: SlipForm | CarryForm | None) -> SlipForm:
    experiment, slip = departure.experiment, departure.slip
    if isinstance(sent, SlipForm) and sent.experiment == experiment:
        return sent
    first = {"cause": slip.cause, "note": slip.note} if slip else {}
    return SlipForm(experiment=experiment, initial=first)


def _carry_form(experiment: Experiment, sent: SlipForm | CarryForm | None) -> CarryForm:
    if isinstance(sent, CarryForm) and sent.experiment == experiment:
        return sent
    return CarryForm(experiment=experiment)


def _is_looked_at(row: Row, quarter: Quarter) -> bool:
    """Since the week in which the quarter ends."""
    return row.looked_on is not None and row.looked_on >= quarter.turns_from


def _quarter(request: SignedIn, pk: int) -> Quarter:
    return get_for(request.user, PERM, Quarter, join=("closed_by",), pk=pk)


@require_safe
def quarter_turn(request: SignedIn, pk: int) -> HttpResponse:
    quarter = _quarter(request, pk)
    return _page(request, quarter)


def _page(
    request: SignedIn,
    quarter: Quarter,
    *,
    form: ObjectiveForm | None = None,
    sent: SlipForm | CarryForm | None = None,
) -> HttpResponse:
    """The whole page; `form` and `sent` are what was sent and refused."""
    page = turn_page(quarter, request.user, sent=sent)
    first = {"quarter": page.following}
    context = {"page": page, "form": form or ObjectiveForm(by=request.user, initial=first)}
    status = 422 if form or sent else 200
    return render(request, "experiments/quarter_turn.html", context, status=status)


def _back(quarter: Quarter, step: str) -> HttpResponse:
    return redirect(f"{reverse('experiments:quarter_turn', args=[quarter.pk])}#{step}")


def _taken(
    request: SignedIn, quarter: Quarter, form: SlipForm | CarryForm, step: str, flow: Any
) -> HttpResponse:
    """Call the flow with what a small form holds, or say what is wrong above the page."""
    if form.is_valid():
        with refusals_in(form):
            flow(quarter, form.experiment, by=request.user, **form.cleaned_data)
            return _back(quarter, step)
    messages.error(request, f"{form.experiment.key}: {sentences_in(form)}")
    return _page(request, quarter, sent=form)


def _experiment(request: SignedIn, pk: int) -> Experiment:
    return get_for(request.user, "experiments.view_experiment", Experiment, join=("pod",), pk=pk)


@require_POST
def quarter_turn_slip(request: SignedIn, pk: int, experiment: int) -> HttpResponse:
    """Name the cause of a slip."""
    quarter, late = _quarter(request, pk), _experiment(request, experiment)
    form = SlipForm(request.POST, experiment=late)
    return _taken(request, quarter, form, "slips", turning.name_cause)


@require_POST
def quarter_turn_carry(request: SignedIn, pk: int, experiment: int) -> HttpResponse:
    """Carry one experiment over, or cancel it."""
    quarter, left = _quarter(request, pk), _experiment(request, experiment)
    form = CarryForm(request.POST, experiment=left)
    return _taken(request, quarter, form, "carry", turning.carry_over)


@require_POST
def quarter_turn_running(request: SignedIn, pk: int) -> HttpResponse:
    """Carry over all that run."""
    quarter = _quarter(request, pk)
    count = turning.carry_over_running(quarter, by=request.user)
    messages.success(request, f"{count} experiment{'s' * (count != 1)} carried over.")
    return _back(quarter, "carry")


@require_POST
@counts_once
def quarter_turn_open(request: SignedIn, pk: int) -> HttpResponse:
    quarter = _quarter(request, pk)
    opened = turning.open_next(quarter, by=request.user)
    messages.success(request, f"{opened} is open.")
    return _back(quarter, "open")


@require_POST
@counts_once
def quarter_turn_objective(request: SignedIn, pk: int) -> HttpResponse:
    """Add an objective."""
    quarter = _quarter(request, pk)
    form = ObjectiveForm(request.POST, by=request.user)
    if form.is_valid():
        with refusals_in(form):
            save_objective(Objective(), by=request.user, **form.cleaned_data)
            messages.success(request, "The objective is set.")
            return _back(quarter, "objectives")
    return _page(request, quarter, form=form)


@require_POST
@counts_once
def quarter_turn_copy(request: SignedIn, pk: int) -> HttpResponse:
    """Set the ticked objectives again."""
    quarter, chosen = _quarter(request, pk), request.POST.getlist("objective")[:MOST_COPIED]
    try:
        count = turning.copy_objectives(quarter, by=request.user, chosen=chosen)
        messages.success(request, f"{count} objective{'s' * (count != 1)} copied.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(quarter, "objectives")


@require_POST
@counts_once
def quarter_turn_look(request: SignedIn, pk: int, kind: str) -> HttpResponse:
    """A kind of standards is still right."""
    quarter = _quarter(request, pk)
    if kind in standards.BY_KIND:
        note = f"Still right at the turn of {quarter}"
        standards.review_standard(kind, by=request.user, note=note)
    return _back(quarter, "standards")


@require_POST
def quarter_turn_close(request: SignedIn, pk: int) -> HttpResponse:
    quarter = _quarter(request, pk)
    try:
        turning.close_the_quarter(quarter, by=request.user)
        messages.success(request, f"{quarter} is closed.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(quarter, "close")
