"""The operations roadmap: who adds to it, what is wrong, which days an item touches."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from backlog.models import Event
from experiments.flows.roadmap import finish_roadmap_item, save_roadmap_item
from experiments.models import RoadmapItem
from tests.browsing import form_on
from tests.factories import make_experiment, make_idea

LIST, NEW = "/roadmap/", "/roadmap/new/"


def add(by, title="Bounce data", **fields):
    return save_roadmap_item(RoadmapItem(), by=by, title=title, **fields)


def titles(client, address):
    return [item.title for item, _ in client.get(address).context["page"].rows]


def sent(**fields):
    return {"title": "Bounce data", "kind": "data", **fields}


def test_a_member_adds_an_item_for_a_quarter_or_for_days(
    client_of, bob, vera, pod, quarter, charlie
):
    client = client_of(bob)
    assert client_of(vera).get(NEW).status_code == 403
    first = client.get(NEW).context["form"]
    assert (first["quarter"].value(), first["owner"].value()) == (quarter.pk, bob.pk)
    done = client.post(NEW, sent(pod=pod.pk, quarter=quarter.pk, needed_by=""))
    assert done.status_code == 302
    starts_on, last_day = quarter.ends_on, quarter.ends_on + dt.timedelta(days=13)
    days = {"starts_on": starts_on.isoformat(), "last_day": last_day.isoformat()}
    assert client.post(NEW, sent(title="Legal text", pod=pod.pk, **days)).status_code == 302
    by_days = RoadmapItem.objects.get(title="Legal text")
    assert (by_days.starts_on, by_days.last_day, by_days.quarter) == (starts_on, last_day, None)
    assert titles(client, LIST) == ["Bounce data"], "the other one touches another quarter"
    assert titles(client, f"{LIST}?quarter=all") == ["Bounce data", "Legal text"]
    assert "Bounce data" not in client_of(charlie).get(LIST).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": ""}, "Say what is to be done."),
        ({}, "Choose a quarter, or enter the first and the last day."),
        ({"starts_on": "2026-12-01"}, "Enter both days, or none of them."),
        ({"starts_on": "2026-12-01", "last_day": "2026-11-30"}, "The last day is before the first."),
        ({"starts_on": "2026-12-01", "last_day": "2026-12-02", "needed_by": "EXP-999"},
         "You can’t see any idea or experiment EXP-999."),
        ({"starts_on": "2026-12-01", "last_day": "2026-12-02", "needed_by": "PAY-1"},
         "You can’t see any idea or experiment PAY-1."),
        ({"starts_on": "2026-12-01", "last_day": "2026-12-02", "needed_by": "EXP-²"},
         "You can’t see any idea or experiment EXP-²."),
        ({"starts_on": "9999-12-30", "last_day": "9999-12-31"}, "Choose a day between 2000 and 2200."),
        ({"quarter": "", "starts_on": "soon"}, "Enter a day, such as 2026-11-14."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_what_was_typed(
    client_of, bob, charlie, pod, other_pod, fields, sentence
):
    make_idea(charlie, other_pod, "Theirs")
    answer = client_of(bob).post(NEW, sent(pod=pod.pk, note="Kept") | fields)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="Kept"' in answer.content.decode()
    assert not RoadmapItem.objects.exists()


def test_an_item_names_what_needs_it(client_of, alice, bob, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    item = add(bob, pod=pod, quarter=objective.quarter)
    client, edit = client_of(bob), reverse("experiments:roadmap_edit", args=[item.pk])
    for key, needs in ((made.key.lower(), made), (made.idea.key, made.idea), ("", None)):
        client.post(edit, form_on(client, edit).data() | {"needed_by": key})
        item.refresh_from_db()
        assert (item.experiment or item.idea) == needs
    client.post(edit, form_on(client, edit).data() | {"needed_by": made.key})
    page = client.get(LIST).content.decode()
    assert f'href="{made.get_absolute_url()}">{made.key}</a>' in page


def test_an_item_is_finished_opened_again_and_removed(client_of, bob, vera, pod, quarter):
    item = add(bob, pod=pod, quarter=quarter)
    done = reverse("experiments:roadmap_done", args=[item.pk])
    assert client_of(vera).post(done).status_code == 403
    client_of(bob).post(done)
    item.refresh_from_db()
    assert (item.state, item.done_by) == ("done", bob)
    client_of(bob).post(done, {"done": "no"})
    item.refresh_from_db()
    assert (item.state, item.done_by) == ("open", None)
    client_of(bob).post(reverse("experiments:roadmap_remove", args=[item.pk]))
    assert not RoadmapItem.objects.exists()
    assert Event.objects.filter(subject="roadmapitem").count() == 4


def test_what_is_everybodys_is_the_programme_owners(bob, olive, charlie, pod, quarter):
    with pytest.raises(PermissionDenied):
        add(bob, quarter=quarter, pod=None)
    item = add(olive, quarter=quarter, pod=None)
    assert list(RoadmapItem.objects.visible_to(charlie)) == [item]
    with pytest.raises(PermissionDenied):
        finish_roadmap_item(item, by=bob)
    with pytest.raises(PermissionDenied):
        save_roadmap_item(item, by=bob, pod=pod)


def test_an_item_of_a_pod_has_an_owner_of_the_pod(bob, charlie, pod, quarter):
    with pytest.raises(ValidationError, match="Charlie is not in Lifecycle"):
        add(bob, pod=pod, quarter=quarter, owner=charlie)


@pytest.mark.parametrize(
    ("shift", "length", "touches"), [(0, 0, False), (-1, 1, False), (-1, 2, True), (91, 5, False),
                                     (0, 1, True), (-5, 200, True)])  # fmt: skip
def test_touching_takes_half_open_ranges(bob, pod, quarter, shift, length, touches):
    starts_on = quarter.starts_on + dt.timedelta(days=20)
    item = add(bob, pod=pod, starts_on=starts_on, ends_on=starts_on + dt.timedelta(days=91))
    first = starts_on + dt.timedelta(days=shift)
    items = RoadmapItem.objects.touching(first, first + dt.timedelta(days=length))
    assert list(items) == ([item] if touches else [])


def test_an_item_with_only_a_quarter_touches_what_the_quarter_touches(bob, pod, quarter):
    item = add(bob, pod=pod, quarter=quarter)
    day = dt.timedelta(days=1)
    assert list(RoadmapItem.objects.touching(quarter.ends_on - day, quarter.ends_on)) == [item]
    assert not RoadmapItem.objects.touching(quarter.ends_on, quarter.ends_on + day).exists()
