"""Ask for the person's password within the form that needs it (docs/decisions/0040)."""

import time

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import ValidationError

from backlog.forms.accounts import LONGEST_TYPED
from backlog.forms.confirming import NAME, WITHOUT_ONE, PasswordAskedForm
from backlog.views.asking import SignedIn

GIVEN_AT = "password_given_at"
WRONG = "This is not your password. Nothing has changed yet. Try again."


def is_confirmed(request: SignedIn, form: PasswordAskedForm) -> bool:
    """Whether the step may go on. Otherwise `form` asks for the password and keeps what was typed.

    Signing in does not count: a page that is read right after it must not act by itself.
    """
    if _was_given_lately(request):
        return True
    typed = request.POST.get(NAME, "")
    if not request.user.has_usable_password():
        form.ask_password(WITHOUT_ONE)
    elif not typed:
        form.ask_password()
    elif problem := _what_is_wrong_with(request, typed):
        form.ask_password(problem)
    else:
        request.session[GIVEN_AT] = time.time()
        return True
    return False


def _was_given_lately(request: SignedIn) -> bool:
    age = time.time() - float(request.session.get(GIVEN_AT, 0))
    return bool(0 <= age < settings.PASSWORD_ASKED_AFTER_MINUTES * 60)


def _what_is_wrong_with(request: SignedIn, typed: str) -> str:
    """A sentence, or "". Wrong ones count as at the sign-in (docs/decisions/0038)."""
    try:
        is_right: bool = get_adapter(request).reauthenticate(request.user, typed[:LONGEST_TYPED])
    except ValidationError as too_many:
        return " ".join(too_many.messages)
    return "" if is_right else WRONG
