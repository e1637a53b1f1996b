"""Credit of touch models beside what experiments measured; bring a table in, take it back."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.file_kinds import Unreadable
from backlog.forms.imports import answers_about_table
from backlog.forms.refusing import refusals_in, status_of
from backlog.htmx import render
from backlog.models import Pod
from backlog.permissions import get_for, require
from backlog.tables.questions import plain_question
from backlog.templatetags.figures import number, percent
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.questions import question_rows
from backlog.views.repeating import counts_once
from experiments.flows.credit.counting import (
    Credited,
    add_credit,
    counted_twice,
    credit_report,
    undo_credit,
)
from experiments.flows.credit.reading import CreditTable, read_credit
from experiments.forms.credit import CreditForm
from experiments.learning.credit import CreditVerdict
from experiments.learning.sentences import lift_text
from experiments.models import CreditImport, Segment

ROWS_SHOWN, IMPORTS_SHOWN, PROBLEMS_SHOWN = 300, 30, 40
WORDS = {
    CreditVerdict.CONFIRMED: ("check", "confirmed"),
    CreditVerdict.NOT_CONFIRMED: ("x", "not confirmed by experiments"),
    CreditVerdict.NO_TEST: ("circle-minus", "no experiment yet"),
}


class CreditWords(NamedTuple):
    """A row of the page in words."""

    one: Credited
    credited: str
    lift: str
    icon: str
    verdict: str
    confirmed: str


@require_safe
def library_credit(request: SignedIn) -> HttpResponse:
    report = credit_report(request.user)
    imports = CreditImport.objects.visible_to(request.user).select_related("pod", "metric", "by")
    context = {
        "rows": [_words(one) for one in report.rows[:ROWS_SHOWN]],
        "left_out": max(len(report.rows) - ROWS_SHOWN, 0),
        "sums": [_sum_words(*key, parts) for key, parts in report.sums.items()],
        "imports": [
            (one, request.user.has_perm("experiments.import_credit", one))
            for one in imports[:IMPORTS_SHOWN]
        ],
        "can_add": Pod.objects.worked_in_by(request.user).exists(),
    }
    return render(request, "experiments/library_credit.html", context)


def _words(one: Credited) -> CreditWords:
    icon, verdict = WORDS[one.check.verdict]
    confirmed = "–"
    if one.check.is_harm:
        verdict = "not confirmed by experiments: fewer convert"
    if one.confirmed:
        low, high = number(one.confirmed.low), number(one.confirmed.high)
        confirmed = f"{number(one.confirmed.value)} ({low} to {high})"
    lift = lift_text(one.check.lift, one.check.low, one.check.high)
    return CreditWords(one, number(one.conversions), lift, icon, verdict, confirmed)


def _sum_words(model: str, metric: str, pod: str, parts: Any) -> str:
    """“Last touch credits 900 of “Paid”: 300 where experiments confirm an effect, …”"""
    whose = f" for {pod}" if pod else ""
    share = percent(parts.confirmed / parts.credited, 0) if parts.credited else percent(0, 0)
    return (
        f"{model}{whose} credits {number(parts.credited)} of “{metric}”: {number(parts.confirmed)} "
        f"({share}) where experiments confirm an effect, {number(parts.not_confirmed)} where they don’t, "
        f"{number(parts.no_test)} without an experiment."
    )


def _require_a_pod(request: SignedIn) -> None:
    if not Pod.objects.worked_in_by(request.user).exists():
        require(request.user, "experiments.import_credit")


@takes_files("IMPORT_FILE_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
def library_credit_new(request: SignedIn) -> HttpResponse:
    """Read a table and show what would count; nothing is written."""
    _require_a_pod(request)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = CreditForm(*posted, by=request.user, initial={"pod": chosen_pod_id(request)})
    table = None
    if request.method == "POST" and form.is_valid():
        table = _read(request, form)
        if table is not None:
            form = form.with_table(request.user)
    return _new_page(request, form, table)


def _new_page(request: SignedIn, form: Any, table: CreditTable | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "table": table}
    if table is not None and form.is_valid():
        values = form.cleaned_data
        kept, twice = counted_twice(table.rows, pod=values["pod"], metric=values["metric"])
        problems = [*table.problems, *twice]
        context |= {
            "questions": question_rows([plain_question(one) for one in table.questions]),
            "kept": kept,
            "problems": problems[:PROBLEMS_SHOWN],
            "further": max(len(problems) - PROBLEMS_SHOWN, 0),
        }
    status = status_of(form) if request.method == "POST" else 200
    return render(request, "experiments/library_credit_new.html", context, status=status)


def _read(request: SignedIn, form: Any) -> CreditTable | None:
    """The table of a valid form; None with the sentence beside the table."""
    values = form.cleaned_data
    segments = Segment.objects.visible_to(request.user)
    pod = values["pod"]
    segments = segments.open_to(pod) if pod else segments.filter(pod=None)
    try:
        return read_credit(values["table"], answers_about_table(request.POST), segments=segments)
    except Unreadable as error:
        form.add_error("file" if values.get("file") else "table", str(error))
        return None


@require_POST
@counts_once
def library_credit_add(request: SignedIn) -> HttpResponse:
    """Let the table count that was looked at, read once more."""
    _require_a_pod(request)
    form = CreditForm(request.POST, by=request.user)
    table = _read(request, form) if form.is_valid() else None
    if table is None or table.is_open:
        return _new_page(request, form, table)
    values = form.cleaned_data
    with refusals_in(form):
        made = add_credit(table.rows, by=request.user, pod=values["pod"], metric=values["metric"])
        messages.success(
            request, f"{made} is added.",
            extra_tags=f"undo:{reverse('experiments:library_credit_undo', args=[made.pk])}",
        )  # fmt: skip
        return redirect(made)
    return _new_page(request, form, None)


@require_POST
@counts_once
def library_credit_undo(request: SignedIn, pk: int) -> HttpResponse:
    credit = get_for(request.user, "experiments.import_credit", CreditImport, pk=pk)
    undo_credit(credit, by=request.user)
    messages.success(request, f"{credit} no longer counts.")
    return redirect("experiments:library_credit")
