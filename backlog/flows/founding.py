"""The first admin of an empty installation: the person who gets the set-up token from its operator.

The token is derived from SECRET_KEY (docs/decisions/0038), so each process and machine knows it
without a row or a file. It stops working as soon as somebody has an account.
"""

from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from backlog.models import Event, User, Workspace
from backlog.refusals import Refused

NOT_IT = (
    "This is not the right set-up token. Floe prints the whole address when it starts, and "
    "“manage.py setup_link” prints it again."
)


def setup_token() -> str:
    """160 bits that nobody can know without SECRET_KEY."""
    return salted_hmac("backlog.setup", "the first admin", algorithm="sha256").hexdigest()[:40]


def setup_link(site: str) -> str:
    """The address that opens the first page with the token filled in."""
    return f"{site}{reverse('backlog:welcome')}?token={setup_token()}"


@transaction.atomic
def found_workspace(*, token: str, email: str, name: str, password: str, workspace: str) -> User:
    """Make the person with the set-up token the admin. Refused once anybody has an account."""
    if not constant_time_compare(token.strip(), setup_token()):
        raise Refused(NOT_IT)
    Workspace.objects.get_or_create(pk=1)
    Workspace.objects.filter(pk=1).update(name=workspace)  # takes the write lock before the look
    if User.objects.exists():
        raise Refused("Floe already has an admin. Ask them for an invitation.")
    user = User(email=email.lower(), name=name, role=User.Role.ADMIN)
    user.set_password(password)
    user.full_clean()
    user.save()
    Event.record(user, "found", f"{user} set up Floe.", by=user)
    return user
