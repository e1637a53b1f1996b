"""The list sorted and filtered by own fields: every page, every filter, and what saved views keep."""

import datetime as dt
import re
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backlog.models import Idea, IdeaValue, OwnField, SavedView
from tests.factories import make_idea, make_own_fields

LIST = reverse("backlog:idea_list")


@pytest.fixture
def fields(db):
    return make_own_fields(markets=("South", "North"))


@pytest.fixture
def ideas(alice, pod, fields):
    """Eight with values that repeat and cross, and two without any."""
    made = [make_idea(alice, pod, f"Idea {n}") for n in range(10)]
    for n, idea in enumerate(made[:8]):
        values = {
            "Market": ("North", "South")[n % 2], "Effort": float(n // 2 - 1),
            "Due": dt.date(2026, 12, 1 + n % 3), "Note": ("beta", "Alpha", "gamma")[n % 3],
        }  # fmt: skip
        for name, value in values.items():
            IdeaValue.of(idea.pk, fields[name], value).save()
    return made


def titles(client, **query):
    page = client.get(LIST, query).content.decode()
    return re.findall(r'data-row-link title="\S+ (Idea \d+)"', page)


def test_each_order_has_those_without_a_value_last_both_ways(client_of, alice, ideas, fields):
    client = client_of(alice)
    for name, key in (
        ("Market", lambda v: v.number), ("Effort", lambda v: v.number),
        ("Due", lambda v: v.day), ("Note", lambda v: v.text.lower()),
    ):  # fmt: skip
        field = fields[name]
        place = {f"Idea {n}": IdeaValue.objects.get(idea=one, field=field)
                 for n, one in enumerate(ideas[:8])}  # fmt: skip
        rising = titles(client, sort=field.slug)
        falling = titles(client, sort=f"-{field.slug}")
        assert set(rising[8:]) == set(falling[8:]) == {"Idea 8", "Idea 9"}
        assert falling[:8] == rising[:8][::-1]
        keys = [key(place[title]) for title in rising[:8]]
        assert all(one <= other for one, other in pairwise(keys)), name


@pytest.mark.parametrize("group", ["", "pod"])
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("query", ["", "status=new&q=", "author=me"])
def test_pages_join_without_a_gap(client_of, alice, ideas, fields, monkeypatch, group, sign, query):

    monkeypatch.setattr("backlog.views.lists._as_many", lambda show: 3)
    client = client_of(alice)
    for field in fields.values():
        seen, url = [], f"{LIST}?sort={sign}{field.slug}&group={group}&{query}"
        while url:
            page = client.get(url).content.decode()
            seen += re.findall(r'data-row-link title="\S+ (Idea \d+)"', page)
            more = re.search(r'rel="next" href="([^"]+)"', page)
            url = more.group(1).replace("&amp;", "&") if more else ""
        assert len(seen) == len(set(seen)) == 10, field


def test_the_walk_and_the_sort_give_the_same(client_of, alice, ideas, fields, monkeypatch):
    client, effort, market = client_of(alice), fields["Effort"].slug, fields["Market"].slug
    query = {"sort": f"-{effort}", market: "north", "status": "any"}
    walked = titles(client, **query)
    monkeypatch.setattr("backlog.walking.WALKED", 1)
    assert titles(client, **query) == walked
    assert len(walked) == 4


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"Market": ["north"]}, {0, 2, 4, 6}),
        ({"Market": ["North", "none"]}, {0, 2, 4, 6, 8, 9}),
        ({"Market": ["North"], "exclude": ["Market"]}, {1, 3, 5, 7, 8, 9}),
        ({"Market": ["none"]}, {8, 9}),
        ({"Note": ["ALPHA", "gamma"]}, {1, 2, 4, 5, 7}),
        ({"Effort_from": ["0"]}, {2, 3, 4, 5, 6, 7}),
        ({"Effort_from": ["0"], "Effort_to": ["1"]}, {2, 3, 4, 5}),
        ({"Effort_to": ["-1"]}, {0, 1}),
        ({"Due_from": ["2026-12-02"], "Due_to": ["2026-12-02"]}, {1, 4, 7}),
        ({"Market": ["South"], "Due_to": ["2026-12-01"]}, {3}),
        ({"Effort_from": ["nan"]}, set(range(10))),
        ({"Due_from": ["31.02.2026"]}, set(range(10))),
        ({"Market": ["'; DROP TABLE"]}, set()),
    ],
)
def test_filters_find_just_what_fits(client_of, alice, ideas, fields, query, shown):
    def renamed(text):
        name, bar, end = text.partition("_")
        return f"{fields[name].slug}{bar}{end}" if name in fields else text

    sent = {
        renamed(name): [renamed(one) if name == "exclude" else one for one in values]
        for name, values in query.items()
    }
    listed = titles(client_of(alice), **sent)
    assert {int(title.split()[1]) for title in listed} == shown


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_filter_and_an_order_by_one_field_lose_nothing(
    client_of, alice, ideas, fields, monkeypatch, sign
):
    monkeypatch.setattr("backlog.walking.WALKED", 1)
    client = client_of(alice)
    market, effort, due, note = (one.slug for one in fields.values())
    for query, count in (
        ({market: ["north"]}, 4), ({market: ["north", "SOUTH"]}, 8), ({market: ["none"]}, 2),
        ({market: ["South", "none"]}, 6), ({market: ["South"], "exclude": market}, 6),
        ({market: ["Gone"]}, 0), ({note: ["ALPHA", "beta"]}, 6), ({note: ["alpha", "none"]}, 5),
        ({f"{effort}_from": "0", f"{effort}_to": "0"}, 2), ({f"{effort}_to": "1"}, 6),
        ({f"{due}_from": "2026-12-02"}, 5), ({f"{due}_to": "2026-12-01"}, 3),
    ):  # fmt: skip
        slug = next(iter(query)).partition("_")[0]
        assert len(titles(client, sort=f"{sign}{slug}", **query)) == count, query


def test_the_dialog_offers_the_fields_and_chips_say_what_is_on(client_of, alice, ideas, fields):
    client, market, effort = client_of(alice), fields["Market"].slug, fields["Effort"].slug
    page = client.get(reverse("backlog:idea_filter"), {market: "North"}).content.decode()
    assert f'name="{market}" value="South"' in page
    assert f'name="{market}" value="none"' in page
    assert f'name="{effort}_from"' in page
    page = client.get(LIST, {market: ["North", "none"], f"{effort}_from": "0"}).content.decode()
    assert "Market is <b>North or none</b>" in page
    assert "Effort, from is <b>0</b>" in page


def test_a_saved_view_keeps_columns_order_and_filters(client_of, alice, ideas, fields):
    client, market = client_of(alice), fields["Market"].slug
    query = f"{market}=South&sort=-{market}&columns=title,{market}"
    client.post(
        reverse("backlog:view_new"),
        {"name": "South", "scope": "private", "query": query, "pod": ""},
    )
    view = SavedView.objects.get()
    page = client.get(view.get_absolute_url()).content.decode()
    assert page.count("data-row>") == 4
    assert "Market is <b>South</b>" in page
    OwnField.objects.all().delete()
    page = client.get(view.get_absolute_url()).content.decode()
    assert page.count("data-row>") == 10


@pytest.mark.parametrize(
    "after",
    ["[]", "[null]", "[1]", '["x",1]', "[null,1,2,3]", "[NaN,1]", "{}", "7", '["2026-99-99",1]',
     "[1e999,1]", '[1,"x"]', "null"],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_the_start(client_of, alice, ideas, fields, after):
    for field in fields.values():
        answer = client_of(alice).get(LIST, {"sort": field.slug, "after": after})
        assert answer.status_code == 200


def test_a_name_that_is_no_field_sorts_and_filters_nothing(client_of, alice, ideas, fields):
    client = client_of(alice)
    for sort in ("own999", "-own0", "own1__idea__author__password", "own_values__text"):
        assert len(titles(client, sort=sort)) == 10
    assert len(titles(client, own999="x", own1__text="x", columns="title,own999")) == 10


def test_another_pods_values_show_nowhere(client_of, charlie, alice, ideas, fields):
    client, note = client_of(charlie), fields["Note"].slug
    assert titles(client, sort=note, columns=f"title,{note}") == []
    assert "gamma" not in client.get(reverse("backlog:idea_filter")).content.decode()


def test_the_list_asks_as_many_questions_with_ten_ideas_as_with_one(
    client_of, alice, ideas, fields
):
    client, every = client_of(alice), ",".join(one.slug for one in fields.values())
    query = {"columns": f"title,{every}", "sort": fields["Effort"].slug, "status": "any",
             fields["Market"].slug: "North"}  # fmt: skip
    client.get(LIST, query)
    with CaptureQueriesContext(
        connection,
    ) as many:
        client.get(LIST, query)
    Idea.objects.exclude(pk=ideas[0].pk).delete()
    with CaptureQueriesContext(connection) as one:
        client.get(LIST, query)
    assert len(one) == len(many)
    assert len(many) <= 12
