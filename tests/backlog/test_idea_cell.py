"""Cells of the list, edited in place; the same addresses work as pages of their own."""

import pytest
from django.urls import reverse

from backlog.models import Idea
from tests.browsing import version_on
from tests.factories import make_idea


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod, "Name the series", lever="copy")


def url(idea, cell="title"):
    return reverse("backlog:idea_cell", args=[idea.pk, cell])


def part(name):
    return {"HX-Request": "true", "HX-Target": name, "HX-Current-URL": "http://testserver/ideas/"}


@pytest.mark.grooming("D12")
@pytest.mark.parametrize("cell", ["title", "objective", "owner", "lever", "channel", "tags"])
def test_every_cell_that_the_list_marks_can_be_opened(client_of, bob, idea, cell):
    page = client_of(bob).get(url(idea, cell), headers=part("cell-form")).content.decode()
    assert page.lstrip().startswith('<form id="cell-form"')
    assert f'name="{cell}"' in page


def test_a_saved_cell_comes_back_as_its_row(client_of, bob, idea):
    client = client_of(bob)
    data = {"title": "Name the <b>series</b>", **version_on(client, url(idea))}
    answer = client.post(url(idea), data, headers=part("cell-form"))
    assert answer.headers["HX-Retarget"] == f"#idea-{idea.pk}"
    row = answer.content.decode()
    assert row.startswith(f'<tr id="idea-{idea.pk}"')
    assert "Name the &lt;b&gt;series&lt;/b&gt;" in row


def test_without_script_it_goes_back_to_the_list(tab_of, bob, idea):
    answer = tab_of(bob).save(url(idea, "tags"), {"tags": "a, B"})
    assert answer.url == reverse("backlog:idea_list")
    assert sorted(idea.tags.values_list("name", flat=True)) == ["a", "b"]


def test_edits_to_other_fields_merge(tab_of, bob, alice, idea):
    tab = tab_of(bob)
    read = version_on(tab, url(idea))
    Idea.objects.filter(pk=idea.pk).update(lever="timing", version=9)
    tab.post(url(idea), {"title": "Mine", **read})
    idea.refresh_from_db()
    assert (idea.title, idea.lever) == ("Mine", "timing")


def test_an_edit_of_the_same_field_is_told_and_nothing_is_overwritten(tab_of, bob, idea):
    client = tab_of(bob)
    read = version_on(client, url(idea))
    Idea.objects.filter(pk=idea.pk).update(title="Theirs")
    answer = client.post(url(idea), {"title": "Mine", **read})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Theirs" in page
    assert 'value="Mine"' in page
    idea.refresh_from_db()
    assert idea.title == "Theirs"
    client.save(url(idea), {"title": "Mine"})
    idea.refresh_from_db()
    assert idea.title == "Mine"


def test_an_empty_title_is_refused_beside_what_was_typed(tab_of, bob, idea):
    answer = tab_of(bob).save(url(idea), {"title": "  "})
    assert answer.status_code == 422
    assert "Enter a title." in answer.content.decode()


def test_a_score_is_no_cell_to_write_into(client_of, bob, idea):
    for cell in ("ice", "impact", "rank", "state", "pod"):
        assert client_of(bob).post(url(idea, cell), {cell: "10"}).status_code == 404


def test_somebody_of_another_pod_finds_nothing_and_a_viewer_may_not(client_of, charlie, vera, idea):
    assert client_of(charlie).get(url(idea)).status_code == 404
    assert client_of(vera).post(url(idea), {"title": "x"}).status_code == 403
