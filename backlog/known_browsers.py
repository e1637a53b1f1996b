"""Browsers in which somebody has signed in before. Guessing elsewhere does not lock them out.

A signed cookie names the browser and, as hashes, the accounts that were used in it.
"""

import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from backlog.ways_in import current_way_in

COOKIE = "__Host-floe-known" if settings.IS_HTTPS else "floe-known"
LASTS = 365 * 24 * 3600
MOST_ACCOUNTS = 8
SALT = "backlog.known-browser"


def known_as(request: HttpRequest, email: str) -> str:
    """The name of this browser where this account was signed in before; else ""."""
    browser, accounts = _read(request)
    return browser if _hash(email) in accounts else ""


class KnownBrowserMiddleware:
    """Gives the cookie to people who are signed in after sending a form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or current_way_in() == "api":
            return response
        if request.user.is_authenticated and not known_as(request, request.user.email):
            browser, accounts = _read(request)
            accounts = [_hash(request.user.email), *accounts][:MOST_ACCOUNTS]
            value = signing.dumps([browser or secrets.token_urlsafe(16), accounts], salt=SALT)
            response.set_cookie(
                COOKIE, value, max_age=LASTS, secure=settings.IS_HTTPS, httponly=True,
                samesite="Lax",
            )  # fmt: skip
        return response


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        payload: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return "", []
    return payload[0], payload[1]


def _hash(email: str) -> str:
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:24]
