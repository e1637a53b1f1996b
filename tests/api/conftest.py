"""Callers of the API: as somebody signed in, or with a token."""

import pytest
from rest_framework.test import APIClient

from backlog.flows.tokens import make_token


@pytest.fixture
def api_of():
    def signed_in(user):
        client = APIClient()
        client.force_authenticate(user)
        return client

    return signed_in


@pytest.fixture
def token_of():
    """A client that sends a token of this scope, and the token."""

    def with_token(user, scope="write", days=30):
        token, secret = make_token(by=user, name=f"{scope} {days}", scope=scope, days=days)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client, token

    return with_token
