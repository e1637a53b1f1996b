"""Asking for the person's password within a form, before a change to roles or access."""

from django import forms
from django.forms import BaseForm
from django.forms.forms import DeclarativeFieldsMetaclass

NAME = "your_password"
WHY = "Enter your own password to continue."
WITHOUT_ONE = (
    "Your account has no password yet. Choose one with “Forgot your password?” on the sign-in "
    "page, "
    "then come back."
)


class PasswordAskedForm(BaseForm, metaclass=DeclarativeFieldsMetaclass):
    """A form that comes back with a password field, and everything else as typed.

    `backlog/views/confirming.py` decides when it is asked for and whether it is right.
    """

    def ask_password(self, sentence: str = WHY) -> None:
        """Show the field with this sentence; the form is invalid from here on."""
        self.fields[NAME] = forms.CharField(
            label="Your password",
            help_text="Floe asks for it before changes to roles or access.",
            strip=False,
            max_length=1000,
            widget=forms.PasswordInput(
                attrs={"autocomplete": "current-password", "autofocus": True}, render_value=False
            ),
        )
        self.add_error(NAME, sentence)

    @property
    def is_password_asked(self) -> bool:
        return NAME in self.fields


class ConfirmForm(PasswordAskedForm, forms.Form):
    """A step that only needs confirmation."""
