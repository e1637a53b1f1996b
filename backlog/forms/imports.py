"""Forms of an import: the table itself, and the answers about its columns and rows."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import QueryDict

from backlog.file_kinds import OLE, ZIP
from backlog.flows.imports.asking import PARTS
from backlog.forms.files import TableField
from backlog.models import Import, Pod, User
from backlog.sheets import BESIDE_SCORES, HEADERS, KEPT
from backlog.tables import HEADER_ROW

EMPTY = "Paste rows from a sheet, or choose a .csv or .xlsx file."
LABELS = {name: name.replace("_", " ").capitalize() for name in HEADERS} | {
    "expected_effect": "By how much",
    "outcome": "What will move",
    "change": "The change",
    "audience": "For whom",
    "observation": "What was seen",
    "submitted": "Submitted on",
    "stamp": "Floe version",
    KEPT: "Kept in the description",
    BESIDE_SCORES: "Kept beside the scores",
}
MOST_NAMES = 200
LONGEST_NAME = 200


MOST_PASTED = 4_000_000


class ImportForm(forms.Form):
    """Pasted rows or a file, and the pod of rows that name none."""

    rows = forms.CharField(
        required=False,
        strip=False,
        # No max_length: a browser would cut the rest off without a word.
        validators=[
            MaxLengthValidator(
                MOST_PASTED,
                f"You can paste at most {MOST_PASTED:,} characters. Send the sheet as a file "
                "instead.",
            )
        ],
        label="Rows from a spreadsheet",
        widget=forms.Textarea(attrs={"rows": 8, "data-draft": "import-rows"}),
        help_text="Select the cells in your sheet, header included. Copy them, and paste them "
        "here.",
    )
    file = TableField(
        setting="IMPORT_FILE_MAX_BYTES",
        kinds=(ZIP, OLE),
        advice=PARTS,
        required=False,
        label="Or a file",
        help_text="A .csv or .xlsx file, up to 100,000 rows.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    pod = forms.ModelChoiceField(
        queryset=Pod.objects.none(),
        to_field_name="prefix",
        empty_label=None,
        help_text="For rows without a pod.",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pod"].queryset = Pod.objects.worked_in_by(by)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        upload = cleaned.get("file")
        if not upload and not cleaned.get("rows", "").strip() and not self.errors:
            raise ValidationError(EMPTY)
        return cleaned

    def table(self) -> dict[str, Any]:
        """What the flow takes."""
        upload = self.cleaned_data["file"]
        if upload:
            return {"name": upload.name or "file", "data": upload.read()}
        rows = self.cleaned_data["rows"].encode()
        return {"name": "pasted rows", "data": rows, "is_pasted": True}


def answers_in(
    posted: QueryDict, import_: Import, by: User, fields: Collection[str] = tuple(LABELS)
) -> dict[str, Any]:
    """The mapping and the choices of the page, without what does not belong there."""
    places = [str(place) for place in range(len(import_.columns))]
    mapping = {place: posted.get(f"column-{place}", "") for place in places}
    chosen = Pod.objects.worked_in_by(by).filter(prefix=posted.get("pod", "")).first()
    rows = dict(import_.choices.get("rows", {}))
    rows |= {
        name.removeprefix("row-"): str(value)[:20]
        for name, value in posted.items()
        if name.startswith("row-") and name[4:].isdecimal() and len(name) < 12
    }
    return {
        "mapping": {place: what for place, what in mapping.items() if what in fields},
        "choices": {
            "pod": chosen,
            "rows": {number: answer for number, answer in rows.items() if answer},
            "same": "add" if posted.get("same") == "add" else "out",
            HEADER_ROW: import_.choices.get(HEADER_ROW, ""),
            "gone": "add" if posted.get("gone") == "add" else "",
            "answers": short_texts(answers_about_table(posted)),
            "names": short_texts(_under("name:", posted)),
        },
    }


def answers_about_table(posted: QueryDict) -> dict[str, str]:
    """The chosen readings of what can be read in two ways, by the key of their question."""
    return _under("answer:", posted)


def _under(start: str, posted: QueryDict) -> dict[str, str]:
    return {
        name.removeprefix(start): str(value)
        for name, value in posted.items()
        if name.startswith(start)
    }


def short_texts(given: Mapping[str, str]) -> dict[str, str]:
    """What was answered, without empty answers and those that no page of ours sends."""
    short = {key: value for key, value in given.items() if value and len(key) <= LONGEST_NAME}
    return {key: value[:LONGEST_NAME] for key, value in list(short.items())[:MOST_NAMES]}
