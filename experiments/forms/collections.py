"""A collection as people type it, and choosing one for a learning."""

from typing import Any

from django import forms
from django.db.models import Q

from backlog.forms.merging import MergingForm
from backlog.models import Pod, User
from experiments.models import Collection


class CollectionForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Collection
        fields = ("name", "about", "pod")
        labels = {"pod": "Who keeps it"}
        help_texts = {"pod": "Everybody reads it; members of this pod change it."}
        widgets = {"about": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"name": {"required": "Give the collection a name."}}

    def __init__(
        self, data: Any = None, *, by: User, instance: Collection, initial: Any = None
    ) -> None:
        super().__init__(data, instance=instance, initial=initial)
        pods: Any = self.fields["pod"]
        pods.queryset = Pod.objects.worked_in_by(by)
        pods.required = not by.has_perm("experiments.change_collection_of_all")
        pods.empty_label = None if pods.required else "Programme owners"

    def _post_clean(self) -> None:
        """The flow fills in and checks the collection."""

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class CollectForm(forms.Form):
    """Which collection a learning goes into, and why."""

    collection = forms.ModelChoiceField(
        Collection.objects.none(),
        label="Collection",
        empty_label=None,
        error_messages={
            "required": "Choose a collection.",
            "invalid_choice": "This collection was removed, or others keep it. Choose another one.",
        },
    )
    why = forms.CharField(label="Why it is in here", max_length=200, required=False)

    def __init__(self, data: Any = None, *, by: User) -> None:
        super().__init__(data)
        field: Any = self.fields["collection"]
        field.queryset = kept_by(by)

    @property
    def has_choices(self) -> bool:
        field: Any = self.fields["collection"]
        return bool(field.queryset.exists())


def kept_by(user: User) -> Any:
    """The collections that this person may change."""
    kept = Q(pod__in=Pod.objects.worked_in_by(user))
    if user.has_perm("experiments.change_collection_of_all"):
        kept |= Q(pod=None)
    return Collection.objects.filter(kept).select_related("pod")
