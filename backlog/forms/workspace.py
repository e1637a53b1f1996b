"""The form of the workspace."""

from django import forms

from backlog.forms.merging import MergingForm
from backlog.models import Workspace


class WorkspaceForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Workspace
        fields = ("name", "ice_formula", "quarter_start_month", "first_weekday", "write_up_days")
        help_texts = {
            "ice_formula": "If you change the formula, all ideas are ranked again from the same scores.",
            "quarter_start_month": "Quarters that are already open keep their dates.",
            "first_weekday": "The weeks of the calendar, of limits and of loads start on it.",
            "write_up_days": "After the decision. A turnaround time that was agreed for post-mortems comes first. Days that are already set stay.",
        }

    def _post_clean(self) -> None:
        """The flow writes the row and checks it."""
