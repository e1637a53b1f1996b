"""The Standards room: a row for each kind, its owner, its waivers, its last look; milestones in sets."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from backlog import agenda
from backlog.models import Event, Pod, Quarter, User
from backlog.refusals import Refused
from experiments.flows import milestones
from experiments.flows.agreements import save_agreement
from experiments.flows.milestones import floes_own, save_milestone_set
from experiments.flows.standards import STANDARDS, name_owner, review_standard
from experiments.models import (
    Agreement,
    Milestone,
    MilestoneSet,
    PlanTemplate,
    StandardKind,
    StandardOwner,
    StandardReview,
    Waiver,
)
from experiments.plan.reviews import why_due
from tests.browsing import form_on
from tests.factories import make_experiment

ROOM = "/standards/"


def room(client):
    return client.get(ROOM).context["rows"]


def row_of(client, kind):
    return next(row for row in room(client) if row.standard.kind == kind)


def test_the_room_has_one_row_for_each_kind_that_leads_to_its_page(client_of, vera):
    client = client_of(vera)
    page = client.get(ROOM).content.decode()
    assert [row.standard.kind.value for row in room(client)] == StandardKind.values
    for standard in STANDARDS:
        assert f'href="{reverse(standard.page)}"' in page
        own = client.get(reverse(standard.page)).content.decode()
        assert f'href="{ROOM}" aria-current="page"' in own, standard.kind
        assert "Standards</a>" in own, standard.kind
    assert "Mark as looked at" not in page, "only programme owners and owners look"


def test_overlaps_belong_to_the_standards_too(client_of, alice):
    page = client_of(alice).get(reverse("experiments:overlap_new")).content.decode()
    assert f'href="{ROOM}" aria-current="page"' in page


def test_the_list_of_experiments_no_longer_holds_the_standards(client_of, vera):
    page = client_of(vera).get(reverse("experiments:experiment_list")).content.decode()
    main = page[page.index("<main") :]
    assert "Drop an export" in main
    assert "Calculator" in main
    for standard in STANDARDS:
        assert f'href="{reverse(standard.page)}"' not in main or standard.page.startswith("backlog")


def test_how_often_a_standard_was_waived_is_counted_by_quarter_and_by_what_one_sees(
    client_of, alice, bob, charlie, pod, objective
):
    make_experiment(alice, pod, objective=objective, analyst=bob, waived=("checklist", "contact"))
    Waiver.objects.filter(standard="contact").update(at=timezone.now() - dt.timedelta(days=200))
    client = client_of(bob)
    assert row_of(client, "templates").times == (1, 1)
    assert row_of(client, "agreements").times == (0, 1)
    assert row_of(client, "waivers").times == (1, 2)
    assert row_of(client, "metrics").times is None
    assert row_of(client_of(charlie), "waivers").times == (0, 0)


def test_a_look_is_recorded_with_its_note_by_the_programme_owner_or_the_owner(
    client_of, tab_of, bob, carol, olive
):
    owner_page = reverse("experiments:standard_detail", args=["metrics"])
    look = reverse("experiments:standard_look", args=["metrics"])
    assert client_of(bob).post(look).status_code == 403
    assert tab_of(olive).save(owner_page, {"owner": str(bob.pk)}).status_code == 302
    assert StandardOwner.objects.get().owner == bob
    client_of(bob).post(look, {"note": "Ana checked <i>all</i>"})
    client_of(olive).post(look)
    assert client_of(carol).post(look).status_code == 403
    page = client_of(carol).get(owner_page).content.decode()
    assert "Ana checked &lt;i&gt;all&lt;/i&gt;" in page
    row = row_of(client_of(carol), "metrics")
    assert (row.owner, row.look.by) == (bob, olive)
    assert StandardReview.objects.count() == 2
    assert Event.objects.filter(verb="review").count() == 2
    assert client_of(olive).post(f"{ROOM}nothing/look/").status_code == 404
    long = client_of(olive).post(look, {"note": "x" * 501}, follow=True).content.decode()
    assert "500 characters" in long


def test_agreements_were_looked_at_when_the_last_of_them_was(client_of, olive):
    for kind, day in ((Agreement.Kind.FORMAT, 3), (Agreement.Kind.TURNAROUND, 5)):
        with time_machine.travel(dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC)):
            line = {"name": "Legal", "number": 3, "text": "Two lines"}
            save_agreement(Agreement(kind=kind), by=olive, terms=[line])
    row = row_of(client_of(olive), "agreements")
    assert (row.looked_on, row.look) == (dt.date(2026, 11, 3), None)
    page = client_of(olive).get(ROOM).content.decode()
    assert "3 Nov 2026" in page


def test_an_owner_has_to_be_able_to_sign_in(olive, bob):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    bob.refresh_from_db()
    with pytest.raises(Refused, match="Bob can’t sign in any more"):
        name_owner(StandardOwner(kind="metrics"), by=olive, owner=bob)


def next_quarter(quarter):
    return Quarter.objects.create(
        name="Next", starts_on=quarter.ends_on, ends_on=quarter.ends_on + dt.timedelta(days=91)
    )


def test_a_standard_is_due_once_the_quarter_has_turned_or_its_owner_left(
    client_of, olive, bob, quarter
):
    name_owner(StandardOwner(kind="rubric"), by=olive, owner=bob)
    assert all(not row.due for row in room(client_of(olive)))
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert row_of(client_of(olive), "rubric").due.startswith("Bob can’t sign in any more.")
    User.objects.filter(pk=bob.pk).update(is_active=True)
    review_standard("metrics", by=olive)
    next_quarter(quarter)
    with time_machine.travel(dt.datetime.combine(quarter.ends_on, dt.time(12), dt.UTC)):
        assert row_of(client_of(olive), "metrics").due == "Next has begun since the last look."
        due = row_of(client_of(olive), "rubric").due
        assert due == "Next has begun and nobody has looked at it yet."
        titles = [item.title for item in agenda.waiting_for(User.objects.get(pk=bob.pk))]
        assert "Look again: rubric" in titles
        assert "Look again: metrics" not in titles
        review_standard("rubric", by=User.objects.get(pk=bob.pk))
        assert not row_of(client_of(olive), "rubric").due
        assert "8 due for another look" in client_of(olive).get(ROOM).content.decode()


def test_a_look_on_the_first_day_of_a_quarter_is_a_look_in_that_quarter():
    day = dt.date(2026, 10, 1)
    now = ("Q4 2026", day)
    assert not why_due(looked_on=day, since=dt.date(2020, 1, 1), quarter=now)
    before = day - dt.timedelta(days=1)
    assert why_due(looked_on=before, since=dt.date(2020, 1, 1), quarter=now)
    assert not why_due(looked_on=None, since=day, quarter=now)
    assert not why_due(looked_on=None, since=dt.date(2020, 1, 1), quarter=None)


# ── milestones in sets ──────────────────────────────────

NEW = "/milestones/new/"


def sent(name, rows):
    names = ("name", "role", "days", "when")
    data = {f"steps-{n}-{field}": value for n, row in enumerate(rows)
            for field, value in zip(names, row, strict=True)}  # fmt: skip
    return {"name": name, "steps-TOTAL_FORMS": len(rows), "steps-INITIAL_FORMS": 0, **data}


STEPS = [("Legal has read it", "another", "3", "before start"), ("Go", "launcher", "", "after start"),
         ("Everybody knows", "owner", "2", "after end")]  # fmt: skip


def test_new_experiments_start_with_the_default_set(
    client_of, alice, bob, olive, pod, objective, tab_of
):
    address = reverse("experiments:milestone_list")
    draft = make_experiment(alice, pod, objective=objective, analyst=bob)
    page = client_of(bob).get(address).content.decode()
    assert "Floe’s own" in page
    assert "14 days before the first day" in page
    assert client_of(bob).post(NEW, sent("E-mail", STEPS)).status_code == 403
    wrong = client_of(olive).post(NEW, sent("E-mail", [("Go", "launcher", "-2", "after start")]))
    assert wrong.status_code == 422
    assert "Enter 0 or more, and choose before or after." in wrong.content.decode()
    assert tab_of(olive).save(NEW, sent("E-mail", STEPS)).status_code == 302
    assert "3 days before the first day" in client_of(bob).get(address).content.decode()
    made = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Another one")
    assert [(m.name, m.role, m.due_on) for m in made.milestones.all()] == [
        ("Legal has read it", "another", made.starts_on - dt.timedelta(days=3)),
        ("Go", "launcher", made.starts_on),
        ("Everybody knows", "owner", made.ends_on + dt.timedelta(days=2)),
    ]
    assert draft.milestones.count() == 8
    sentence = Event.objects.get(verb="standard").sentence
    assert (
        sentence == "Olive added the milestones “E-mail”: Legal has read it, Go, Everybody knows."
    )


def milestone_set(by, name, *steps):
    rows = [{"name": step, "role": "owner", "anchor": "start", "offset_days": 0} for step in steps]
    return save_milestone_set(MilestoneSet(), by=by, name=name, rows=rows)


def test_a_template_names_its_own_set_and_one_without_starts_with_the_default(
    alice, bob, olive, pod, objective
):
    milestone_set(olive, "Usual", "Brief")
    paywall = milestone_set(olive, "Paywall", "Price approved", "Legal")
    plain = PlanTemplate.objects.create(name="Plain", pod=pod, by=alice)
    special = PlanTemplate.objects.create(name="Special", pod=pod, by=alice, milestone_set=paywall)
    for title, template, steps in (
        ("A", plain, ["Brief"]), ("B", special, ["Price approved", "Legal"]), ("C", None, ["Brief"]),
    ):  # fmt: skip
        made = make_experiment(
            alice, pod, objective=objective, analyst=bob, idea_title=title, template=template
        )
        assert [one.name for one in made.milestones.all()] == steps
    milestones.make_default(paywall, by=olive)
    made = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="D")
    assert made.milestones.count() == 2
    assert MilestoneSet.objects.filter(is_default=True).get() == paywall


def test_a_template_chooses_its_milestones_on_its_page(client_of, alice, olive, pod):
    chosen = milestone_set(olive, "Paywall", "Price approved")
    template = PlanTemplate.objects.create(name="Plain", pod=pod, by=alice, content={"arms": []})
    address = reverse("experiments:template_edit", args=[template.pk])
    client = client_of(alice)
    sent = form_on(client, address).data() | {"milestone_set": str(chosen.pk)}
    assert client.post(address, sent).status_code == 302
    template.refresh_from_db()
    assert template.milestone_set == chosen


def test_the_default_goes_last(client_of, olive):
    first, second = milestone_set(olive, "A", "x"), milestone_set(olive, "B", "y")
    assert (first.is_default, second.is_default) == (True, False)
    remove = reverse("experiments:milestone_set_remove", args=[first.pk])
    assert client_of(olive).post(remove).status_code == 409
    client_of(olive).post(reverse("experiments:milestone_set_remove", args=[second.pk]))
    client_of(olive).post(remove)
    assert not MilestoneSet.objects.exists()
    assert milestones.standard_milestones() == floes_own()


@pytest.mark.parametrize(("name", "steps", "sentence"), [
    ("", ["x"], "This field cannot be blank"), ("Usual", ["x"], "already a set with this name"),
    ("New", [], "Add at least one milestone"),
])  # fmt: skip
def test_a_set_that_can_not_be_is_refused(olive, name, steps, sentence):
    milestone_set(olive, "Usual", "Brief")
    with pytest.raises(ValidationError, match=sentence):
        milestone_set(olive, name, *steps)
    assert MilestoneSet.objects.count() == 1


def test_a_set_is_changed_without_touching_experiments(alice, bob, olive, pod, objective):
    usual = milestone_set(olive, "Usual", "Brief")
    make_experiment(alice, pod, objective=objective, analyst=bob)
    save_milestone_set(usual, by=olive, name="Usual", rows=floes_own())
    assert [one.name for one in Milestone.objects.all()] == ["Brief"]
    assert Pod.objects.count() == 1
