"""The report of a quarter: the page, its Markdown, and addresses for people without an account."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from backlog.flows.mailing import address_of, can_mail
from backlog.forms.refusing import refusals_in, status_of
from backlog.models import Pod, Quarter, Workspace
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from experiments.flows.health.report import QuarterReport, quarter_report
from experiments.flows.health.report_links import (
    PERIODS,
    end_link,
    link_at,
    mail_report,
    make_link,
)
from experiments.flows.health.report_sentences import headline, slip_words, slips_in
from experiments.flows.process.words import report_line
from experiments.forms.report import ReportMailForm
from experiments.models import ReportLink
from experiments.views.process import report_words as words
from experiments.views.slips import quarter_named

TEMPLATE, PRESENTED = "experiments/report.html", "experiments/report_present.html"
ROWS_OF_A_SLIDE = 8


def _chosen(request: SignedIn, asks: Any) -> tuple[Quarter | None, Pod | None, list[Pod]]:
    """Quarter and pod of an address; all pods are for those who stand above them."""
    quarters = list(Quarter.objects.order_by("starts_on"))
    quarter = quarter_named(quarters, asks.get("quarter", ""))
    pods = list(Pod.objects.visible_to(request.user))
    pod = next((one for one in pods if str(one.pk) == asks.get("pod", "")), None)
    if pod is None and not request.user.stands_above_pods:
        pod = pods[0] if pods else None
        if pod is None:
            return None, None, pods
    return quarter, pod, pods


def _parts(report: QuarterReport) -> dict[str, Any]:
    """What the sheet shows."""
    scale = words.scale_of(report.rows)
    return {
        "report": report,
        "workspace": Workspace.current().name,
        "headline": headline(report),
        "winners": words.winners_words(report),
        "rows": [
            (row, *words.lift_words(row), words.interval_of(row, scale)) for row in report.rows
        ],
        "holdout": [words.holdout_words(one) for one in report.holdout],
        "predictions": words.prediction_words(report.calibration),
        "slips": [slip_words(one, report) for one in slips_in(report)],
        "following": words.next_words(report),
        "processes": [report_line(one) for one in report.processes],
    }


@require_safe
def report(request: SignedIn) -> HttpResponse:
    """The page, its Markdown with `as=md`, or the same section by section with `present=1`."""
    quarter, pod, pods = _chosen(request, request.GET)
    if quarter is None:
        return render(request, TEMPLATE, {"report": None, "pods": pods})
    made = quarter_report(quarter, pod, reader=request.user)
    if request.GET.get("as") == "md":
        text = words.as_markdown(made, Workspace.current().name)
        response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="report.md"'
        return response
    if request.GET.get("present") == "1":
        leave = _address_of(made.quarter, made.pod)
        return render(request, PRESENTED, _slides(made, leave))
    return render(request, TEMPLATE, _page(request, made, pods))


def _slides(made: QuarterReport, leave_url: str) -> dict[str, Any]:
    """The parts of the sheet; a table that is too long for a screen goes on in the next section."""
    parts = _parts(made)
    rows, size = parts["rows"], ROWS_OF_A_SLIDE
    return {
        **parts,
        "tables": [rows[at : at + size] for at in range(0, len(rows), size)],
        "leave_url": leave_url,
    }


def _page(request: SignedIn, made: QuarterReport, pods: list[Pod], **more: Any) -> dict[str, Any]:
    user = request.user
    may = (
        user.has_perm("experiments.share_report", made.pod)
        if made.pod
        else user.has_perm("experiments.share_report_of_all")
    )
    links = ReportLink.objects.visible_to(user).filter(quarter=made.quarter, pod=made.pod)
    return {
        **_parts(made),
        "pods": pods,
        "quarters": made.quarters[::-1],
        "may_share": may,
        "links": [one for one in links.filter(revoked_at=None) if not one.is_over],
        "periods": PERIODS,
        "mail_form": ReportMailForm(),
        "can_mail": can_mail(),
        **more,
    }


@require_POST
def report_share(request: SignedIn) -> HttpResponse:
    """Make an address; this is the only answer that shows it."""
    quarter, pod, pods = _shared(request)
    days = request.POST.get("days", "")
    link, token = make_link(
        quarter, pod, by=request.user, days=int(days) if days in {"7", "30", "90"} else 0
    )
    address = address_of(reverse("experiments:shared_report", args=[token]))
    made = quarter_report(quarter, pod, reader=request.user)
    return render(request, TEMPLATE, _page(request, made, pods, link=link, address=address))


@require_POST
def report_mail(request: SignedIn) -> HttpResponse:
    """Mail addresses of the report; who has a working one already gets no second."""
    quarter, pod, pods = _shared(request)
    form = ReportMailForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            failed = mail_report(quarter, pod, by=request.user, **form.cleaned_data)
            if failed:
                messages.error(
                    request, f"The mail to {', '.join(failed)} did not go out. Try again."
                )
            sent = [one for one in form.cleaned_data["addresses"] if one not in failed]
            if sent:
                messages.success(request, f"The report was mailed to {', '.join(sent)}.")
            return redirect(_address_of(quarter, pod))
    made = quarter_report(quarter, pod, reader=request.user)
    page = _page(request, made, pods, mail_form=form)
    return render(request, TEMPLATE, page, status=status_of(form))


def _shared(request: SignedIn) -> tuple[Quarter, Pod | None, list[Pod]]:
    """Quarter, pod, and the pods that one sees, of a form of the page."""
    quarter = get_for(request.user, "backlog.view_quarter", Quarter, pk=_id(request, "quarter"))
    pods, pod = list(Pod.objects.visible_to(request.user)), None
    if request.POST.get("pod"):
        pod = get_for(request.user, "backlog.view_pod", Pod, pk=_id(request, "pod"))
    return quarter, pod, pods


def _address_of(quarter: Quarter, pod: Pod | None) -> str:
    asks = {"quarter": quarter.name, "pod": str(pod.pk) if pod else ""}
    return f"{reverse('experiments:report')}?{urlencode(asks)}"


def _id(request: SignedIn, name: str) -> int:
    value = request.POST.get(name, "")
    if not (value.isascii() and value.isdecimal() and len(value) <= 18):
        raise Http404
    return int(value)


@require_POST
def report_end(request: SignedIn, pk: int) -> HttpResponse:
    """End an address of one’s own."""
    link = ReportLink.objects.visible_to(request.user).filter(pk=pk).first()
    if link is None:
        raise Http404
    end_link(link, by=request.user)
    messages.success(request, f"The address of {link} no longer works.")
    return redirect(_address_of(link.quarter, link.pod))


@login_not_required
@require_safe
def shared_report(request: HttpRequest, token: str) -> HttpResponse:
    """What a secret address shows: the report as its person may read it now, until it ends.

    With `present=1` it is shown section by section.
    """
    link = link_at(token)
    if link is None or link.is_over:
        return render(
            request,
            "experiments/shared_report.html",
            {"report": None},
            status=404 if link is None else 410,
        )
    made = quarter_report(link.quarter, link.pod, reader=link.user)
    if request.GET.get("present") == "1":
        response = render(request, PRESENTED, {**_slides(made, request.path), "is_shared": True})
    else:
        response = render(request, "experiments/shared_report.html", {**_parts(made), "link": link})
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
