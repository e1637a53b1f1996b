"""Forms of the sign-in package, in Floe's words and in its own way."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.fields import PasswordField, SetPasswordField
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from django import forms
from django.http import HttpRequest

from backlog.flows.mailing import mail_reset_link
from backlog.flows.queueing import queue_on_commit

GOOD = "At least 10 characters, and not a common password."
LONGEST, LONGEST_TYPED = 128, 1000  # one that is chosen; one that was chosen before there was a cap


class Plain(forms.Form):
    """Without placeholders: they repeat the labels and are gone as soon as somebody types."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class NewPassword(Plain):
    """A new password, typed twice."""

    password1 = SetPasswordField(label="New password", max_length=LONGEST, help_text=GOOD)
    password2 = PasswordField(
        label="Repeat the new password", autocomplete="new-password", max_length=LONGEST
    )


class SignInForm(Plain, LoginForm):  # type: ignore[misc]
    """The page has the link for who forgot the password; help is plain text here."""

    password = PasswordField(
        label="Password", autocomplete="current-password", max_length=LONGEST_TYPED
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail"


class OwnPasswordForm(NewPassword, ChangePasswordForm):  # type: ignore[misc]
    oldpassword = PasswordField(
        label="Current password", autocomplete="current-password", max_length=LONGEST_TYPED
    )
    field_order = ("oldpassword", "password1", "password2")

    def clean_oldpassword(self) -> str:
        """Wrong ones count as at the sign-in: no page tells more guesses right from wrong."""
        typed: str = self.cleaned_data["oldpassword"]
        adapter = get_adapter()
        if not adapter.reauthenticate(self.user, typed):
            raise adapter.validation_error("enter_current_password")
        return typed


class NewPasswordForm(NewPassword, ResetPasswordKeyForm):  # type: ignore[misc]
    """The form behind a reset link."""


class ResetForm(Plain, ResetPasswordForm):  # type: ignore[misc]
    """Asks for a new password: the same answer in the same time, whether the address is known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail"

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        queue_on_commit(mail_reset_link, email.lower())
        return email
