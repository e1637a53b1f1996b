"""The backlog: ranked, filtered, searched, paged by key, blind where it must be."""

import re
from urllib.parse import unquote_plus

import pytest
from django.urls import reverse

from backlog import paging
from backlog.flows import scoring
from backlog.flows.moves import move_idea
from backlog.models import Idea
from backlog.orders import SORTS
from backlog.paging import PAGE, page_of
from tests.factories import item_of, make_idea, make_round, make_scored_idea, score

URL = reverse("backlog:idea_list")
PART = {"HX-Request": "true", "HX-Target": "idea-table"}


def titles_in(response) -> list[str]:
    return re.findall(r"data-row-link[^>]*>([^<]+)</a>", response.content.decode())


@pytest.fixture
def scored(alice, bob, carol, pod):
    """Three scored ideas, best last, and one that nobody has scored."""
    for place, points in enumerate((3, 5, 8)):
        scores = {bob: (points, points, points), carol: (points, points, points + 1)}
        make_scored_idea(alice, pod, scores, title=f"Scored {place}")
    return make_idea(alice, pod, "Unscored")


def test_it_ranks_by_ice_and_puts_unscored_ideas_last(client_of, vera, scored):
    titles = titles_in(client_of(vera).get(URL))
    assert titles == ["Scored 2", "Scored 1", "Scored 0", "Unscored"]


@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_shows_every_idea_once_over_the_pages(
    client_of, alice, vera, pod, scored, sort, monkeypatch
):
    monkeypatch.setattr("backlog.views.lists.PAGE", 2)
    client, seen, query = client_of(vera), [], {"sort": sort}
    for _ in range(3):
        response = client.get(URL, query)
        seen += titles_in(response)
        more = re.search(r'rel="next" href="/ideas/\?([^"]+)"', response.content.decode())
        if not more:
            break
        query = dict(re.findall(r"([^=&;]+)=([^&]+)", more[1].replace("&amp;", "&")))
        query = {name: unquote_plus(value) for name, value in query.items()}
    assert sorted(seen) == ["Scored 0", "Scored 1", "Scored 2", "Unscored"]


@pytest.mark.parametrize(
    ("sort", "after"),
    [
        ("-ice", "nonsense"), ("-ice", "[" * 100_000), ("-ice", "1"), ("-ice", '{"0": 1, "1": 2}'),
        ("-ice", "[0]"), ("-ice", "[0, 1, 2]"), ("-ice", "[NaN, 1]"), ("-ice", "[-Infinity, 1]"),
        ("-ice", '["0", 1]'), ("-ice", "[null, 1]"), ("-ice", "[0, 1.5]"), ("-ice", "[0, true]"),
        ("-ice", f"[0, {2**63}]"), ("-ice", f"[{10**400}, 1]"), ("scorers", "[2.5, 1]"),
        ("title", '["zz\\ud800", 1]'), ("title", '["zz\\u0000", 1]'), ("title", "[9, 1]"),
        ("age", '["never", 1]'), ("age", '["2000-01-01T00:00:00", 1]'), ("age", "[0, 1]"),
        ("age", '["0001-01-01T00:00:00+14:00", 1]'), ("age", '["\\ud800", 1]'),
        ("owner", '["zz\\ud800", 1, 0, 1]'), ("owner", "[null]"), ("lever", '[null, 0, "1"]'),
    ],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_the_start(client_of, vera, scored, sort, after):
    response = client_of(vera).get(URL, {"sort": sort, "after": after})
    assert response.status_code == 200
    assert len(titles_in(response)) == 4


@pytest.mark.parametrize(
    ("sort", "after"),
    [("-ice", "[0, 0]"), ("title", '["t", 0]'), ("age", '["2000-01-01T00:00:00+00:00", 1]'),
     ("scorers", "[2, 0]"), ("owner", '["zz", 1, 0, 1]'), ("lever", "[null, 0, 0]")],
)  # fmt: skip
def test_a_key_of_the_same_shape_that_makes_sense_is_not_the_start(
    client_of, vera, scored, sort, after
):
    assert len(titles_in(client_of(vera).get(URL, {"sort": sort, "after": after}))) < 4


def test_an_outsider_sees_none_of_it(client_of, charlie, scored):
    assert titles_in(client_of(charlie).get(URL)) == []


def test_it_narrows_by_text_status_lever_tag_owner_and_objective(
    client_of, alice, bob, pod, objective
):
    make_idea(alice, pod, "Push at noon", lever="Timing", channel="Push", tags=["lapsed"])
    make_idea(bob, pod, "Another subject line", objective=objective)
    client = client_of(alice)
    for query, expected in (
        ({"q": "NOON"}, "Push at noon"),
        ({"q": "lif-2"}, "Another subject line"),
        ({"lever": "timing"}, "Push at noon"),
        ({"channel": "push"}, "Push at noon"),
        ({"tag": "lapsed"}, "Push at noon"),
        ({"owner": bob.pk}, "Another subject line"),
        ({"objective": objective.pk}, "Another subject line"),
    ):
        assert titles_in(client.get(URL, query)) == [expected], query
    assert titles_in(client.get(URL, {"status": "scored"})) == []
    assert len(titles_in(client.get(URL, {"pod": "LIF", "status": "new"}))) == 2


def test_who_can_own_an_idea_can_be_filtered_by(client_of, alice, pod, olive):
    make_idea(alice, pod, "Of the programme", owner=olive)
    make_idea(alice, pod, "Of the pod")
    page = client_of(alice).get(URL, {"owner": olive.pk})
    assert titles_in(page) == ["Of the programme"]


def test_rejected_ideas_show_only_when_asked_for(client_of, alice, pod):
    idea = make_idea(alice, pod, "Not for us")
    move_idea(idea, "reject", by=alice, reason="We tried it twice.")
    client = client_of(alice)
    assert titles_in(client.get(URL)) == []
    assert titles_in(client.get(URL, {"status": "rejected"})) == ["Not for us"]


def test_the_pod_of_the_switcher_narrows_it_and_ranks_within(client_of, olive, alice, bob, charlie,
                                                             pod, other_pod):  # fmt: skip
    make_scored_idea(alice, pod, {bob: (5, 5, 5)}, title="Ours")
    make_idea(charlie, other_pod, "Theirs")
    Idea.objects.filter(title="Ours").update(rank=42, pod_rank=1)
    client = client_of(olive)
    assert '<span class="at">42</span>' in client.get(URL).content.decode()
    client.post(reverse("backlog:pod_switch"), {"pod": "LIF"})
    response = client.get(URL)
    assert titles_in(response) == ["Ours"]
    assert '<span class="at">1</span>' in response.content.decode()


def test_a_blind_idea_shows_progress_and_no_number_the_same_to_everybody(
    client_of, alice, bob, carol, vera, pod
):
    idea = make_scored_idea(alice, pod, {bob: (9, 9, 9)}, title="Once scored")
    score(item_of(make_round(alice, pod, idea), idea), bob, 2, 3, 4)
    rows = set()
    for person in (alice, bob, carol, vera):
        page = client_of(person).get(URL, headers=PART).content.decode()
        row = re.search(r'<td class="rank.*?</tr>', page, re.DOTALL)[0]
        rows.add(re.sub(r' data-edit="\w+"', "", row))  # which cells one may change is one's own
    assert len(rows) == 1
    row = rows.pop()
    assert "1 of 2" in row
    assert "hidden until the reveal" in row
    assert not re.search(r"\b9\.0\b|\b3\.0\b", row)


@pytest.mark.parametrize("sort", SORTS)
def test_no_order_betrays_a_hidden_score(client_of, alice, bob, carol, pod, sort):
    """Two worlds that differ in hidden scores only look the same."""
    ideas = [make_idea(alice, pod, title) for title in ("First", "Second")]
    round_ = make_round(alice, pod, *ideas)
    orders = []
    for high, low in ((9, 2), (2, 9)):
        for idea, points in zip(ideas, (high, low), strict=True):
            score(item_of(round_, idea), bob, points, points, points)
        orders.append(titles_in(client_of(carol).get(URL, {"sort": sort})))
    assert orders[0] == orders[1]


def test_search_as_you_type_gets_the_table_only(client_of, vera, scored):
    response = client_of(vera).get(URL, {"q": "Scored"}, headers=PART)
    page = response.content.decode()
    assert page.lstrip().startswith('<div id="idea-table"')
    assert "<html" not in page


def test_quick_add_takes_a_title_and_says_what_is_missing(client_of, bob, pod):
    client = client_of(bob)
    response = client.post(f"{URL}?q=x", {"title": "Gift-link for a friend", "pod": "LIF"})
    assert response.status_code == 302
    assert response.url == f"{URL}?q=x"
    page = client.get(response.url).content.decode()
    assert "LIF-1" in page
    assert "choose an objective" in page
    assert reverse("backlog:idea_edit", args=[Idea.objects.get().pk]) in page
    assert "choose an objective" not in client.get(URL).content.decode()


def test_quick_add_without_a_title_or_too_long_keeps_what_was_typed(client_of, bob, pod):
    client = client_of(bob)
    response = client.post(URL, {"title": "", "pod": "LIF"})
    assert response.status_code == 422
    assert "Enter a title." in response.content.decode()
    response = client.post(URL, {"title": "x" * 201, "pod": "LIF"})
    assert response.status_code == 422
    assert "x" * 201 in response.content.decode()
    assert not Idea.objects.exists()


def test_a_viewer_is_offered_no_quick_add_and_refused_one(client_of, vera, pod):
    client = client_of(vera)
    assert "quickadd" not in client.get(URL).content.decode()
    assert client.post(URL, {"title": "Sneaked in", "pod": "LIF"}).status_code == 422
    assert not Idea.objects.exists()


def test_an_empty_backlog_teaches_and_an_empty_search_offers_the_way_back(client_of, bob, pod):
    client = client_of(bob)
    assert "No ideas yet" in client.get(URL).content.decode()
    assert "No ideas match" in client.get(URL, {"q": "zebra"}).content.decode()


@pytest.mark.parametrize("ideas", [3, 60])
def test_it_asks_the_database_eight_times_at_most_however_many_ideas(
    client_of, alice, bob, pod, ideas, django_assert_max_num_queries
):
    made = [make_idea(alice, pod, f"Idea {number}") for number in range(ideas)]
    make_round(alice, pod, made[0])
    client = client_of(bob)
    with django_assert_max_num_queries(8) as captured:
        response = client.get(URL)
    assert len(titles_in(response)) == min(ideas, PAGE)
    assert not any("COUNT(*)" in query["sql"] and "roundidea" not in query["sql"]
                   for query in captured.captured_queries)  # fmt: skip


def test_after_the_reveal_the_number_stands_in_the_list(client_of, alice, bob, carol, vera, pod):
    idea = make_idea(alice, pod)
    item = item_of(make_round(alice, pod, idea), idea)
    score(item, bob, 4, 5, 6)
    score(item, carol, 6, 7, 8)
    scoring.reveal(item, by=alice)
    page = client_of(vera).get(URL).content.decode()
    assert "6.0, could be" in page


RELATED = [sort for sort in SORTS if sort.strip("-") in ("pod", "objective", "owner")]


def paged(ideas, rows, **options):
    """Titles over all pages, as the list shows them."""
    titles, after = [], ""
    while True:
        page = page_of(ideas, after=after, rows=rows, **options)
        titles += [idea.title for idea in page.ideas]
        after = page.after
        if not after:
            return titles


@pytest.mark.parametrize("group", ["", "pod", "objective"])
@pytest.mark.parametrize("sort", [*RELATED, "title"])
def test_a_list_led_by_another_table_is_the_same_a_group_at_a_time(
    alice, bob, charlie, pod, other_pod, objective, scored, sort, group, monkeypatch
):
    make_idea(charlie, other_pod, "Elsewhere", owner=charlie)
    make_idea(alice, pod, "With a goal", objective=objective, owner=bob)
    make_idea(alice, pod, "Another with a goal", objective=objective)
    query = {"sort": sort, "group": group}
    monkeypatch.setattr(paging, "GROUPS_AT_ONCE", 0)
    whole = paged(Idea.objects.all(), 50, **query)
    assert len(whole) == len(set(whole)) == Idea.objects.count()
    for at_once, rows in ((1, 2), (6, 2), (6, 50)):
        monkeypatch.setattr(paging, "GROUPS_AT_ONCE", at_once)
        assert paged(Idea.objects.all(), rows, **query) == whole
