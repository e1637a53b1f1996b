"""Forms of the list: a view to keep."""

from typing import Any

from django import forms

from backlog.models import Pod, SavedView, User


class ViewForm(forms.Form):
    """A name, and who sees it; offers only what this person may share."""

    name = forms.CharField(
        max_length=40,
        error_messages={
            "required": "Give the view a name.",
            "max_length": "A name has at most 40 characters.",
        },
    )
    scope = forms.ChoiceField(label="Who sees it", choices=SavedView.Scope.choices)
    pod = forms.ModelChoiceField(
        queryset=Pod.objects.none(), to_field_name="prefix", required=False, empty_label="None"
    )
    query = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
        said = super().clean() or self.cleaned_data
        if said.get("scope") == SavedView.Scope.POD and not said.get("pod"):
            self.add_error("pod", "Choose the pod that shares this view.")
        return {"pod": None, **said}
