"""An agreement as people type it: with whom, who owns it, and its lines; and a drill."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms import formset_factory

from backlog.forms.choices import with_present
from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from backlog.models import User
from experiments.forms.numbers import FigureField
from experiments.forms.plan_rows import RowForm, RowFormSet
from experiments.models import Agreement, Term
from experiments.plan.terms import FIELDS, MOST_LINES

Kind = Agreement.Kind


def _text(label: str, longest: int, hint: str = "") -> forms.CharField:
    attributes = {"placeholder": hint or label}
    return forms.CharField(
        label=label, max_length=longest, required=False, widget=forms.TextInput(attrs=attributes)
    )


class LineRow(RowForm):
    """A line is known by its place in the version that the page shows."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)


class TurnaroundRow(LineRow):
    typed = ("name", "number", "text")
    name = _text("What takes so long", 120, "Legal review")
    number = FigureField(label="Working days", required=False)
    text = _text("Note", 300)


class RiskRow(LineRow):
    typed = ("name", "number", "text")
    measure = forms.ChoiceField(label="What is limited", choices=Term.Measure.choices)
    name = _text("Name", 120, "First wave")
    number = FigureField(label="At most", required=False)
    text = _text("Note", 300)


class ContactRow(LineRow):
    typed = ("channel", "country", "number", "text")
    channel = _text("Channel", 40, "Every channel")
    country = _text("Country", 40, "Every country")
    number = FigureField(label="Messages a week", required=False)
    text = _text("Note", 300)


class FinalEditRow(LineRow):
    typed = ("channel", "number", "day", "text")
    channel = _text("Channel", 40, "Every channel")
    number = FigureField(label="Working days before", required=False)
    day = DayField(label="Or a fixed day", required=False)
    text = _text("Note", 300)


class ContactPersonRow(LineRow):
    typed = ("reach", "person", "name", "role")
    person = forms.ModelChoiceField(
        label="Person", queryset=User.objects.none(), required=False, empty_label="Somebody outside"
    )
    name = _text("Or a name", 120, "Name, if outside Floe")
    role = _text("Role", 80, "Platform on call")
    reach = _text("How to reach them", 160, "Phone, chat, hours")

    def __init__(self, *args: Any, people: "QuerySet[User]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class FormatRow(LineRow):
    typed = ("name", "text")
    name = _text("Data", 120, "Daily export of sends")
    text = forms.CharField(
        label="Format",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Columns, types, separator, time zone"}),
    )  # fmt: skip


ROWS: dict[str, type[RowForm]] = {
    Kind.TURNAROUND: TurnaroundRow, Kind.RISK: RiskRow, Kind.CONTACT: ContactRow,
    Kind.FINAL_EDIT: FinalEditRow, Kind.ESCALATION: ContactPersonRow, Kind.FORMAT: FormatRow,
}  # fmt: skip
FORMSETS = {
    kind: formset_factory(
        row, formset=RowFormSet, extra=1, max_num=MOST_LINES, validate_max=True, can_delete=True
    )
    for kind, row in ROWS.items()
}


class AgreementForm(MergingForm, forms.Form):
    """The next version, filled with the newest one."""

    partner = forms.CharField(
        label="Agreed with",
        max_length=120,
        required=False,
        help_text="Such as “Legal and brand” or “the platform team”.",
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        help_text="Is reminded when the quarter turns, and may change it.",
    )
    note = forms.CharField(
        label="Why it changes",
        max_length=300,
        required=False,
        help_text="Appears in the history of the agreement.",
    )

    def __init__(self, data: Any = None, *, instance: Agreement, by: User) -> None:
        initial = {"partner": instance.partner, "owner": instance.owner_id}
        super().__init__(data, initial=initial)
        self.by = by
        active = User.objects.filter(is_active=True).order_by("name")
        terms = _terms_of(instance)
        present = [term["person"] for term in terms if term.get("person")]
        self.fields["owner"].queryset = with_present(active, instance.owner_id)  # type: ignore[attr-defined]
        if not by.has_perm("experiments.change_standard"):
            self.fields["owner"].disabled = True
        has_people = instance.kind == Kind.ESCALATION
        self.lists["terms"] = FORMSETS[instance.kind](
            data,
            initial=terms,
            prefix="terms",
            form_kwargs={"people": with_present(active, *present)} if has_people else {},
        )
        if instance.pk is None:
            self.is_of_something_new()

    @property
    def terms(self) -> Any:
        return self.lists["terms"]

    def values(self) -> dict[str, Any]:
        names = ("partner", "owner", "note")
        return {**{name: self.cleaned_data[name] for name in names}, "terms": self.terms.rows()}


def _terms_of(agreement: Agreement) -> list[dict[str, Any]]:
    rows = Term.objects.filter(
        agreement_version__agreement=agreement.pk, agreement_version__number=agreement.number
    )
    names = FIELDS[agreement.kind]
    return [
        {"id": place}
        | {name: row.person_id if name == "person" else getattr(row, name) for name in names}
        for place, row in enumerate(rows if agreement.pk else ())
    ]


class DrillForm(forms.Form):
    day = DayField(label="Done on", error_messages={"required": "Enter the day of the drill."})
    outcome = forms.CharField(
        label="What came of it",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what came of the drill."},
    )
    next_due_on = DayField(label="Next one due", required=False)
