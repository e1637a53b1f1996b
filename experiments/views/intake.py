"""A file on its way: its table is chosen, its columns are mapped, it is read, and counts once confirmed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from backlog.forms.refusing import refusals_in, status_of
from backlog.permissions import get_for
from backlog.refusals import NotNow, Refused, SomebodyWasQuicker
from backlog.views.asking import SignedIn
from experiments.flows import intake as flow
from experiments.flows import receiving
from experiments.flows.confirming import Review
from experiments.forms.intake import MappingForm
from experiments.models import Intake
from experiments.views.intake_page import UnderstoodPage
from experiments.views.intake_questions import questions_about
from experiments.views.status import JOINED_OF, tab_page

RARE = ("only_column", "second", "metric", "stratum", "segments")
ANSWER = "answer:"


def _intake(request: SignedIn, pk: int, intake: int) -> Intake:
    user = request.user
    return get_for(
        user,
        "experiments.add_observation",
        Intake,
        join=(*JOINED_OF, "by"),
        pk=intake,
        experiment_id=pk,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def intake_map(request: SignedIn, pk: int, intake: int) -> HttpResponse:
    """Columns and labels, guessed; `labels` alone is re-read when another column names the arm."""
    taken = _intake(request, pk, intake)
    if taken.state not in (Intake.State.RECEIVED, Intake.State.UNDERSTOOD):
        return _where_it_is(taken)
    if request.method == "POST" and "table" in request.POST:
        receiving.look_again(taken, by=request.user, answers=answers_in(request))
        return redirect("experiments:intake_map", pk=pk, intake=intake)
    if not receiving.is_table_clear(taken):
        return _table_page(request, taken)
    form = _mapping_form(request, taken)
    if request.method == "POST" and "look" not in request.POST and form.is_valid():
        with refusals_in(form):
            flow.understand(
                taken, by=request.user, mapping=form.mapping(), labels=form.meaning(),
                typed=form.typed(),
            )  # fmt: skip
            return _where_it_is(taken)
        form.point_at_totals()
    is_wrong = request.method == "POST" and "look" not in request.POST
    return tab_page(
        request,
        "experiments/intake_map.html",
        taken.experiment,
        "data",
        {
            "intake": taken,
            "form": form,
            "is_look": "look" in request.POST,
            "next_step": None,
            "questions": questions_about(receiving.questions_before_mapping(taken), taken),
            "opens_more": any(form[name].value() for name in RARE),
        },
        partials={"labels"},
        status=status_of(form) if is_wrong else 200,
    )


def _table_page(request: SignedIn, taken: Intake) -> HttpResponse:
    """Which sheet or which row holds the table: asked before anything else."""
    questions = questions_about(receiving.questions_before_mapping(taken), taken)
    context = {"intake": taken, "next_step": None, "questions": questions}
    template = "experiments/intake_table.html"
    return tab_page(request, template, taken.experiment, "data", context)


def answers_in(request: SignedIn) -> dict[str, str]:
    """The chosen readings of a posted page, by the key of their question."""
    posted = request.POST.items()
    return {
        name.removeprefix(ANSWER): str(value) for name, value in posted if name.startswith(ANSWER)
    }


def _mapping_form(request: SignedIn, taken: Intake) -> MappingForm:
    """The form with the labels of the chosen column; labels of another column are guessed again."""
    posted = request.POST.copy() if request.method == "POST" else None
    column = posted.get("variant", "") if posted else MappingForm(intake=taken).initial["variant"]
    try:
        labels = receiving.labels_in(taken, column) if column else ()
    except NotNow:
        raise
    except Refused:
        labels = ()
    if posted is not None and posted.get("labels_of") != column:
        for name in [name for name in posted if name.startswith("label_")]:
            del posted[name]
        guessed = MappingForm(intake=taken, labels=labels).initial
        for number in range(len(labels)):
            posted[f"label_{number}"] = guessed[f"label_{number}"]
    return MappingForm(posted, intake=taken, labels=labels)


def _where_it_is(taken: Intake) -> HttpResponse:
    """The page that a file waits on."""
    pages = {"received": "intake_map", "reading": "intake_reading", "understood": "intake_confirm"}
    if taken.state in pages:
        return redirect(f"experiments:{pages[taken.state]}", taken.experiment_id, taken.pk)
    return redirect("experiments:experiment_data", pk=taken.experiment_id)


@require_safe
def intake_reading(request: SignedIn, pk: int, intake: int) -> HttpResponse:
    """How far the worker is; the page asks every second and goes on by itself."""
    taken = _intake(request, pk, intake)
    if taken.state != Intake.State.READING:
        return _where_it_is(taken)
    progress: dict[str, Any] = taken.understood
    context = {
        "intake": taken,
        "next_step": None,
        "step": progress.get("step", "waiting for a worker"),
        "share": round(progress.get("share", 0.02) * 100),
    }
    template = "experiments/intake_reading.html"
    return tab_page(request, template, taken.experiment, "data", context, partials={"reading"})


@require_http_methods(["GET", "HEAD", "POST"])
def intake_confirm(request: SignedIn, pk: int, intake: int) -> HttpResponse:
    """What was understood, and what is open; nothing counts before the POST that says so."""
    taken = _intake(request, pk, intake)
    refusal = None
    if request.method == "POST":
        refusal = _answered(request, taken)
        if refusal is None:
            return _after(request, taken)
    if taken.state != Intake.State.UNDERSTOOD:
        return _where_it_is(taken)
    ticks = frozenset(taken.mapping.get("acknowledged", ()))
    context = {
        "intake": taken,
        "next_step": None,
        "page": UnderstoodPage(taken, request.user, ticks),
        "refusal": refusal,
        "reason": request.POST.get("reason", ""),
    }
    template = "experiments/intake_confirm.html"
    return tab_page(
        request, template, taken.experiment, "data", context, partials={"understood"},
        status=refusal.status if refusal else 200,
    )  # fmt: skip


def _answered(request: SignedIn, taken: Intake) -> Refused | None:
    """Keep the answers and ticks of the page, read again where an answer changed, else count."""
    posted, user = request.POST, request.user
    if taken.state != Intake.State.UNDERSTOOD:
        flow.count(taken, by=user)
        return None
    questions = Review(taken).questions
    answers = answers_in(request)
    given = {q["key"]: answers.get(q["key"], q.get("answer", "")) for q in questions}
    changed = {q["key"] for q in questions if given[q["key"]] != q.get("answer", "")}
    ticks = posted.getlist("acknowledged")
    try:
        flow.acknowledge(taken, by=user, codes=ticks)
        if changed:
            flow.answer(taken, by=user, answers=given)
        elif posted.get("do") != "look":
            flow.count(taken, by=user, acknowledged=ticks, reason=posted.get("reason", ""))
    except (NotNow, SomebodyWasQuicker):
        raise
    except Refused as no:
        return no
    if changed and posted.get("do") != "look":
        messages.info(
            request, "Floe read the file again with your answers. Check the figures, then confirm."
        )
    return None


def _after(request: SignedIn, taken: Intake) -> HttpResponse:
    if taken.state in (Intake.State.COUNTED, Intake.State.ANALYSED):
        return redirect("experiments:experiment_results", pk=taken.experiment_id)
    return _where_it_is(taken)
