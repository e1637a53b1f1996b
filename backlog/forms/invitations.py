"""Forms of the ways in: invitations, and the first account of an empty Floe."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from backlog.caps import MOST_INVITED
from backlog.forms.accounts import GOOD, LONGEST
from backlog.forms.addresses import addresses_in
from backlog.forms.confirming import PasswordAskedForm
from backlog.models import Invitation, Membership, Pod, User


class InvitationForm(PasswordAskedForm, forms.ModelForm):  # type: ignore[type-arg]
    email = forms.CharField(
        label="E-mail addresses",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text="One or many, with commas, spaces or lines between them.",
        error_messages={"required": "Enter at least one e-mail address."},
    )

    class Meta:
        model = Invitation
        fields = ("email", "pod", "pod_role", "role")
        labels = {"pod_role": "Role in the pod", "role": "Role in the workspace"}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        may_give_roles = by.has_perm("backlog.change_role")
        pod = self.fields["pod"]
        pod.queryset = Pod.objects.led_by(by)  # type: ignore[attr-defined]
        pod.required = not may_give_roles
        pod.empty_label = "No pod yet" if may_give_roles else None  # type: ignore[attr-defined]
        if not may_give_roles:
            del self.fields["role"]

    def clean_email(self) -> list[str]:
        """The addresses, each once, in small letters."""
        addresses = [address.lower() for address in addresses_in(self.cleaned_data["email"])]
        if len(addresses) > MOST_INVITED:
            raise ValidationError(
                f"You can invite {MOST_INVITED} people at once. You entered {len(addresses)}."
            )
        return addresses

    @property
    def gives_power(self) -> bool:
        """Whether who accepts leads a pod, or stands above all of them."""
        cleaned = self.cleaned_data
        leads = cleaned["pod"] is not None and cleaned["pod_role"] == Membership.Role.LEAD
        return bool(leads or cleaned.get("role", User.Role.MEMBER) != User.Role.MEMBER)

    def _post_clean(self) -> None:
        """The flow makes the invitation and checks it."""


class _NewPasswordForm(forms.Form):
    """A name and a password good enough to keep."""

    name = forms.CharField(
        max_length=80,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name. Other people will see it."},
    )
    password = forms.CharField(
        strip=False,
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
        help_text=GOOD,
        error_messages={"required": "Choose a password."},
    )

    def _email(self) -> str:
        return ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("password"):
            somebody = User(email=self._email(), name=cleaned.get("name", ""))
            try:
                validate_password(cleaned["password"], somebody)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class AcceptForm(_NewPasswordForm):
    """Takes up an invitation."""

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation

    def _email(self) -> str:
        return self.invitation.email


class WelcomeForm(_NewPasswordForm):
    """Sets up an empty installation."""

    workspace = forms.CharField(
        max_length=80, label="Name of the workspace", help_text="For example your company or team."
    )
    email = forms.EmailField(
        label="Your e-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    token = forms.CharField(
        max_length=100,
        label="Set-up token",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Floe prints it when it starts, and “manage.py setup_link” prints it again.",
        error_messages={"required": "Enter the set-up token that Floe printed when it started."},
    )
    field_order = ("workspace", "name", "email", "password", "token")

    def _email(self) -> str:
        return str(self.cleaned_data.get("email", ""))
