"""The API answers what its description says: every operation, asked with what fits it and what does not."""

import random

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from rest_framework.test import APIClient

from tests.contract import METHODS, WRITES, Asking, Person, operations, read_description
from tests.test_permissions import world  # noqa: F401  (the fixture)

EACH = 2  # cases that fit, and as many that do not, of each operation for each person


@pytest.fixture(scope="module")
def described():
    return read_description()


def test_every_operation_says_how_it_refuses(described):
    for path, method, operation in operations(described):
        needed = {"400", "401", "403", "405", "503"} | (
            {"409", "413", "415"} if method in WRITES else set()
        )
        assert needed <= operation["responses"].keys(), (path, method)


def test_every_write_can_be_repeated_safely_and_every_change_says_what_it_builds_on(described):
    keyless = set()
    for path, method, operation in operations(described):
        names = {one["name"] for one in operation.get("parameters", ())}
        if method in WRITES and "Idempotency-Key" not in names:
            keyless.add(path.split("/")[-2])
        if method in ("put", "patch") or "428" in operation["responses"]:
            assert "If-Match" in names, (path, method)
            assert "428" in operation["responses"], (path, method)
    assert keyless == {"assignments"}, "it only works something out"


@pytest.fixture
def one_connection():
    """A request through WSGI ends with the connection of the test closed otherwise."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.django_db
def test_it_answers_as_described(world, adam, bob, described, one_connection):  # noqa: F811
    """As an admin and as a member of the pod, by turns."""
    asking = Asking(described, tuple(Person(user, random.Random(1)) for user in (adam, bob)))
    for operation in asking.every_operation():
        asking.at_random(operation, EACH)
        if operation.method == "get":
            asking.plainly(operation)
    assert not asking.wrong, "\n\n".join(f"{k}\n{v}" for k, v in list(asking.wrong.items())[:20])
    reads = [f"GET {path}" for path, method, _ in operations(described) if method == "get"]
    wanted = {(user.pk, read) for user in (adam, bob) for read in reads}
    assert wanted <= asking.taken, "what there is to read was not reached"


def test_another_method_is_refused_with_those_that_there_are(world, adam, described):  # noqa: F811
    client = APIClient()
    client.force_authenticate(adam)
    person = Person(adam, random.Random(1))
    for path, methods in described["paths"].items():
        here = path.replace("{id}", str(person.an_id(path.split("/")[3])))
        for method in sorted(METHODS - methods.keys()):
            answer = getattr(client, method)(here)
            allowed = {one.strip().lower() for one in answer.get("Allow", "").split(",")}
            assert (answer.status_code, allowed & METHODS) == (405, METHODS & methods.keys()), here
