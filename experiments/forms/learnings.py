"""Learnings as people type them, and the picker of the learnings that an idea cites."""

from typing import Any

from django import forms

from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from experiments.flows.learnings import scope_of
from experiments.models import Experiment, Learning


class LearningForm(forms.Form):
    """One claim. Its scope is filled in from the experiment; Floe works out the grade."""

    claim = forms.CharField(
        max_length=300,
        label="What we know now",
        error_messages={"required": "Say what you learned."},
    )
    scope = forms.CharField(
        max_length=200,
        label="Where it holds",
        help_text="For whom, where and when.",
        error_messages={"required": "Say where it holds."},
    )
    lever = forms.CharField(max_length=60, label="Lever", required=False)
    channel = forms.CharField(max_length=60, label="Channel", required=False)
    segment = forms.CharField(max_length=120, label="Segment", required=False)
    metric = forms.CharField(max_length=80, label="Metric", required=False)
    expires_on = DayField(
        label="Look at it again on",
        required=False,
        help_text="Leave it empty for one season of the metric: a year, unless the metric says otherwise.",
    )

    PARTS = ("lever", "channel", "segment", "metric")

    def __init__(self, data: Any = None, *, experiment: Experiment) -> None:
        super().__init__(data, initial=vars(scope_of(experiment)))

    @property
    def parts(self) -> list[forms.BoundField]:
        """The four fields of the scope that the evidence compares."""
        return [self[name] for name in self.PARTS]


class ScopeForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """Where a learning holds and until when; the claim stays as it is."""

    expires_on = DayField(label="Look at it again on")
    reason = forms.CharField(
        label="Why it changes",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It becomes an amendment of the post-mortem.",
        error_messages={"required": "It is published, so say why its scope changes."},
    )

    class Meta:
        model = Learning
        fields = ("scope", "lever", "channel", "segment", "metric", "expires_on")
        labels = {"scope": "Where it holds"}
        error_messages = {"scope": {"required": "Say where it holds."}}

    def __init__(self, data: Any = None, *, instance: Learning) -> None:
        super().__init__(data, instance=instance)
        if not instance.post_mortem.is_published:
            del self.fields["reason"]

    def _post_clean(self) -> None:
        """The flow fills in and checks the learning."""

    def cleaned_values(self) -> dict[str, Any]:
        names = (*self.Meta.fields, "reason")
        return {name: self.cleaned_data.get(name, "") for name in names}


class CiteForm(forms.Form):
    """Which learning an idea rests on; one that is gone or hidden leaves None, and the flow says so."""

    learning = forms.IntegerField(
        min_value=1,
        max_value=2**62,
        error_messages={"required": "Choose a learning.", "invalid": "Choose a learning."},
    )

    def chosen(self, seen: Any) -> Learning | None:
        rows = seen.select_related("post_mortem__experiment__pod")
        learning: Learning | None = rows.filter(pk=self.cleaned_data["learning"]).first()
        return learning
