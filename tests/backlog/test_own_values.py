"""Values of own fields: written on the idea's form and in cells, shown, filled down, undone."""

import datetime as dt

import pytest
from django.urls import reverse

from backlog.flows.ideas import edit_idea
from backlog.flows.own_values import own_values_of
from backlog.models import Event, Idea, IdeaValue, OwnField
from tests.factories import make_idea, make_own_fields

LIST = reverse("backlog:idea_list")
HTMX = {
    "HX-Request": "true",
    "HX-Target": "cell-form",
    "HX-Current-URL": f"http://testserver{LIST}",
}


def at(name, idea, *more):
    return reverse(f"backlog:idea_{name}", args=[idea.pk, *more])


@pytest.fixture
def fields(db):
    return make_own_fields()


@pytest.fixture
def typed(fields):
    """A value of each, as a form sends it."""
    values = {"Market": "South", "Effort": "2.5", "Due": "2026-12-01", "Note": "=1+1 <script>"}
    return {fields[name].slug: value for name, value in values.items()}


def full(idea):
    return dict(zip(("Market", "Effort", "Due", "Note"), own_values_of(idea).values(), strict=True))


WRITTEN = {
    "Market": "South", "Effort": 2.5, "Due": dt.date(2026, 12, 1), "Note": "=1+1 <script>"
}  # fmt: skip


def test_an_idea_is_added_and_shown_with_its_values(tab_of, alice, pod, typed):
    client = tab_of(alice)
    data = {"title": "One", "pod": "LIF", "tags": "", **typed}
    assert client.post(reverse("backlog:idea_new"), data).status_code == 302
    idea = Idea.objects.get()
    assert full(idea) == WRITTEN
    for name in ("detail", "peek"):
        page = client.get(at(name, idea)).content.decode()
        assert "1 Dec 2026" in page
        assert "=1+1 &lt;script&gt;" in page
        assert "<script> " not in page


def test_an_edit_changes_values_writes_history_and_a_version(tab_of, alice, pod, typed, fields):
    idea = make_idea(alice, pod, "One")
    client = tab_of(alice)
    assert client.save(at("edit", idea), {"title": "One", **typed}).status_code == 302
    assert full(idea) == WRITTEN
    assert Event.objects.first().sentence == "Alice changed owner, Market, Effort, Due, Note."
    assert Idea.objects.get().version == idea.version + 1
    assert (
        client.save(at("edit", idea), {"title": "One", **typed, fields["Due"].slug: ""}).status_code
        == 302
    )
    assert full(idea) == WRITTEN | {"Due": None}


def test_two_peoples_changes_to_two_fields_merge_and_to_one_are_shown(
    client_of, alice, bob, pod, typed, fields
):
    idea = make_idea(alice, pod, "One")
    edit_idea(idea, by=alice, own={fields["Market"].slug: "South"})
    page = client_of(bob).get(at("edit", idea))
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    edit_idea(Idea.objects.get(), by=alice, own={fields["Effort"].slug: 3.0})
    mine = data | {fields["Note"].slug: "Mine"}
    assert client_of(bob).post(at("edit", idea), mine).status_code == 302
    assert full(idea) == {"Market": "South", "Effort": 3.0, "Due": None, "Note": "Mine"}
    edit_idea(Idea.objects.get(), by=alice, own={fields["Market"].slug: "North"})
    answer = client_of(bob).post(at("edit", idea), data | {fields["Market"].slug: ""})
    assert answer.status_code == 422
    assert "compare the two versions" in answer.content.decode()
    assert full(idea)["Market"] == "North"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("Effort", "nan", "Enter a number"), ("Effort", "inf", "Enter a number"),
        ("Effort", "1e300", "1000000000000000"), ("Effort", "many", "Enter a number"),
        ("Due", "9999-12-31", "between 2000 and 2200"), ("Due", "0001-01-01", "between 2000"),
        ("Due", "tomorrow", "Enter a day"), ("Market", "East", "aria-invalid"),
        ("Note", "x" * 10_000, "at most 200 characters"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused_and_nothing_typed_is_lost(
    client_of, alice, pod, fields, name, value, sentence
):
    data = {"title": "Kept", "pod": "LIF", fields[name].slug: value}
    answer = client_of(alice).post(reverse("backlog:idea_new"), data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="Kept"' in answer.content.decode()
    assert not Idea.objects.exists()


def test_a_value_of_a_choice_that_is_gone_is_shown_and_survives_an_edit(tab_of, alice, pod, fields):
    idea, market = make_idea(alice, pod, "One"), fields["Market"]
    edit_idea(idea, by=alice, own={market.slug: "South"})
    OwnField.objects.filter(pk=market.pk).update(choices=["North"])
    client = tab_of(alice)
    assert "South (no longer offered)" in client.get(at("edit", idea)).content.decode()
    client.save(at("edit", idea), {"title": "Two", market.slug: "South"})
    assert full(idea)["Market"] == "South"
    assert "South" in client.get(at("detail", idea)).content.decode()


def test_a_column_shows_the_values_and_a_cell_changes_one(client_of, alice, vera, pod, fields):
    idea, effort = make_idea(alice, pod, "One"), fields["Effort"].slug
    client = client_of(alice)
    chosen = {"column": ["title", effort, fields["Note"].slug], "pinned": "0"}
    assert client.post(reverse("backlog:idea_columns"), chosen).status_code == 302
    page = client.get(LIST).content.decode()
    assert "Effort</a>" in page
    assert f'data-edit="{effort}"' in page
    cell = at("cell", idea, effort)
    form = client.get(cell, headers=HTMX)
    assert f'aria-label="Effort of {idea.key}"' in form.content.decode()
    version = client.get(cell).context["form"]["version"].value()
    answer = client.post(cell, {effort: "1200.5", "version": version}, headers=HTMX)
    assert "1,200.5" in answer.content.decode()
    assert full(idea)["Effort"] == 1200.5
    assert client_of(vera).post(cell, {effort: "1"}).status_code == 403
    for unknown in ("own999", "own", "own9999999999999999999", "own٣"):
        assert client.get(at("cell", idea, "title").replace("title", unknown)).status_code == 404


def test_one_value_is_filled_down_and_undone(client_of, alice, pod, fields):
    market = fields["Market"].slug
    ideas = [make_idea(alice, pod, title) for title in ("One", "Two", "Three")]
    edit_idea(ideas[0], by=alice, own={market: "North"})
    client = client_of(alice)
    url = reverse("backlog:idea_bulk", args=[market])
    client.post(url, {"idea": [one.pk for one in ideas], market: "South", "back": LIST})
    assert {full(one)["Market"] for one in ideas} == {"South"}
    change = alice.bulk_changes.get()
    assert change.sentence == "3 ideas given a value of Market."
    edit_idea(Idea.objects.get(pk=ideas[2].pk), by=alice, own={market: None})
    client.post(reverse("backlog:bulk_undo", args=[change.pk]))
    assert [full(one)["Market"] for one in ideas] == ["North", None, None]


def test_an_undo_passes_over_a_field_that_is_gone(client_of, alice, pod, fields):
    idea, note = make_idea(alice, pod, "One"), fields["Note"]
    client = client_of(alice)
    url = reverse("backlog:idea_bulk", args=[note.slug])
    client.post(url, {"idea": idea.pk, note.slug: "Now", "back": LIST})
    note.delete()
    answer = client.post(reverse("backlog:bulk_undo", args=[alice.bulk_changes.get().pk]))
    assert answer.status_code == 302
    assert not IdeaValue.objects.exists()


def test_another_pods_idea_takes_no_value(client_of, charlie, alice, pod, fields):
    idea, note = make_idea(alice, pod, "One"), fields["Note"].slug
    assert client_of(charlie).post(at("cell", idea, note), {note: "Theirs"}).status_code == 404
    client_of(charlie).post(
        reverse("backlog:idea_bulk", args=[note]), {"idea": idea.pk, note: "Theirs", "back": LIST}
    )
    assert not IdeaValue.objects.exists()
