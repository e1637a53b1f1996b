"""The page with everything that the backlog can be narrowed by."""

import datetime as dt
import re
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from backlog.models import Idea, IdeaValue, Objective, OwnField, Quarter
from backlog.words_in_use import Column, words_in_use
from tests.factories import item_of, make_idea, make_round, make_scored_idea, score

URL = reverse("backlog:idea_filter")


def test_it_offers_the_words_of_ideas_that_i_can_see(client_of, alice, charlie, pod, other_pod):
    make_idea(alice, pod, lever="Timing", tags=["lapsed"])
    make_idea(charlie, other_pod, lever="Price", tags=["secret"])
    page = client_of(alice).get(URL, {"lever": "Timing"}).content.decode()
    assert re.search(r'name="lever" value="Timing" checked', page)
    assert "lapsed" in page
    assert "Price" not in page
    assert "secret" not in page


def test_words_come_once_in_order_and_only_those_of_ideas_that_i_see(
    alice, olive, charlie, pod, other_pod
):
    for lever in ("timing", "Timing", "Agenda", "Offer", ""):
        make_idea(alice, pod, f"By {lever}", lever=lever)
    make_idea(charlie, other_pod, lever="Copy")
    market = OwnField.objects.create(name="Market", kind="text", place=1)
    for idea, text in zip(Idea.objects.order_by("pk"), "NSNW SE".replace(" ", ""), strict=False):
        IdeaValue.of(idea.pk, market, text).save()
    columns = [
        Column("lever", "backlog_idea", "lever", "lower(lever)"),
        Column(
            "market", "backlog_ideavalue", "text", "alike", "idea_id", f"field_id = {market.pk}"
        ),
        Column("none", "backlog_ideavalue", "text", "alike", "idea_id", "field_id = 0"),
    ]
    words = words_in_use(columns, Idea.objects.visible_to(alice), most=9)
    assert [word.lower() for word in words["lever"]] == ["agenda", "offer", "timing"]
    assert (words["market"], words["none"]) == (["N", "S", "W"], [])
    assert "Copy" in words_in_use(columns, Idea.objects.visible_to(olive), most=9)["lever"]
    assert len(words_in_use(columns, Idea.objects.all(), most=2)["lever"]) == 2
    assert words_in_use(columns, Idea.objects.none(), most=9)["lever"] == []
    assert words_in_use((), Idea.objects.all(), most=9) == {}


def test_it_asks_the_database_little(client_of, alice, pod, django_assert_max_num_queries):
    make_idea(alice, pod)
    client = client_of(alice)
    with django_assert_max_num_queries(10):
        assert client.get(URL).status_code == 200


def titles(client, **query):
    page = client.get(reverse("backlog:idea_list"), query).content.decode()
    return {title for title in ("Old", "Young", "Split", "Blind") if f">{title}</a>" in page}


@pytest.fixture
def ideas(alice, bob, carol, dave, pod):
    old = make_idea(alice, pod, "Old")
    long_ago = timezone.now() - dt.timedelta(days=100)
    Idea.objects.filter(pk=old.pk).update(created_at=long_ago, updated_at=long_ago)
    make_idea(bob, pod, "Young")
    make_scored_idea(alice, pod, {bob: (9, 9, 9), carol: (1, 1, 1)}, title="Split")
    blind = make_scored_idea(alice, pod, {bob: (9, 9, 9), carol: (9, 9, 9)}, title="Blind")
    score(item_of(make_round(alice, pod, blind), blind), carol, 10, 10, 10)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"younger": 30}, {"Young", "Split", "Blind"}),
        ({"older": 30}, {"Old"}),
        ({"untouched": 90}, {"Old"}),
        ({"agreement": "split"}, {"Split"}),
        ({"ice_least": 4}, {"Split"}),  # what is blind has no score to be found by
        ({"scorers_most": 1}, {"Old", "Young", "Blind"}),
        ({"author": "bob"}, {"Young"}),
        ({"mine": "on"}, {"Blind"}),
        ({"younger": "soon"}, {"Old", "Young", "Split", "Blind"}),
        ({"younger": "-5"}, {"Old", "Young", "Split", "Blind"}),
        ({"older": "9" * 30}, {"Old", "Young", "Split", "Blind"}),
    ],
)
def test_it_narrows_by_age_agreement_scorers_author_and_what_waits_for_me(
    client_of, dave, bob, ideas, query, expected
):
    query = {name: bob.pk if value == "bob" else value for name, value in query.items()}
    assert titles(client_of(dave), **query) == expected


@pytest.fixture
def owned(alice, bob, carol, pod, objective):
    """Three ideas that differ in owner, objective, lever and tags."""
    first = make_idea(alice, pod, "Old", owner=alice, objective=objective, lever="Timing",
                      channel="push", tags=["lapsed", "new"])  # fmt: skip
    second = make_idea(alice, pod, "Young", owner=bob, lever="price", tags=["new"])
    third = make_idea(bob, pod, "Split", owner=carol)
    fourth = make_idea(carol, pod, "Blind")
    Idea.objects.filter(pk=fourth.pk).update(owner=None)
    return [first, second, third, fourth]


SEVERAL = [
    ({"owner": ["alice", "bob"]}, {"Old", "Young"}),
    ({"owner": ["me"]}, {"Young"}),
    ({"owner": ["me", "carol"]}, {"Young", "Split"}),
    ({"owner": ["none"]}, {"Blind"}),
    ({"owner": ["none", "alice"]}, {"Blind", "Old"}),
    ({"owner": ["me"], "exclude": ["owner"]}, {"Old", "Split", "Blind"}),
    ({"owner": ["alice", "bob"], "exclude": ["owner"]}, {"Split", "Blind"}),
    ({"author": ["me"]}, {"Split"}),
    ({"objective": ["none"]}, {"Young", "Split", "Blind"}),
    ({"objective": ["none"], "exclude": ["objective"]}, {"Old"}),
    ({"lever": ["TIMING", "Price"]}, {"Old", "Young"}),
    ({"lever": ["timing"], "exclude": ["lever"]}, {"Young", "Split", "Blind"}),
    ({"lever": ["none"]}, {"Split", "Blind"}),
    ({"channel": ["push", "none"]}, {"Old", "Young", "Split", "Blind"}),
    ({"tag": ["lapsed", "new"]}, {"Old", "Young"}),
    ({"tag": ["lapsed"], "exclude": ["tag"]}, {"Young", "Split", "Blind"}),
    ({"pod": ["LIF"], "exclude": ["pod"]}, set()),
    ({"added": ["today"]}, {"Old", "Young", "Split", "Blind"}),
    ({"changed": ["quarter"]}, {"Old", "Young", "Split", "Blind"}),
    ({"exclude": ["owner"]}, {"Old", "Young", "Split", "Blind"}),
    ({"owner": ["nonsense"]}, {"Old", "Young", "Split", "Blind"}),
    ({"owner": ["me", "9" * 17]}, {"Old", "Young", "Split", "Blind"}),
]


@pytest.mark.parametrize(("query", "expected"), SEVERAL)
def test_several_values_their_opposite_me_and_none(
    client_of, alice, bob, carol, owned, query, expected
):
    people = {"alice": alice.pk, "bob": bob.pk, "carol": carol.pk}
    query = {name: [people.get(one, one) for one in values] for name, values in query.items()}
    assert titles(client_of(bob), **query) == expected


@pytest.mark.parametrize(("query", "expected"), SEVERAL[:-2])
def test_the_api_takes_the_same(client_of, alice, bob, carol, owned, query, expected):
    people = {"alice": alice.pk, "bob": bob.pk, "carol": carol.pk}
    query = {name: [people.get(one, one) for one in values] for name, values in query.items()}
    rows = client_of(bob).get("/api/v1/ideas/", query).json()["results"]
    assert {row["title"] for row in rows} == expected


def test_the_api_says_what_is_wrong_with_a_value(client_of, bob, owned):
    client = client_of(bob)
    assert client.get("/api/v1/ideas/?owner=nobody").status_code == 400
    assert client.get("/api/v1/ideas/?owner=99999999").status_code == 409
    assert client.get("/api/v1/ideas/?" + "&".join(["tag=x"] * 21)).status_code == 400


def test_a_chip_says_all_of_it_and_leaves_with_all_of_it(client_of, bob, owned):
    query = {"owner": ["me", "none"], "exclude": "owner", "lever": "timing"}
    page = client_of(bob).get(reverse("backlog:idea_list"), query).content.decode()
    assert "Owner is not <b>me or none</b>" in page
    assert page.count('name="owner" value="me" form="idea-search"') == 1
    assert 'name="exclude" value="owner" form="idea-search"' in page
    (without,) = re.findall(r'href="([^"]+)"[^>]*>(?:(?!</a>).)*Remove filter Owner', page)
    assert unescape(without).endswith("?lever=timing")


@pytest.mark.parametrize(
    ("now", "first"),
    [("today", "2026-11-11"), ("week", "2026-11-09"), ("month", "2026-11-01"),
     ("quarter", "2026-10-01")],
)  # fmt: skip
def test_since_means_from_its_first_moment(client_of, bob, pod, now, first):
    day = dt.datetime.fromisoformat(first).replace(tzinfo=timezone.get_current_timezone())
    for title, at in (("Old", day - dt.timedelta(seconds=1)), ("Young", day)):
        idea = make_idea(bob, pod, title)
        Idea.objects.filter(pk=idea.pk).update(created_at=at)
    noon = dt.datetime(2026, 11, 11, 12, tzinfo=timezone.get_current_timezone())
    with time_machine.travel(noon, tick=False):
        assert titles(client_of(bob), added=now) == {"Young"}


def test_the_part_for_the_dialog_is_the_form_alone(client_of, bob, owned):
    part = client_of(bob).get(
        URL, {"owner": "me"}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="filter-form"
    )
    page = part.content.decode()
    assert page.strip().startswith('<form id="filter-form"')
    assert re.search(r'name="owner" value="me" checked', page)


def test_namesakes_among_objectives_have_a_heading_each(client_of, alice, vera, pod, objective):
    later = Quarter.objects.create(
        name="The next one", starts_on=objective.quarter.ends_on,
        ends_on=objective.quarter.ends_on + dt.timedelta(days=90),
    )  # fmt: skip
    again = Objective.objects.create(quarter=later, title=objective.title)
    for goal in (objective, again, objective, again):
        make_idea(alice, pod, objective=goal)
    page = client_of(vera).get(reverse("backlog:idea_list"), {"group": "objective"})
    heads = re.findall(r'scope="rowgroup">([^<]+)<', page.content.decode())
    assert heads == [f"{goal} · {goal.quarter}" for goal in (objective, again)]


def test_ideas_are_grouped_and_the_next_page_does_not_repeat_the_heading(
    client_of, alice, charlie, olive, pod, other_pod
):
    for number in range(60):
        make_idea(alice, pod, f"Ours {number}", lever="timing" if number % 2 else "")
    make_idea(charlie, other_pod, "Theirs")
    client = client_of(olive)
    for group, heads in (("pod", ["Lifecycle"]), ("lever", ["Timing", "No lever"]),
                         ("objective", ["No objective"])):  # fmt: skip
        page = client.get(reverse("backlog:idea_list"), {"group": group}).content.decode()
        assert re.findall(r'scope="rowgroup">([^<]+)<', page) == heads
    more = re.search(r'hx-get="([^"]+)"[^>]+hx-target="#more-ideas"',
                     client.get(reverse("backlog:idea_list"), {"group": "pod"}).content.decode())  # fmt: skip
    part = {"HX-Request": "true", "HX-Target": "more-ideas"}
    rest = client.get(unescape(more[1]), headers=part).content.decode()
    assert re.findall(r'scope="rowgroup">([^<]+)<', rest) == ["Paywall"]
    assert rest.count("data-row-link") == 11
    assert "<table" not in rest


def test_the_dialog_keeps_a_word_that_no_idea_has_and_knows_oneself(client_of, alice, pod):
    url = reverse("backlog:idea_filter")
    page = client_of(alice).get(f"{url}?lever=Größe&owner={alice.pk}").content.decode()
    assert re.search(r'<input[^>]*name="lever"[^>]*value="Größe"[^>]*checked', page)
    assert re.search(r'<input[^>]*name="owner"[^>]*value="me"[^>]*checked', page)
