"""Who calls: a token in the Authorization header, looked up by its hash."""

from typing import TYPE_CHECKING

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from backlog.flows.tokens import note_use
from backlog.models import ApiToken, User
from backlog.models.access import digest_of
from backlog.permissions import FloeBackend

if TYPE_CHECKING:  # DRF's views import this module through the settings
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer floe_…` acts as the person who made the token."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        try:
            secret = parts[1].decode()
        except (IndexError, UnicodeDecodeError) as broken:
            raise AuthenticationFailed(
                "Send the header “Authorization: Bearer” followed by the token."
            ) from broken
        tokens = ApiToken.objects.usable().select_related("user").filter(digest=digest_of(secret))
        token = tokens.first()
        if token is None or not FloeBackend().user_can_authenticate(token.user):
            raise AuthenticationFailed("This token is unknown, revoked or expired.")
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ScopeAllows(BasePermission):
    """A token that only reads may not write."""

    message = "This token can only read. Create one that can write."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        token = request.auth
        if not isinstance(token, ApiToken) or request.method in SAFE_METHODS:
            return True
        return token.scope == ApiToken.Scope.WRITE
