"""What a step over many ideas asks for."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from backlog.flows.own_values import own_field_called
from backlog.forms.ideas import RejectForm, SnoozeForm
from backlog.forms.own_fields import control_of
from backlog.models import Idea, Objective, OwnField, Pod, User


class TagForm(forms.Form):
    tags = forms.CharField(
        max_length=200,
        help_text="Separate tags with commas. Existing tags stay.",
        error_messages={"required": "Enter at least one tag."},
    )

    def clean_tags(self) -> list[str]:
        return str(self.cleaned_data["tags"]).split(",")


class TagsForm(TagForm):
    """All the tags, as a cell of the list has them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].required = False
        self.fields["tags"].help_text = "Separate tags with commas. They replace the present ones."


def word_form(name: str) -> type[forms.Form]:
    """One short text of an idea; empty takes it away."""
    field = Idea._meta.get_field(name)
    text = forms.CharField(max_length=field.max_length, required=False)  # type: ignore[union-attr]
    return type("WordForm", (forms.Form,), {name: text})


def own_form(field: OwnField) -> type[forms.Form]:
    """One value of an own field; empty takes it away."""
    return type("OwnValueForm", (forms.Form,), {field.slug: control_of(field)})


class ObjectiveForm(forms.Form):
    objective = forms.ModelChoiceField(
        queryset=Objective.objects.none(), required=False, empty_label="None"
    )

    def __init__(self, *args: Any, pods: Sequence[int], by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shared = Q(pod=None) | Q(pod__in=pods)
        goals = Objective.objects.visible_to(by).filter(quarter__ends_on__gt=timezone.localdate())
        field: Any = self.fields["objective"]
        field.queryset = goals.filter(shared).with_labels().distinct()
        field.label_from_instance = lambda goal: f"{goal}, {goal.pod or 'every pod'}"


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Nobody"
    )

    def __init__(self, *args: Any, pods: Sequence[int], by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, memberships__pod__in=pods)
        self.fields["owner"].queryset = people.order_by("name").distinct()  # type: ignore[attr-defined]


class PodForm(forms.Form):
    pod = forms.ModelChoiceField(
        queryset=Pod.objects.none(),
        to_field_name="prefix",
        help_text="The ideas get new keys there. Their old keys stay in their history.",
        error_messages={"required": "Choose a pod."},
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pod"].queryset = Pod.objects.worked_in_by(by)  # type: ignore[attr-defined]


def bulk_form(action: str, data: Any, *, ideas: Sequence[Idea], by: User) -> forms.Form:
    """The form of this step; one without questions where it asks nothing."""
    pods = sorted({idea.pod_id for idea in ideas})
    made: dict[str, Callable[[], forms.Form]] = {
        "tag": lambda: TagForm(data),
        "tags": lambda: TagsForm(data),
        "lever": lambda: word_form("lever")(data),
        "channel": lambda: word_form("channel")(data),
        "objective": lambda: ObjectiveForm(data, pods=pods, by=by),
        "owner": lambda: OwnerForm(data, pods=pods, by=by),
        "move": lambda: PodForm(data, by=by),
        "snooze": lambda: SnoozeForm(data),
        "reject": lambda: RejectForm(data),
    }
    field = own_field_called(action)
    if field is not None:
        return own_form(field)(data)
    return made.get(action, lambda: forms.Form(data))()
