"""Forms of an import of past experiments: the table, and the answers about its columns and names."""

from typing import Any

from django.http import QueryDict

from backlog.forms.imports import ImportForm, answers_in
from backlog.models import Import, User
from experiments.flows.past.write_ups import DRAFT
from experiments.past.headings import FIELDS, MOST_ROWS


class PastImportForm(ImportForm):
    """Pasted rows or a file of past experiments, and the pod of rows that name none."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        self.fields["rows"].widget.attrs["data-draft"] = "past-rows"
        self.fields["file"].help_text = f"A .csv or .xlsx file, up to {MOST_ROWS:,} rows."


def past_answers_in(posted: QueryDict, import_: Import, by: User) -> dict[str, Any]:
    """The mapping and the choices of the page, without what does not belong there."""
    given = answers_in(posted, import_, by, FIELDS)
    given["choices"] |= {
        "day": posted.get("day", "")[:10],
        "learnings": DRAFT if posted.get("learnings") == DRAFT else "",
    }
    return given
