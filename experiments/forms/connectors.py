"""A database that results are read from, and the query for one experiment."""

from typing import Any

from django import forms

from backlog.forms.merging import MergingForm
from experiments.models import Connector, Feed


class ConnectorForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    address = forms.CharField(
        max_length=1000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="postgresql://user:password@host/name, sqlite:////path, duckdb:////path or "
        "dbapi+module://user:password@host/name. Floe seals it and never shows it "
        "again. Use an account that can only read.",
    )

    class Meta:
        model = Connector
        fields = ("name", "address", "seconds", "most_rows")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["address"].help_text = f"{self.instance.place}. Leave it empty to keep it."


class FeedForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Feed
        fields = ("connector", "sql", "hour", "is_paused")
        labels = {"connector": "Database", "is_paused": "Paused: don’t run the query each day"}
        widgets = {
            "sql": forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "area mono"})
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["connector"].empty_label = "Choose one"  # type: ignore[attr-defined]
