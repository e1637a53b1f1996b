"""What is shown, as a file for a spreadsheet."""

import tempfile
from collections.abc import Iterable, Sequence

from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from backlog.csv_guard import Cell, csv_lines
from backlog.flows.exporting import rows_of, write_workbook
from backlog.views.asking import SignedIn
from backlog.views.listing import Listing


@require_safe
def idea_export(request: SignedIn, kind: str) -> HttpResponseBase:
    """The ideas of the list with its filters, all of them; `kind` is csv or xlsx."""
    listing = Listing(request)
    listing.filterset.most = None
    rows = rows_of(listing.ideas.ranked())  # type: ignore[attr-defined]
    name = f"ideas-{timezone.localdate().isoformat()}"
    return as_file(rows, kind, name=name, sheet="Ideas")


def as_file(
    rows: Iterable[Sequence[Cell]], kind: str, *, name: str, sheet: str
) -> HttpResponseBase:
    """The rows as a download. Raises Http404 for a `kind` other than csv and xlsx."""
    if kind == "csv":
        answer = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return answer
    if kind == "xlsx":
        out = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
        write_workbook(rows, out, sheet=sheet)
        out.seek(0)
        return FileResponse(out, as_attachment=True, filename=f"{name}.xlsx")
    raise Http404
