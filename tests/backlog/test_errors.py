"""No traceback ever reaches a person: a page in Floe's words does."""

from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from backlog.refusals import Refused

RAISED: dict[str, Exception] = {
    "refused": Refused("Its plan is sealed."),
    "denied": PermissionDenied("Only the leads of this pod may."),
    "missing": Http404(),
    "odd": SuspiciousOperation("tampered"),
    "broken": ValueError("a secret of the code"),
}


@login_not_required
def fail(request: HttpRequest, how: str) -> HttpResponse:
    raise RAISED[how]


urlpatterns = [path("<slug:how>/", fail), path("api/v1/<slug:how>/", fail)]
handler400 = "backlog.errors.bad_request"
handler403 = "backlog.errors.permission_denied"
handler404 = "backlog.errors.page_not_found"
handler500 = "backlog.errors.server_error"

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]
HTMX = {"HX-Request": "true", "HX-Target": "idea-table"}


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ("refused", 409, "Its plan is sealed."),
        ("denied", 403, "Only the leads of this pod may."),
        ("missing", 404, "Page not found"),
        ("odd", 400, "Floe could not read this request"),
        ("broken", 500, "Something went wrong on our side"),
    ],
)
def test_each_failure_has_its_page(
    visitor: Client, settings: Any, debug: bool, how: str, status: int, words: str
) -> None:
    settings.DEBUG = debug
    answer = visitor.get(f"/{how}/")
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    assert "secret of the code" not in answer.content.decode()


@pytest.mark.parametrize("debug", [True, False])
def test_an_address_that_leads_nowhere_has_the_same_page(
    visitor: Client, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug
    answer = visitor.get("/no/such/thing/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


@pytest.mark.parametrize(
    ("how", "status"), [("refused", 409), ("denied", 403), ("missing", 404), ("broken", 500)]
)
def test_the_api_answers_in_json(visitor: Client, how: str, status: int) -> None:
    answer = visitor.get(f"/api/v1/{how}/")
    assert answer.status_code == status
    assert list(answer.json()) == ["detail"]


def test_a_refusal_within_a_page_becomes_its_message(visitor: Client) -> None:
    answer = visitor.post("/refused/", headers=HTMX)
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#messages"
    assert answer.content.decode().lstrip().startswith('<div id="messages"')
    assert "Its plan is sealed." in answer.content.decode()


def test_a_failure_is_logged_with_its_traceback(visitor: Client, caplog: Any) -> None:
    visitor.get("/broken/")
    record = next(record for record in caplog.records if record.name == "floe")
    assert record.exc_info[0] is ValueError


def test_the_page_of_a_failure_asks_no_database(
    visitor: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        visitor.get("/broken/")


def test_a_form_without_its_token_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/refused/")
    assert answer.status_code == 403
    assert "Please send the form again" in answer.content.decode()


def test_somebody_who_must_sign_in_returns_to_the_page_and_not_to_the_post(
    visitor: Client, settings: Any
) -> None:
    settings.ROOT_URLCONF = "tests.browser.kit_urls"
    page = "http://testserver/kit/?q=pear"
    plain = visitor.post("/kit/add/", {"text": "x"}, headers={"Referer": page})
    assert plain["Location"] == "/account/login/?next=/kit/%3Fq%3Dpear"
    swift = visitor.post("/kit/add/", headers={**HTMX, "HX-Current-URL": page})
    assert swift["HX-Redirect"] == plain["Location"]
    foreign = visitor.post("/kit/add/", headers={"Referer": "https://elsewhere.example/x"})
    assert foreign["Location"] == "/account/login/?next=/"
