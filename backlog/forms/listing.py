"""Forms of the list: a view to keep."""

from typing import Any

from django import forms

from backlog.forms.merging import MergingForm
from backlog.models import Pod, SavedView, User


class ViewForm(MergingForm, forms.Form):
    """A name, and who sees it; offers only what this person may share."""

    name = forms.CharField(
        max_length=40,
        error_messages={
            "required": "Enter a name.",
            "max_length": "A name can have at most 40 characters.",
        },
    )
    scope = forms.ChoiceField(label="Who sees it", choices=SavedView.Scope.choices)
    pod = forms.ModelChoiceField(
        queryset=Pod.objects.none(), to_field_name="prefix", required=False, empty_label="None"
    )
    query = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, by: User, view: SavedView, initial: Any = None) -> None:
        values = initial or {}
        if view.pk:
            pod = view.pod.prefix if view.pod else None
            values = {"name": view.name, "scope": view.scope, "pod": pod, "query": view.query}
        super().__init__(data, initial=values)
        if not view.pk:
            self.is_of_something_new()
        led = Pod.objects.led_by(by)
        scopes = [SavedView.Scope.PRIVATE]
        scopes += [SavedView.Scope.POD] if led.exists() else []
        scopes += [SavedView.Scope.WORKSPACE] if by.stands_above_pods else []
        self.fields["scope"].choices = [(one, one.label) for one in scopes]  # type: ignore[attr-defined]
        self.fields["pod"].queryset = led  # type: ignore[attr-defined]
        if len(scopes) == 1:
            self.fields["scope"].widget = self.fields["scope"].hidden_widget()
            self.initial["scope"] = scopes[0]
            del self.fields["pod"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("scope") == SavedView.Scope.POD and not cleaned.get("pod"):
            self.add_error("pod", "Choose the pod to share this view with.")
        return {"pod": None, **cleaned}
