"""A form that is sent three times counts once: every form of every page, found by the URLconf."""

import datetime as dt
import re
import threading
from collections import Counter

import pytest
from django.apps import apps
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import resolve, reverse

from backlog.flows.planning import open_quarter
from backlog.models import Comment, KeptAnswer
from tests.browsing import confirm, form_on, posting
from tests.factories import make_idea
from tests.test_permissions import world  # noqa: F401
from tests.test_two_tabs import full_world, pages  # noqa: F401

# Rows that tell of requests and not of what was asked for.
OF_REQUESTS = {"KeptAnswer", "Session", "Heartbeat", "Look", "LogEntry"}
# Views whose form may add something each time, and why.
ADDS_EACH_TIME = {
    "backlog:import_new": "reads a file; what is brought in waits, for its own person, to be confirmed",
    "experiments:past_new": "reads a file; what is brought in waits, for its own person, to be confirmed",
    "experiments:experiment_data": "receives a file, which waits to be confirmed",
    "experiments:library_credit_new": "reads a table and shows it; the rows are added by another form",
    "experiments:data_drop": "receives a file, which waits to be confirmed",
    "backlog:invitation_new": "renews the one invitation, whose link is shown each time",
    "experiments:overlap_estimate": "reads two lists once more; the overlap of a pair is one row",
    "experiments:experiment_dry_run": "counts a list once more and says so",
    "backlog:user_sign_out": "ends what sessions there are by then, and says so each time",
    "backlog:sign_out_elsewhere": "ends what sessions there are by then, and says so each time",
    "experiments:report_mail": "who has a working address gets no second one: test_report_mail.py",
    "experiments:report_share": "shows an address once; nobody has the first one's, and it can be ended",
    "experiments:calendar_subscribe": "shows an address once; nobody has the first one's, and it can be revoked",
    "backlog:token_new": "shows a secret once; nobody has the first one's, and it can be revoked",
}
# What the walk has to get through, so that it does not pass by being refused.
SUCCEEDS = {
    "backlog:idea_new", "backlog:idea_list", "backlog:comment_new", "backlog:round_new",
    "backlog:pod_new", "backlog:quarter_new", "backlog:objective_new", "backlog:view_new", "backlog:own_field_new",
    "backlog:member_new", "experiments:metric_new", "experiments:segment_new",
    "experiments:connector_new", "experiments:blackout_new", "experiments:deadline_new",
    "experiments:quarter_sign_off", "experiments:holdout_list", "experiments:template_keep",
    "experiments:experiment_clone", "experiments:experiment_amend", "experiments:learning_new",
    "experiments:collection_new",
    "experiments:follow_up_new", "experiments:idea_promote",
}  # fmt: skip
WORDS = {
    "email": "new@example.com", "prefix": "NEW", "address": "sqlite:///nowhere.db",
    "starts_on": "2031-01-01", "ends_on": "2031-03-31", "last_day": "2031-03-31", "day": "2031-01-05",
    "share": "10", "seconds": "5", "most_rows": "100", "cap_percentile": "", "discount_rate": "", "usual_margin": "",
    "denominator": "", "value_per_unit": "2.5", "currency": "EUR",
}  # fmt: skip
NEEDED = {
    "experiments:experiment_amend": {"units_per_week": "12000"},
    "experiments:idea_promote": {"arms-1-name": "Named", "metrics-0-name": "Came back"},
}


def filled(form) -> dict:
    """The form as somebody sends it who wrote something into every empty line."""
    data = form.data()
    for one in form.controls:
        if one.is_disabled or not one.name or re.search(r"_FORMS$|-DELETE$|__prefix__", one.name):
            continue
        if one.name in WORDS:
            data[one.name] = data.get(one.name) or WORDS[one.name]
        elif one.kind in ("text", "textarea", "search") and not one.value and "-" not in one.name:
            data[one.name] = "Something new"
        elif one.kind == "number" and not one.value and "required" in one.attributes:
            data[one.name] = one.attributes.get("min") or "1"
        elif one.kind == "select" and not data.get(one.name):
            values = [value for value, _ in one.options if value]
            if values:
                data[one.name] = values[0]
        elif one.kind == "checkbox" and one.name == "ideas":
            data[one.name] = one.value
    return data


def rows() -> Counter:
    return Counter({
        model.__name__: model._base_manager.count()
        for model in apps.get_models()
        if model.__name__ not in OF_REQUESTS
    })  # fmt: skip


def forms_of(client: Client, addresses: list[str]):
    """Every form, once for each address that it posts to and its names."""
    seen = set()
    for page in addresses:
        answer = client.get(page)
        if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
            continue
        for form in posting(answer.content.decode(), page):
            what = (re.sub(r"\d+", "1", form.action), frozenset(form.names))
            if what not in seen:
                seen.add(what)
                yield form


def test_no_form_adds_anything_when_it_is_sent_again(full_world, adam, olive):  # noqa: F811
    open_quarter(by=olive, day=dt.date(2030, 1, 1))
    client = confirm(_signed_in(adam))
    succeeded, doubled = set(), {}
    for form in list(forms_of(client, pages(full_world))):
        name = resolve(form.action.partition("?")[0]).view_name
        if name in ADDS_EACH_TIME or name.startswith("account_"):
            continue
        with transaction.atomic():
            status, more = sent_again(client, form, filled(form) | NEEDED.get(name, {}))
            transaction.set_rollback(True)
        if more:
            doubled[name] = (form.action, status, more)
        if status == 302:
            succeeded.add(name)
    assert doubled == {}
    assert SUCCEEDS - succeeded == set()


def sent_again(client: Client, form, data: dict) -> tuple[int, dict]:
    """The status of the first time, and what the second and third time added."""
    first = client.post(form.action, data)
    before = rows()
    again = [client.post(form.action, data) for _ in range(2)]
    more = rows() - before
    if form.version:  # an edit: history may say twice that it was saved
        more.pop("Event", None)
    elif first.status_code == 302 and resolve(form.action.partition("?")[0]).view_name in SUCCEEDS:
        assert [one.status_code for one in again] == [302, 302], form.action
        assert {one.url for one in again} == {first.url}, form.action
    return first.status_code, dict(more)


def _signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_what_differs_or_comes_from_a_fresh_page_counts_again(client_of, bob, pod, alice):
    idea = make_idea(alice, pod)
    url, page = reverse("backlog:comment_new", args=[idea.pk]), idea.get_absolute_url()
    client = client_of(bob)
    old = form_on(client, url, page=page).data()
    client.post(url, {**old, "text": "Hello"})
    client.post(url, {**old, "text": "Hello"})
    assert Comment.objects.count() == 1
    client.post(url, {**old, "text": "And more"})
    fresh = form_on(client, url, page=page).data()
    client.post(url, {**fresh, "text": "Hello"})
    assert [one.text for one in Comment.objects.order_by("pk")] == ["Hello", "And more", "Hello"]


def test_what_was_refused_can_be_sent_again(client_of, bob, alice, pod):
    idea = make_idea(alice, pod)
    url = reverse("backlog:comment_new", args=[idea.pk])
    client = client_of(bob)
    data = form_on(client, url, page=idea.get_absolute_url()).data() | {"text": ""}
    assert client.post(url, data).status_code == 422
    assert client.post(url, data).status_code == 422
    assert not KeptAnswer.objects.exists()


def test_another_person_with_the_same_form_is_another_form(client_of, alice, bob, pod):
    idea = make_idea(alice, pod)
    url = reverse("backlog:comment_new", args=[idea.pk])
    data = form_on(client_of(bob), url, page=idea.get_absolute_url()).data() | {"text": "Hello"}
    client_of(bob).post(url, data)
    client_of(alice).post(url, data)
    assert Comment.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_three_at_once_make_one(alice, bob, pod):
    idea = make_idea(alice, pod)
    url = reverse("backlog:comment_new", args=[idea.pk])
    clients = [_signed_in(bob) for _ in range(3)]
    data = form_on(clients[0], url, page=idea.get_absolute_url()).data() | {"text": "Hello"}
    answers, start = [], threading.Barrier(3)

    def send(client):
        start.wait()
        answers.append(client.post(url, data))
        connections.close_all()

    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in answers] == [302] * 3
    assert len({one.url for one in answers}) == 1
    assert Comment.objects.count() == 1, connection.vendor
