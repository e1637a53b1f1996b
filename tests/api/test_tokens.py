"""Tokens: hashed, scoped, expiring, revocable."""

import time

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from backlog.flows.tokens import revoke_token
from backlog.models import ApiToken
from tests.factories import make_idea

IDEAS = "/api/v1/ideas/"


def test_it_lets_nobody_in_without_a_name(client, db):
    assert client.get(IDEAS).status_code == 401
    assert client.post(IDEAS, {}).status_code == 401


def test_a_token_acts_as_its_person(token_of, alice, pod):
    idea = make_idea(alice, pod)
    client, _ = token_of(alice, "read")
    assert [row["id"] for row in client.get(IDEAS).json()["results"]] == [idea.pk]


def test_the_secret_is_not_stored(token_of, alice):
    client, token = token_of(alice)
    secret = client._credentials["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    row = ApiToken.objects.values().get(pk=token.pk)
    assert secret not in str(row)
    assert len(row["hint"]) < len(secret) / 3


def test_a_token_that_reads_may_not_write(token_of, alice, pod):
    client, _ = token_of(alice, "read")
    answer = client.post(IDEAS, {"pod": pod.pk, "title": "No"}, format="json")
    assert answer.status_code == 403
    assert "only read" in answer.json()["detail"]


def test_a_revoked_and_an_expired_token_are_refused(token_of, alice):
    client, token = token_of(alice)
    revoke_token(token, by=alice)
    assert client.get(IDEAS).status_code == 401
    expired, _ = token_of(alice, days=-1)
    assert expired.get(IDEAS).status_code == 401


def test_a_token_of_somebody_who_left_is_refused(token_of, alice):
    client, _ = token_of(alice)
    alice.is_active = False
    alice.save()
    assert client.get(IDEAS).status_code == 401


def test_a_sample_account_gets_in_with_debug_only(token_of, alice, settings):
    alice.is_sample = True
    alice.save()
    client, _ = token_of(alice)
    settings.DEBUG = False
    assert client.get(IDEAS).status_code == 401
    settings.DEBUG = True
    assert client.get(IDEAS).status_code == 200


def test_a_broken_header_is_a_refusal_and_no_crash(client, db):
    for header in ("Bearer", "Bearer \xff", "Bearer x y", "Basic abc"):
        assert client.get(IDEAS, HTTP_AUTHORIZATION=header).status_code == 401


def test_a_read_succeeds_where_nothing_can_be_written(token_of, alice, pod):
    client, token = token_of(alice, scope="read")
    start = transaction.savepoint()
    with connection.cursor() as cursor:
        is_sqlite = connection.vendor == "sqlite"
        cursor.execute("PRAGMA query_only = 1" if is_sqlite else "SET TRANSACTION READ ONLY")
        assert client.get("/api/v1/pods/").status_code == 200
        if is_sqlite:
            cursor.execute("PRAGMA query_only = 0")
    transaction.savepoint_rollback(start)
    token.refresh_from_db()
    assert token.last_used_on is None


def test_the_use_of_a_token_is_written_once_a_day(token_of, alice, pod):
    client, _ = token_of(alice, scope="read")
    client.get("/api/v1/pods/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/pods/")
    assert [
        query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))
    ] == []


@pytest.mark.django_db(transaction=True)
def test_a_read_does_not_wait_for_who_writes(token_of, adam):
    """Another connection holds the lock; on PostgreSQL the row of the token."""
    client, token = token_of(adam, scope="read")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            if other.vendor == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            else:
                cursor.execute("BEGIN")
                cursor.execute(
                    "SELECT 1 FROM backlog_apitoken WHERE id = %s FOR UPDATE", [token.pk]
                )
            start = time.monotonic()
            assert client.get("/api/v1/pods/").status_code == 200
            waited = time.monotonic() - start
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    # Whoever waits for the lock waits for all of it.
    assert waited < connection.settings_dict["OPTIONS"].get("timeout", 20) / 2
    token.refresh_from_db()
    assert token.last_used_on is None
