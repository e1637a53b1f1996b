"""Write an idea down in full."""

import html
import re

import pytest
from django.urls import reverse

from backlog.models import Idea, Objective
from tests.factories import HYPOTHESIS

URL = reverse("backlog:idea_new")


def test_it_writes_the_idea_with_all_its_parts(client_of, bob, pod, objective):
    data = {"title": "Name the series", "pod": "LIF", "objective": objective.pk, "owner": bob.pk,
            "tags": "Win-back, lapsed , ", "lever": "Subject line", **HYPOTHESIS}  # fmt: skip
    response = client_of(bob).post(URL, data)
    idea = Idea.objects.get()
    assert response.url == idea.get_absolute_url()
    assert (idea.author, idea.objective, idea.lever) == (bob, objective, "Subject line")
    assert sorted(tag.name for tag in idea.tags.all()) == ["lapsed", "win-back"]
    assert [field for field, _ in idea.missing] == ["scores"]


def test_without_a_title_it_says_so_beside_the_field_and_keeps_the_rest(client_of, bob, pod):
    response = client_of(bob).post(URL, {"pod": "LIF", "title": " ", "observation": "Kept words"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Enter a title." in page
    assert "Kept words" in page


def test_it_refuses_an_objective_of_another_pod(client_of, olive, pod, other_pod, quarter):
    theirs = Objective.objects.create(quarter=quarter, pod=other_pod, title="Trial to paid")
    data = {"title": "Name the series", "pod": "LIF", "objective": theirs.pk}
    response = client_of(olive).post(URL, data)
    assert response.status_code == 422
    assert "belongs to another pod." in response.content.decode()
    assert not Idea.objects.exists()


def test_a_tag_that_is_too_long_is_refused_beside_its_field(client_of, bob, pod):
    response = client_of(bob).post(URL, {"title": "T", "pod": "LIF", "tags": "x" * 60})
    assert response.status_code == 422
    assert "is too long" in response.content.decode()
    assert not Idea.objects.exists()


def test_a_viewer_and_an_outsider_cannot_add_to_the_pod(client_of, vera, charlie, pod):
    assert "There is no pod you can add ideas to" in client_of(vera).get(URL).content.decode()
    for person in (vera, charlie):
        assert client_of(person).post(URL, {"title": "T", "pod": "LIF"}).status_code == 422
    assert not Idea.objects.exists()


def test_title_and_pod_of_the_quick_add_are_filled_in(client_of, bob, pod):
    page = client_of(bob).get(URL, {"title": "From the list", "pod": "LIF"}).content.decode()
    assert 'value="From the list"' in page


def test_it_asks_the_database_little(client_of, bob, pod, objective, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(URL)


def test_an_address_can_fill_the_form_in(client_of, bob, pod):
    query = {
        "title": "Name the series",
        "observation": "half stop",
        "link": "https://example.com/a",
    }
    page = client_of(bob).get(reverse("backlog:idea_new"), query).content.decode()
    assert 'value="Name the series"' in page
    assert "half stop" in page
    assert "Seen at &lt;https://example.com/a&gt;" in page


@pytest.mark.parametrize("link", ["javascript:alert(1)", "", "x" * 9000])
def test_an_odd_link_is_left_out(client_of, bob, pod, link):
    page = client_of(bob).get(reverse("backlog:idea_new"), {"link": link}).content.decode()
    assert "Seen at" not in page


def test_a_pasted_e_mail_fills_the_form_in_and_adds_nothing(client_of, bob, pod):
    mail = "From: Ann\nBetreff: AW: Name the series\n\nThey ask for it.\n> earlier words\n-- \nAnn"
    page = client_of(bob).post(reverse("backlog:idea_new"), {"mail": mail}).content.decode()
    assert 'value="Name the series"' in page
    assert "They ask for it." in page
    assert "earlier words" not in page
    assert not Idea.objects.exists()


def test_the_quick_form_is_on_every_page_of_those_who_may_add(client_of, bob, vera, pod):
    today = reverse("backlog:today")
    assert 'id="quick-idea"' in client_of(bob).get(today).content.decode()
    assert 'id="quick-idea"' not in client_of(vera).get(today).content.decode()


def test_a_link_for_the_bookmarks_leads_here_with_what_page_one_was_on(client_of, bob):
    body = client_of(bob).get("/ideas/new/").content.decode()
    link = html.unescape(re.search(r'href="(javascript:[^"]+)"', body)[1])
    assert link.startswith('javascript:location.assign("http://testserver/ideas/new/"+')
    assert "encodeURIComponent(document.title)" in link
    answer = client_of(bob).get("/ideas/new/?title=A+page&link=https%3A%2F%2Fexample.com")
    assert 'value="A page"' in answer.content.decode()
    assert "https://example.com" in answer.content.decode()


def is_folded(page):
    return re.search(r'<details class="more "><summary>.{0,400}?All fields', page, re.S) is not None


@pytest.mark.parametrize(("query", "folded"), [
    ({}, True),
    ({"title": "A page", "link": "https://example.com"}, True),
    ({"title": "A page", "observation": "half stop"}, False),
    ({"all": "1"}, False),
])  # fmt: skip
def test_a_title_is_enough_and_other_fields_are_folded_unless_filled_in(
    client_of, bob, pod, query, folded
):
    page = client_of(bob).get(URL, query).content.decode()
    assert is_folded(page) is folded
    assert page.index('name="title"') < page.index('name="description"') < page.index("All fields")


def test_what_is_wrong_in_a_folded_field_is_in_sight(client_of, bob, pod):
    page = client_of(bob).post(URL, {"title": "T", "pod": "LIF", "tags": "x" * 60}).content.decode()
    assert not is_folded(page)


def test_an_e_mail_pasted_into_the_quick_form_fills_it_in_there(client_of, bob, pod):
    mail = "From: Ann\nSubject: Name <b>the</b> series\n\nThey ask & ask."
    headers = {"HX-Request": "true", "HX-Target": "quick-fields"}
    page = client_of(bob).post(URL, {"mail": mail}, headers=headers).content.decode()
    assert page.lstrip().startswith('<div id="quick-fields"')
    assert 'value="Name &lt;b&gt;the&lt;/b&gt; series"' in page
    assert "They ask &amp; ask.</textarea>" in page
    assert not Idea.objects.exists()
