"""A database that takes no changes, and a disk that is full: pages are read, changes answer 503."""

import errno
import sqlite3

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from backlog.flows import readiness
from backlog.models import Heartbeat, Idea
from backlog.storage import BUSY, FULL, READ_ONLY, trouble_of
from tests.test_permissions import PAGES, address, world  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true", "HX-Target": "idea-table"}


class ReadOnly:
    """The test's own connection takes no changes inside of the block."""

    def __enter__(self):
        self._say("ON")

    def __exit__(self, *failed):
        self._say("OFF")

    def _say(self, switch):
        orders = {"sqlite": "PRAGMA query_only", "postgresql": "SET default_transaction_read_only"}
        with connection.cursor() as cursor:
            cursor.execute(f"{orders[connection.vendor]} = {switch}")


@pytest.fixture
def admins(adam, client_of):
    client = client_of(adam)
    client.raise_request_exception = False
    return client


def test_every_page_is_read_as_ever(world, admins):  # noqa: F811
    """No page writes on its way, or it does without where it can't."""
    pages = [address(route, world) for route, (reads, _) in PAGES.items() if reads is not None]
    pages = [page for page in pages if page != reverse("readyz")]
    before = {page: admins.get(page).status_code for page in pages}
    with ReadOnly():
        after = {page: admins.get(page).status_code for page in pages}
    assert after == before
    assert 200 in before.values()


def test_no_change_answers_as_if_floe_were_broken(world, admins):  # noqa: F811
    """Each form is sent empty: it is refused as ever, or answers that nothing can be saved."""
    sent = [address(route, world) for route, (_, sends) in PAGES.items() if sends is not None]
    statuses = {}
    with ReadOnly():
        for page in sent:
            statuses[page] = admins.post(page).status_code
    assert {page: status for page, status in statuses.items() if status in (400, 500)} == {}
    assert 503 in statuses.values()


def test_a_change_says_that_nothing_was_saved_and_works_again_by_itself(pod, admins):
    page = {"pod": pod.prefix, "title": "Name the series"}
    with ReadOnly():
        answer = admins.post("/ideas/new/", page)
        part = admins.post("/ideas/", page, headers=HTMX)
        assert admins.get("/ideas/").status_code == 200
    assert answer.status_code == part.status_code == 503
    assert answer["Retry-After"]
    for html in (answer.content.decode(), part.content.decode()):
        assert READ_ONLY in html
        assert "What you typed is still in your form" in html
    assert part["HX-Retarget"] == "#messages"
    if connection.vendor == "sqlite":
        assert admins.post("/ideas/new/", page).status_code == 302
        assert Idea.objects.filter(title="Name the series").exists()


def test_the_api_says_so_as_json(pod, alice, token_of):
    api, _ = token_of(alice)
    with ReadOnly():
        assert api.get("/api/v1/ideas/").status_code == 200
        answer = api.post("/api/v1/ideas/", {"pod": pod.pk, "title": "X"}, format="json")
    assert answer.status_code == 503
    assert READ_ONLY in answer.json()["detail"]


def test_signing_in_says_so_although_it_fails_outside_of_the_view(bob):
    visitor = Client(raise_request_exception=False)
    with ReadOnly():
        answer = visitor.post(
            "/account/login/", {"login": "bob@example.com", "password": "a long password"}
        )
    assert answer.status_code == 503
    assert READ_ONLY in answer.content.decode()


def _of_sqlite(code):
    error = sqlite3.OperationalError("as the library says it")
    error.sqlite_errorcode = code
    wrapped = OperationalError("as Django says it")
    wrapped.__cause__ = error
    return wrapped


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (_of_sqlite(sqlite3.SQLITE_FULL), FULL),
        (_of_sqlite(sqlite3.SQLITE_READONLY), READ_ONLY),
        (_of_sqlite(sqlite3.SQLITE_BUSY), BUSY),
        (_of_sqlite(sqlite3.SQLITE_BUSY | (2 << 8)), BUSY),
        (_of_sqlite(sqlite3.SQLITE_ERROR), ""),
        (OSError(errno.ENOSPC, "No space"), FULL),
        (OSError(errno.EROFS, "Read-only"), READ_ONLY),
        (OSError(errno.ENOENT, "No such file"), ""),
        (ValueError("a mistake of ours"), ""),
    ],
)
def test_a_mistake_of_ours_is_no_trouble_of_the_disk(error, trouble):
    assert trouble_of(error) == trouble


def test_readiness_tells_an_admin_what_is_missing_and_anybody_else_that_it_is(
    admins, client_of, alice
):
    Heartbeat.beat("worker")
    Heartbeat.beat("beat")
    assert admins.get("/readyz").json() == {
        "ready": True, "database": "ok", "broker": "ok", "worker": "ok", "beat": "ok", "disk": "ok",
    }  # fmt: skip
    others = (Client(), client_of(alice))  # signed in before the database took no more changes
    with ReadOnly():
        answer = admins.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["database"] == "accepts no changes"
        for other in others:
            assert other.get("/readyz").json() == {"ready": False}


@pytest.mark.parametrize("gone", ["worker", "beat"])
def test_an_admin_reads_what_stands_still_at_the_top_of_each_page(
    gone, admins, client_of, alice, settings, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(readiness, "_known", readiness.Readiness())
    monkeypatch.setattr(readiness, "STARTS_WITHIN", readiness.dt.timedelta(0))
    for name in {"worker", "beat"} - {gone}:
        Heartbeat.beat(name)
    assert "Background work has been stopped" not in admins.get("/pods/").content.decode()
    readiness.look_and_keep()
    page = admins.get("/pods/").content.decode()
    assert "Background work has been stopped since" in page
    assert f"{readiness.NAMES[gone]} is not running" in page
    assert "Background work" not in client_of(alice).get("/pods/").content.decode()
    Heartbeat.beat(gone)
    readiness.look_and_keep()
    assert "Background work has been stopped" not in admins.get("/pods/").content.decode()


def test_a_worker_at_a_long_task_is_not_taken_for_dead():
    now = readiness.timezone.now()
    minutes = readiness.dt.timedelta(minutes=1)
    Heartbeat.beat("beat")
    Heartbeat.objects.filter(name="beat").update(seen_at=now - 4 * minutes)
    Heartbeat.beat("worker", doing="work_on", doing_since=now - 5 * minutes)
    assert readiness.look().is_ready
    Heartbeat.beat("worker", doing="work_on", doing_since=now - 30 * minutes)
    assert readiness.look().in_words["worker"] == "is still working on work_on"


def test_a_disk_that_is_nearly_full_is_said_before_it_is_full(settings, monkeypatch):
    Heartbeat.beat("worker")
    Heartbeat.beat("beat")
    settings.DISK_RESERVE_BYTES = 1 << 60
    readiness_now = readiness.look()
    assert not readiness_now.is_ready
    assert "MB left" in readiness_now.in_words["disk"]
