"""The file with results that somebody sends."""

from django import forms

from backlog.forms.files import TableField
from experiments.results_file import formats


class FileForm(forms.Form):
    file = TableField(
        setting="RESULTS_FILE_MAX_BYTES",
        kinds=formats.KINDS,
        label="File with results",
        allow_empty_file=True,  # the reader says in its own words that it is empty
        help_text=f"{formats.NAMES}: one row per person, or totals for each arm.",
        error_messages={"required": "Choose a file first."},
        widget=forms.ClearableFileInput(
            attrs={"accept": ",".join((*formats.SUFFIXES, "text/csv"))}
        ),
    )
