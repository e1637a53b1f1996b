"""Backlog columns: chosen, ordered, pinned, and kept for the next visit."""

import re
from html import unescape

import pytest
from django.urls import reverse

from backlog.views.columns import COLUMNS, Choice
from tests.factories import make_idea

LIST, URL = reverse("backlog:idea_list"), reverse("backlog:idea_columns")


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod, lever="timing", channel="push", tags=["spring"])


def heads(page):
    return re.findall(r'id="sort-(\w+)"', page.content.decode())


def test_the_chosen_columns_are_there_on_the_next_visit(client_of, bob, idea):
    client = client_of(bob)
    client.post(URL, {"column": ["title", "lever", "tags", "key"], "pinned": "1"})
    page = client.get(LIST)
    assert heads(page) == ["title", "lever"]
    text = page.content.decode()
    assert 'data-pinned="1"' in text
    assert all(word in text for word in ("timing", "spring", "LIF-1"))
    client.post(URL, {"usual": "1"})
    assert "rank" in heads(client.get(LIST))


def test_a_column_moves_forward_and_back_without_script(client_of, bob, idea):
    data = {"column": ["rank", "title", "pod"], "up": "pod"}
    page = client_of(bob).post(URL, data).content.decode()
    shown = re.findall(r'name="column" value="(\w+)" checked', page)
    assert shown == ["rank", "pod", "title"]


def test_the_part_for_the_dialog_is_the_form_alone_and_leads_back_to_the_same_list(
    client_of, bob, idea
):
    client, query = client_of(bob), {"lever": "timing", "sort": "title"}
    part = client.get(URL, query, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="columns-form")
    page = part.content.decode()
    assert page.strip().startswith('<form id="columns-form"')
    assert "<main" not in page
    [action] = re.findall(r'action="([^"]+)"', page)
    answer = client.post(unescape(action), {"column": ["title", "lever"]})
    assert answer.url == f"{LIST}?lever=timing&sort=title"


def test_the_list_opens_the_columns_in_a_dialog_and_without_script_on_their_page(
    client_of, bob, idea
):
    page = client_of(bob).get(LIST).content.decode()
    [button] = re.findall(r'<button[^>]*data-open="columns"[^>]*>', page)
    assert f'formaction="{URL}"' in button
    assert page.count('id="columns-form"') == 1
    board = client_of(bob).get(reverse("backlog:idea_board")).content.decode()
    assert 'data-open="columns"' not in board


def test_the_address_may_name_its_own_columns(client_of, bob, idea):
    page = client_of(bob).get(LIST, {"columns": "channel|nonsense,owner"})
    assert heads(page) == ["title", "channel", "owner"]


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_can_be_shown_and_sorted_by(client_of, bob, idea, name):
    column = COLUMNS[name]
    for sort in (column.first, column.second):
        page = client_of(bob).get(LIST, {"columns": name, "sort": sort})
        assert "Name the series" in page.content.decode()


def test_a_cell_shows_text_as_text(client_of, alice, bob, pod):
    make_idea(alice, pod, "<script>x</script>", lever='<img src="x">', tags=["<i>"])
    page = client_of(bob).get(LIST, {"columns": "title,lever,tags"}).content.decode()
    assert "<script>x" not in page
    assert "<img src" not in page
    assert "<i>" not in page


def test_a_choice_reads_back_what_it_writes():
    for text in ("rank,title|pod,ice", "title", "title,key|"):
        assert Choice.read(Choice.read(text).written) == Choice.read(text)
