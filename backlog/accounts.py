"""Sign-in by allauth. Its sign-up is closed: accounts come from an invitation or the welcome page.

Wrong passwords are counted in three ways (docs/decisions/0038): per address, per account at one
address or in one known browser, and per account in all browsers where it was never used.
"""

import ipaddress
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from backlog.known_browsers import known_as
from backlog.models import User


def client_address(request: HttpRequest) -> str:
    """Where a request comes from: what the outermost of TRUSTED_PROXIES saw.

    Without such proxies anybody can write X-Forwarded-For, so it is not read.
    """
    seen = request.META.get("REMOTE_ADDR", "")
    if count := settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(hops) >= count and _is_address(hops[-count]):
            seen = hops[-count]
    return seen if _is_address(seen) else "0.0.0.0"  # noqa: S104  (a Unix socket has none)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class ResetTokenGenerator(PasswordResetTokenGenerator):
    """A link for a new password ends with the sessions, and where its account is deactivated.

    Django's own, which looks at the address too: allauth's would import its forms, which import this.
    """

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        value = super()._make_hash_value(user, timestamp)
        return f"{value}{user.session_version}{user.is_active}"


class InvitedOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody can sign up without an invitation, and a sign-in only leads to pages of this Floe."""

    request: HttpRequest
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "too_many_tries_here": "Too many wrong passwords. Wait five minutes and try again, or choose "
        "a new password by e-mail.",
        "too_many_tries_elsewhere": "Somebody has tried many passwords for this account. Use a "
        "browser in which you have signed in before, choose a new password by e-mail, or wait an "
        "hour.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: Any) -> bool:
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count this try, unless there were too many. `authenticate` takes back a right one."""
        account = str(credentials.get("email") or credentials.get("username") or "").lower()
        browser = known_as(request, account)
        here = browser or ratelimit.get_ip(request)
        counted = [
            ("login_failed", "", "too_many_tries_here"),
            ("login_failed_here", f"{account} {here}", "too_many_tries_here"),
        ]
        if not browser:
            counted.append(("login_failed_elsewhere", account, "too_many_tries_elsewhere"))
        self._login_failed_rl_usage = ratelimit.RateLimitUsage(usage=[])
        for action, key, problem in counted:
            used = ratelimit.consume(request, app="allauth.account", action=action, key=key)
            if not used:
                raise self.validation_error(problem)
            self._login_failed_rl_usage.usage += used.usage

    def reauthenticate(self, user: User, password: str) -> bool:
        user_or_none = self.authenticate(self.request, email=user.email, password=password)
        return user_or_none is not None and user_or_none.pk == user.pk
