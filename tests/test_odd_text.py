"""NUL and half characters, in every field of every page and of the API: a sentence, never a 500."""

import json
import re

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.test_permissions import PAGES, address, our_routes, world  # noqa: F401

ODD = ("a\0b", "\0")
NAME = re.compile(r'<(?:input|textarea|select|button)[^<>]*\sname="([^"]+)"')


@pytest.fixture
def adam_s(client_of, adam) -> Client:
    client = client_of(adam)
    client.raise_request_exception = False
    return client


def test_every_form_answers_odd_text_with_a_sentence(world, adam_s):  # noqa: F811
    wrong = []
    for route in sorted(our_routes()):
        if PAGES[route][1] is None:
            continue
        path = address(route, world)
        names = set(NAME.findall(adam_s.get(path).content.decode(errors="replace")))
        raw = {
            "q",
            "by",
            "note",
            "to",
            "item",
            "order",
            "back",
            "next",
            "mail",
            "text",
            "reason",
            "role",
        }
        for odd in ODD:
            answer = adam_s.post(path, dict.fromkeys(names | raw, odd))
            if answer.status_code >= 500:
                wrong.append((route, answer.status_code))
    assert wrong == []


def test_every_page_answers_an_odd_address(world, adam_s):  # noqa: F811
    names = ("q", "pod", "quarter", "view", "sort", "after", "idea", "ideas", "title", "show", "group",
             "columns", "back", "template", "name", "by", "at", "given", "tag")  # fmt: skip
    query = "&".join(f"{name}=%00{part}" for name in names for part in ("", "x"))
    wrong = [
        route
        for route in sorted(our_routes())
        if PAGES[route][0] is not None
        and adam_s.get(f"{address(route, world)}?{query}").status_code >= 500
    ]
    assert wrong == []


def api_posts(pattern, prefix=""):
    for one in pattern.url_patterns:
        if hasattr(one, "url_patterns"):
            yield from api_posts(one, prefix + str(one.pattern))
        else:
            actions = getattr(one.callback, "actions", {})
            if "post" in actions or "patch" in actions:
                yield prefix + str(one.pattern), "post" if "post" in actions else "patch"


@pytest.mark.parametrize("odd", ["a\0b", "\ud800", {"\ud800": 1}, {"\0": 1}, ["\0"]], ids=ascii)
def test_every_call_answers_odd_text(world, adam_s, odd):  # noqa: F811
    api = [one for one in get_resolver().url_patterns if str(one.pattern).startswith("api/v1")]
    routes = {route for one in api for route in api_posts(one, str(one.pattern))}
    assert len(routes) > 30
    fields = (
        "title",
        "pod",
        "tags",
        "text",
        "name",
        "reason",
        "answers",
        "items",
        "units",
        "seen",
        "ideas",
    )
    body = json.dumps(dict.fromkeys(fields, odd))
    wrong = []
    for path, method in sorted(routes):
        plain = (
            re.sub(r"\(\?P<\w+>[^()]*\)", "1", path)
            .replace("^", "")
            .replace("$", "")
            .replace("\\Z", "")
        )
        plain = re.sub(r"\(\?P<format>.*", "", plain)
        answer = getattr(adam_s, method)("/" + plain, body, content_type="application/json")
        if answer.status_code >= 500:
            wrong.append((plain, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("where", ["http://[", "//[", "http://a]b/", "\ufffd", "/ideas/?q=\ud83d"])
def test_an_odd_page_before_is_none(adam_s, where, db):
    header = where.encode("utf-8", "replace").decode("latin-1")
    for headers in ({"Referer": header}, {"HX-Request": "true", "HX-Current-URL": header}):
        answer = adam_s.post(
            "/ideas/bulk/snooze/",
            {"idea": "1", "back": where.encode("utf-8", "replace").decode()},
            headers=headers,
        )
        assert answer.status_code < 500
        assert adam_s.get("/nowhere/", headers=headers).status_code == 404
