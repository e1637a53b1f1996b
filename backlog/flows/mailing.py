"""Mail that leaves Floe."""

import logging
from smtplib import SMTPException

from allauth.account import app_settings as account_settings
from allauth.account.utils import user_pk_to_url_str
from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from backlog.flows.outbox import one_line
from backlog.models import Invitation, User

logger = logging.getLogger("floe")


def address_of(path: str) -> str:
    """The full address of a page, by SITE_URL. The host of a request can't be trusted."""
    return f"{settings.SITE_URL}{path}"


def can_mail() -> bool:
    """Whether mail goes anywhere: without EMAIL_URL it would only be printed to the log."""
    return not settings.EMAIL_BACKEND.endswith(".console.EmailBackend")


def mail_invitation(invitation: Invitation, link: str) -> bool:
    """Send the link once. Returns False if that was not possible.

    This is not a task: the link exists only on the next page, and a queue would store it.
    """
    if not can_mail():
        return False
    where = f" in {invitation.pod}" if invitation.pod else ""
    text = (
        f"{invitation.invited_by} invites you to work on ideas and experiments{where}.\n\n"
        f"Open this link to choose your name and password:\n{link}\n\n"
        f"It works once, until {invitation.expires_at:%-d %B %Y}."
    )
    return mail_at_once(invitation.email, f"{invitation.invited_by} invites you to Floe", text)


def mail_at_once(to: str, subject: str, text: str) -> bool:
    """Mail what nothing may store, such as a secret address. Returns False if that was not possible."""
    try:
        return bool(send_mail(one_line(subject), text, None, [to]))
    except (SMTPException, OSError):
        logger.exception("A mail could not be sent at once.")
        return False


@shared_task(  # type: ignore[untyped-decorator]
    autoretry_for=(SMTPException, OSError), retry_backoff=30, max_retries=5
)
def mail_reset_link(email: str) -> int:
    """Mail a link for a new password to the person with this address, if there is one.

    The link is made here and stored nowhere. People who wait too long can ask for a new one.
    """
    user = User.objects.filter(email=email.lower(), is_active=True).first()
    if user is None or not user.may_sign_in:
        return 0
    key = account_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    link = address_of(
        reverse(
            "account_reset_password_from_key",
            kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
        )
    )
    text = (
        f"Somebody (probably you) asked for a new password for {user.email}.\n\n"
        f"Open this link to choose one:\n{link}\n\n"
        "It works once, for a day. If it was not you, do nothing. Your password stays the same."
    )
    return send_mail("A new password for Floe", text, None, [user.email])
