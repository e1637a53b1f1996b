"""Mail that leaves Floe."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail

from backlog.flows.outbox import one_line
from backlog.models import Invitation

logger = logging.getLogger("floe")


def can_mail() -> bool:
    """Whether mail goes anywhere: without EMAIL_URL it would only be printed to the log."""
    return not settings.EMAIL_BACKEND.endswith(".console.EmailBackend")


def mail_invitation(invitation: Invitation, link: str) -> bool:
    """Send the link once; False where that was not possible.

    Not a task: the link stands nowhere but in the page that is about to be shown, and a queue
    would keep it.
    """
    if not can_mail():
        return False
    where = f" in {invitation.pod}" if invitation.pod else ""
    text = (
        f"{invitation.invited_by} invites you to work on ideas and experiments{where}.\n\n"
        f"Open this link to choose your name and password:\n{link}\n\n"
        f"It works once, until {invitation.expires_at:%-d %B %Y}."
    )
    try:
        subject = one_line(f"{invitation.invited_by} invites you to Floe")
        sent = send_mail(subject, text, None, [invitation.email])
    except (SMTPException, OSError):
        logger.exception("The invitation %s could not be mailed.", invitation.pk)
        return False
    return bool(sent)
