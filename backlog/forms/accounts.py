"""Forms of the sign-in package that Floe answers in its own way."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from backlog.flows.mailing import mail_reset_link
from backlog.flows.queueing import queue_on_commit


class ResetForm(ResetPasswordForm):  # type: ignore[misc]
    """Asks for a new password: the same answer in the same time, whether the address is known."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        queue_on_commit(mail_reset_link, email.lower())
        return email
