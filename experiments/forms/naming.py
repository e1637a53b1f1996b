"""The naming convention as people type it, and names that they paste."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import formset_factory

from backlog.forms.merging import MergingForm
from experiments.forms.plan_rows import RowForm, RowFormSet
from experiments.models import NamingConvention
from experiments.plan.naming import (
    ARM,
    BY_LETTER,
    BY_NAME,
    DATE,
    DATE_FORMATS,
    KINDS,
    LONGEST_MOST,
    MOST_TOKENS,
    TEXT,
    Convention,
    Token,
)

MOST_NAMES = 500
VALUE_OF = {DATE: "date_format", ARM: "arm_form", TEXT: "text"}


class TokenRow(RowForm):
    """One token; a row without a kind is left out."""

    typed = ("kind",)
    kind = forms.ChoiceField(
        label="Token", choices=[("", "Choose a token"), *KINDS], required=False
    )
    date_format = forms.ChoiceField(
        label="Format", choices=[(name, name) for name in DATE_FORMATS], required=False
    )
    arm_form = forms.ChoiceField(
        label="Form",
        choices=[(BY_LETTER, "Its letter, A for the control"), (BY_NAME, "Its name")],
        required=False,
    )
    text = forms.CharField(
        label="Text",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Text, such as crm"}),
    )

    @staticmethod
    def token(row: Mapping[str, Any]) -> Token:
        return Token(row["kind"], row.get(VALUE_OF.get(row["kind"], ""), ""))


TokenFormSet = formset_factory(
    TokenRow, formset=RowFormSet, extra=1, max_num=MOST_TOKENS, validate_max=True, can_delete=True
)


class NamingForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """The convention with its tokens in order."""

    class Meta:
        model = NamingConvention
        fields = ("separator", "letter_case", "longest")
        help_texts = {"longest": f"Words are cut to fit. At most {LONGEST_MOST}."}

    def __init__(
        self, data: Any = None, *, instance: NamingConvention, convention: Convention
    ) -> None:
        super().__init__(data, instance=instance)
        shown = token_rows(instance, convention)
        self.lists["tokens"] = TokenFormSet(data, initial=shown, prefix="tokens")

    def _post_clean(self) -> None:
        """The flow fills in and checks the convention."""

    def values(self) -> dict[str, Any]:
        rows: Any = self.lists["tokens"]
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return {**fields, "tokens": [TokenRow.token(row) for row in rows.rows()]}


def token_rows(instance: NamingConvention, convention: Convention) -> list[dict[str, Any]]:
    """The tokens as the form shows them: as they are stored, else those of Floe's own."""
    stored = [Token(row.kind, row.value) for row in instance.tokens.all()] if instance.pk else []
    return [
        {"kind": token.kind, VALUE_OF.get(token.kind, "text"): token.value}
        for token in stored or convention.tokens
    ]


class NamesForm(forms.Form):
    """Names as they are in a messaging tool or a file, one per line."""

    names = forms.CharField(
        label="Names to check",
        max_length=MOST_NAMES * 210,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=f"One per line, up to {MOST_NAMES}.",
        error_messages={"required": "Paste at least one name."},
    )

    def clean_names(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["names"].splitlines()]
        names = [line for line in lines if line]
        if len(names) > MOST_NAMES:
            raise forms.ValidationError(
                f"Paste at most {MOST_NAMES} names. You pasted {len(names):,}."
            )
        return names
