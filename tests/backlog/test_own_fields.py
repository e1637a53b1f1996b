"""The own fields of a workspace: added, renamed, ordered and removed by a programme owner."""

import pytest
from django.urls import reverse

from backlog.flows.ideas import edit_idea
from backlog.flows.own_fields import add_field, change_field
from backlog.models import Event, IdeaValue, OwnField
from tests.factories import make_idea

BACKLOG = reverse("backlog:idea_list")
LIST, NEW = reverse("backlog:own_field_list"), reverse("backlog:own_field_new")


def at(name, field):
    return reverse(f"backlog:own_field_{name}", args=[field.pk])


def names():
    return list(OwnField.objects.values_list("name", flat=True))


@pytest.fixture
def market(db):
    return OwnField.objects.create(name="Market", kind="choice", choices=["North", "South"])


def test_an_owner_adds_fields_of_each_kind_and_orders_them(tab_of, olive):
    client = tab_of(olive)
    for name, kind in (
        ("Market", "choice"),
        ("Effort", "number"),
        ("Due", "date"),
        ("Note", "text"),
    ):
        data = {"name": name, "kind": kind, "choices": "North\n\n South \nnorth"}
        assert client.post(NEW, data).status_code == 302
    assert names() == ["Market", "Effort", "Due", "Note"]
    market, effort, _, note = OwnField.objects.all()
    assert (market.choices, effort.choices) == (["North", "South"], [])
    client.post(at("move", note), {"up": "1"})
    client.post(at("move", market), {"down": "1"})
    client.post(at("move", effort), {"up": "1"})
    assert names() == ["Effort", "Market", "Note", "Due"]
    assert "Choice: North, South" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": "market", "kind": "text"}, "There is already a field with this name."),
        ({"name": "", "kind": "text"}, "Enter a name."),
        ({"name": "x" * 41, "kind": "text"}, "at most 40 characters"),
        ({"name": "A", "kind": "formula"}, 'aria-invalid="true"'),
        ({"name": "A", "kind": "choice", "choices": " \n "}, "Enter at least one choice."),
        ({"name": "A", "kind": "choice", "choices": "x" * 201}, "at most 200 characters"),
        (
            {"name": "A", "kind": "choice", "choices": "\n".join(map(str, range(51)))},
            "A field can have at most 50 choices. You entered 51.",
        ),
    ],
)
def test_what_cannot_be_a_field_is_refused_with_its_values_kept(
    client_of, olive, market, data, sentence
):
    answer = client_of(olive).post(NEW, data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert names() == ["Market"]


def test_there_are_at_most_twenty(client_of, olive):
    OwnField.objects.bulk_create(OwnField(name=f"F{n}", place=n) for n in range(20))
    answer = client_of(olive).post(NEW, {"name": "One more", "kind": "text"})
    assert "at most 20 own fields" in answer.content.decode()
    assert OwnField.objects.count() == 20


def test_values_of_a_choice_that_is_gone_stay_and_sort_last(tab_of, olive, alice, pod, market):
    idea = make_idea(alice, pod)
    IdeaValue.of(idea.pk, market, "North").save()
    data = {"name": "Region", "choices": "West\nSouth"}
    assert tab_of(olive).save(at("edit", market), data).status_code == 302
    value = IdeaValue.objects.get()
    assert (value.field.name, value.text, value.number) == ("Region", "North", 2.0)


def test_removing_says_how_many_ideas_have_a_value_and_asks(client_of, olive, alice, pod, market):
    for choice in ("North", "South"):
        IdeaValue.of(make_idea(alice, pod).pk, market, choice).save()
    client = client_of(olive)
    assert (
        "The values of 2 ideas will be deleted."
        in client.get(at("remove", market)).content.decode()
    )
    assert OwnField.objects.exists()
    assert client.post(at("remove", market)).status_code == 302
    assert not OwnField.objects.exists()
    assert not IdeaValue.objects.exists()
    assert "2 ideas had a value in it." in Event.objects.first().sentence


def test_what_people_wrote_in_a_name_is_never_markup(client_of, olive, vera):
    OwnField.objects.create(name="<script>alert(1)</script>", kind="choice", choices=["<b>x</b>"])
    page = client_of(vera).get(LIST).content.decode()
    assert "<script>alert" not in page
    assert "<b>x" not in page
    assert "&lt;script&gt;" in page


def test_two_owners_changes_merge(client_of, olive, market):
    client = client_of(olive)
    form = client.get(at("edit", market)).context["form"]
    read = form["version"].value()
    OwnField.objects.filter(pk=market.pk).update(choices=["North", "South", "West"])
    data = {"name": "Region", "choices": "North\nSouth", "version": read}
    assert client.post(at("edit", market), data).status_code == 302
    market.refresh_from_db()
    assert (market.name, market.choices) == ("Region", ["North", "South", "West"])


def test_a_choice_in_other_letters_keeps_its_values_their_place_and_their_filter(
    client_of, alice, olive, pod
):
    field = add_field(by=olive, name="Größe", kind="choice", choices=["Größer", "kleiner"])
    idea = make_idea(alice, pod, "Shorter mails")
    edit_idea(idea, by=alice, own={field.slug: "Größer"})
    field = change_field(field, by=olive, name="Größe", choices=["kleiner", "GRÖßER"])
    assert IdeaValue.objects.get().text == "GRÖßER"
    client = client_of(alice)
    for query in ("", "&sort=" + field.slug):
        page = client.get(f"{BACKLOG}?{field.slug}=GRÖßER{query}").content.decode()
        assert "Shorter mails" in page
