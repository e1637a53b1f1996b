"""Forms of people: pods and who is in them, accounts, tokens."""

from typing import Any

from django import forms
from django.forms import BoundField

from backlog.flows.open_work import Pile
from backlog.forms.confirming import PasswordAskedForm
from backlog.forms.merging import MergingForm
from backlog.models import ApiToken, Membership, Pod, User
from backlog.time_zones import time_zones


class PodForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Pod
        fields = ("name", "prefix", "outcome")
        error_messages = {"name": {"required": "Enter a name."}}

    def clean_prefix(self) -> str:
        return str(self.cleaned_data["prefix"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prefix"] = forms.CharField(
            max_length=6,
            help_text=Pod._meta.get_field("prefix").help_text,
            error_messages={"required": "Enter two to six letters, such as LIF."},
        )

    def _post_clean(self) -> None:
        """The flow makes the pod and checks it, with the prefix in capitals."""


class LimitForm(MergingForm, forms.Form):
    """A pod's limit on ideas in progress."""

    progress_limit = forms.IntegerField(
        label="Limit", required=False, min_value=1, max_value=999,
        help_text="The most ideas in a round or promoted at once. Leave it empty for no limit.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, pod: Pod) -> None:
        super().__init__(data, initial={"progress_limit": pod.progress_limit})


class MemberForm(PasswordAskedForm, MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Membership
        fields = ("user", "role", "duty", "department")
        labels = {"user": "Person"}
        help_texts = {
            "role": "Viewers read. Members add and score ideas. Leads also run rounds and manage the pod.",
            "duty": "What this person does in the pod.",
            "department": "For example marketing, product or editorial.",
        }

    def __init__(self, *args: Any, pod: Pod, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["user"]
        else:
            self.is_of_something_new()
            outside = User.objects.filter(is_active=True).exclude(memberships__pod=pod)
            self.fields["user"].queryset = outside.order_by("name")  # type: ignore[attr-defined]

    @property
    def gives_lead(self) -> bool:
        """Whether somebody becomes a lead who was none."""
        before = self.instance.role if self.instance.pk else ""
        return bool(self.cleaned_data["role"] == Membership.Role.LEAD != before)

    def _post_clean(self) -> None:
        """The flow writes the membership and checks it."""


class ProfileForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(choices=lambda: [(zone, zone) for zone in time_zones()])

    class Meta:
        model = User
        fields = ("name", "time_zone")

    def _post_clean(self) -> None:
        """The flow writes the person and checks it."""


class TokenForm(PasswordAskedForm, forms.Form):
    """What the token is for, what it may do, for how long."""

    name = forms.CharField(
        max_length=60,
        help_text="What you will use it for, such as “nightly export”.",
        error_messages={"required": "Enter a name, so that you recognise the token later."},
    )
    scope = forms.ChoiceField(label="Access", choices=ApiToken.Scope)
    days = forms.TypedChoiceField(
        label="Expires after",
        coerce=int,
        choices=[(30, "30 days"), (90, "90 days"), (365, "a year")],
        initial=90,
    )


class RoleForm(PasswordAskedForm, MergingForm, forms.Form):
    """What somebody may do in the whole workspace."""

    role = forms.ChoiceField(choices=User.Role)

    def __init__(self, data: Any = None, *, of: User) -> None:
        super().__init__(data, initial={"role": of.role}, auto_id=f"%s-{of.pk}")
        self.fields["role"].widget.attrs["aria-label"] = f"Role of {of}"


class DeactivateForm(PasswordAskedForm, forms.Form):
    """For each pod in which something is open: who takes it over, or nobody."""

    def __init__(self, data: Any = None, *, of: User, work: list[tuple[Pod, list[Pile]]]) -> None:
        super().__init__(data)
        self.work = work
        for pod, piles in work:
            if any(pile.moves for pile in piles):
                self.fields[_to(pod)] = forms.ModelChoiceField(
                    label=f"Hand over open work in {pod} to",
                    queryset=pod.scorers().exclude(pk=of.pk),
                    required=False,
                    empty_label="Nobody yet: leave it as it is",
                    error_messages={"invalid_choice": f"Choose a member or lead of {pod}."},
                )

    @property
    def successors(self) -> dict[Pod, User]:
        given = {pod: self.cleaned_data.get(_to(pod)) for pod, _ in self.work}
        return {pod: to for pod, to in given.items() if to is not None}

    def by_pod(self) -> list[tuple[Pod, list[Pile], BoundField | None]]:
        """Each pod with what is open there and the field that asks who takes it over."""
        return [
            (pod, piles, self[_to(pod)] if _to(pod) in self.fields else None)
            for pod, piles in self.work
        ]


def _to(pod: Pod) -> str:
    return f"to_{pod.pk}"
