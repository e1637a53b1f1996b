"""The calendar as a file for a spreadsheet."""

import re

from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from backlog.models import Quarter
from backlog.views.asking import SignedIn
from backlog.views.exports import as_file
from experiments.flows.quarter.exporting import calendar_rows
from experiments.flows.quarter.facts import calendar_facts
from experiments.views.quarter.window import window_of


@require_safe
def calendar_export(request: SignedIn, kind: str) -> HttpResponseBase:
    """The days that the calendar of the same address shows; `kind` is csv or xlsx."""
    quarters = list(Quarter.objects.order_by("starts_on").select_related("holdout"))
    window = window_of(request.GET, quarters)
    if window is None:
        raise Http404
    line, quarter = window.line, window.quarter
    known = calendar_facts(
        line.starts_on, line.ends_on, quarter=quarter, first_weekday=window.first_weekday
    )
    name = "-".join(re.findall(r"\w+", quarter.name, re.ASCII)).lower()
    rows = calendar_rows(known, quarter, request.user)
    return as_file(rows, kind, name=f"calendar-{name}-{window.view}", sheet="Calendar")
