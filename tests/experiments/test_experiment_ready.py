"""Before a launch: what ticks itself, what people vouch for, and what a waiver opens."""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from backlog.models import Event
from backlog.refusals import Refused
from experiments.flows import agreeing, promotion
from experiments.flows.guards import CHECKLIST, lines_of
from experiments.flows.moves import move_experiment
from experiments.flows.questions import NINE, answers_of
from experiments.models import Experiment, Waiver
from tests.browsing import version_on
from tests.factories import HYPOTHESIS, RISKS, launched, make_experiment

SAID = dict.fromkeys(("whole", "drawbacks", "able", "missing", "need", "meets"), "Thought about")


@pytest.fixture
def draft(alice, carol, pod, objective):
    """Planned, and nothing vouched for yet; Alice wrote it."""
    made = make_experiment(
        alice, pod, objective=objective, analyst=carol, waived=(), risks={}, launcher=None
    )
    return move_experiment(made, "plan", by=alice)


def url_of(name, experiment, *more):
    return reverse(f"experiments:{name}", args=[experiment.pk, *more])


def open_lines(experiment, person):
    fresh = Experiment.objects.get(pk=experiment.pk)
    return [line.label for line in lines_of(fresh, person) if line.state == "open"]


def test_everything_that_a_launch_asks_is_done_by_hand_or_by_itself(
    client_of, alice, bob, olive, draft, tab_of
):
    page = client_of(bob).get(url_of("experiment_ready", draft)).content.decode()
    assert "Answer 6 of nine questions." in page
    assert "From the plan: Reactivated in 2 arms" in page
    answers = {**SAID, "risk_price": "yes", "risk_personal": "no", "risk_harm": "no",
               "risk_reach": "no"}  # fmt: skip
    ticks = {f"tick_{number}": "on" for number, _ in enumerate(CHECKLIST, start=1)}
    tab_of(bob).save(url_of("experiment_ready", draft), {**answers, **ticks})
    assert open_lines(draft, olive) == [
        "Approval of the risk",
        "QA by somebody other than the author",
    ]
    assert client_of(bob).post(url_of("experiment_approve", draft, "risk")).status_code == 403
    client_of(olive).post(url_of("experiment_approve", draft, "risk"), {"note": "Legal read it"})
    client_of(alice).post(url_of("experiment_approve", draft, "qa"))
    assert open_lines(draft, olive) == ["QA by somebody other than the author"], (
        "the author's own does not do"
    )
    client_of(bob).post(url_of("experiment_approve", draft, "qa"), {"note": "<i>ok</i>"})
    assert open_lines(draft, alice) == ["Launcher is somebody else"]
    page = client_of(olive).get(url_of("experiment_ready", draft)).content.decode()
    assert "Legal read it" in page
    assert "&lt;i&gt;ok&lt;/i&gt;" in page
    move_experiment(Experiment.objects.get(pk=draft.pk), "launch", by=olive)
    sealed = Experiment.objects.get(pk=draft.pk)
    assert (sealed.launcher, sealed.sealed_plan["people"]["launcher"]) == (olive, "Olive")
    assert sealed.sealed_plan["risks"]["price"] is True
    for person in (olive, alice):
        assert open_lines(sealed, person) == [], "what was approved stays approved once sealed"


def test_any_edit_after_an_approval_resets_it(client_of, alice, bob, draft):
    agreeing.approve(draft, by=bob, kind="qa")
    assert "QA by somebody other than the author" not in open_lines(draft, alice)
    promotion.change_plan(draft, by=alice, audience="Readers lapsed 60 days")
    assert "QA by somebody other than the author" in open_lines(draft, alice)
    page = client_of(alice).get(url_of("experiment_ready", draft)).content.decode()
    assert "The plan has changed since Bob looked" in page
    promotion.change_plan(draft, by=alice, audience="Readers lapsed 30 to 90 days")
    assert "QA by somebody other than the author" not in open_lines(draft, alice), (
        "it is that very plan again"
    )


def test_the_author_launches_by_a_logged_waiver_only(client_of, alice, bob, draft):
    others = ("qa", "questions", "checklist")
    agreeing.waive(draft, by=alice, standards=others, reason="A dry run")
    agreeing.answer(draft, by=alice, answers={}, risks=RISKS)
    with pytest.raises(Refused, match="Alice is the author"):
        move_experiment(draft, "launch", by=alice)
    client = client_of(alice)
    no_reason = client.post(
        url_of("experiment_waive", draft), {"standard": "launcher"}, follow=True
    )
    assert "A waiver needs a reason" in no_reason.content.decode()
    form = {"standard": "launcher", "reason": "Nobody else is in this week"}
    assert client_of(bob).post(url_of("experiment_waive", draft), form).status_code == 403
    client.post(url_of("experiment_waive", draft), form)
    twice = client.post(url_of("experiment_waive", draft), form, follow=True)
    assert "This standard is already waived." in twice.content.decode()
    client.post(url_of("experiment_waive", draft), {"withdraw": "launcher"})
    assert Waiver.objects.filter(standard="launcher").count() == 0
    client.post(url_of("experiment_waive", draft), form)
    move_experiment(Experiment.objects.get(pk=draft.pk), "launch", by=alice)
    page = client.get(draft.get_absolute_url()).content.decode()
    assert f'{url_of("experiment_ready", draft)}#waivers">4</a>' in page
    counted = client.get(reverse("experiments:waiver_list")).content.decode()
    assert "Nobody else is in this week" in counted
    assert "Alice waived" in str(Event.objects.about(draft).filter(verb="waive").first())


def test_author_analyst_and_launcher_differ(alice, bob, olive, draft):
    promotion.change_plan(draft, by=alice, analyst=alice)
    assert "Analyst is somebody else" in open_lines(draft, olive)
    promotion.change_plan(draft, by=alice, analyst=olive)
    assert "Analyst is somebody else" in open_lines(draft, olive)
    assert "Analyst is somebody else" not in open_lines(draft, bob)


def test_dates_that_are_too_short_are_a_standard_too(alice, draft):
    promotion.change_plan(draft, by=alice, ends_on=draft.starts_on + dt.timedelta(days=14))
    line = next(x for x in lines_of(draft, alice) if x.state == "open")
    assert line.sentence.startswith("The run is too short: 29,502 units take 3 weeks.")
    agreeing.waive(draft, by=alice, standards=["size"], reason="Holidays")
    assert "Long enough for the planned sample" not in open_lines(draft, alice)


def test_questions_are_answered_by_the_idea_where_it_can(alice, bob, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=bob, waived=())
    for name in HYPOTHESIS:
        setattr(made.idea, name, HYPOTHESIS[name])
    made.idea.save()
    open_ones = [a.name for a in answers_of(made) if not a.text]
    assert open_ones == ["whole", "drawbacks", "able", "missing"]
    assert len(NINE) == 9


def test_a_risk_without_a_yes_can_not_be_approved_and_a_stale_form_loses_nothing(
    tab_of, alice, olive, draft
):
    agreeing.answer(draft, by=alice, answers={}, risks=RISKS)
    with pytest.raises(Refused, match="nothing to approve"):
        agreeing.approve(draft, by=olive, kind="risk")
    tab, url = tab_of(alice), url_of("experiment_ready", draft)
    read = version_on(tab, url)
    agreeing.answer(
        Experiment.objects.get(pk=draft.pk), by=olive, answers={"whole": "Theirs"}, risks={}
    )
    stale = tab.post(url, {"whole": "Typed long ago", **read})
    assert stale.status_code == 422
    assert "Typed long ago" in stale.content.decode()
    assert "Theirs" in stale.content.decode()
    assert "Somebody changed this while you were editing it" in stale.content.decode()


def test_milestones_move_with_the_dates_and_are_reached_by_name(
    client_of, alice, bob, vera, draft, tab_of
):
    steps = list(draft.milestones.all())
    assert [step.name for step in steps][:2] == ["Brief agreed", "Content and set-up ready"]
    assert steps[0].due_on == draft.starts_on - dt.timedelta(days=14)
    client_of(bob).post(url_of("milestone_reach", draft, steps[0].pk))
    steps[0].refresh_from_db()
    assert steps[0].done_by == bob
    assert client_of(vera).post(url_of("milestone_reach", draft, steps[1].pk)).status_code == 403
    due = draft.starts_on + dt.timedelta(days=3)
    data = {"steps-TOTAL_FORMS": "2", "steps-INITIAL_FORMS": "1",
            "steps-0-id": steps[1].pk, "steps-0-name": "Copy ready", "steps-0-role": "owner",
            "steps-0-due_on": due.isoformat(), "steps-1-name": "Legal", "steps-1-role": "lead",
            "steps-1-due_on": ""}  # fmt: skip
    assert tab_of(bob).save(url_of("milestone_edit", draft), data).status_code == 302
    assert [s.name for s in draft.milestones.order_by("pk")] == ["Brief agreed", "Copy ready", "Legal"]  # fmt: skip
    draft.refresh_from_db()  # a milestone that is reached is a change of its experiment
    promotion.change_plan(draft, by=alice, starts_on=draft.starts_on + dt.timedelta(days=1))
    moved = draft.milestones.get(name="Copy ready")
    assert moved.due_on == due + dt.timedelta(days=1)


def test_after_the_launch_nothing_is_vouched_for_any_more(alice, bob, vera, pod, objective):
    done = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    for late in (
        lambda: agreeing.approve(done, by=bob, kind="qa"),
        lambda: agreeing.waive(done, by=alice, standards=["metrics"], reason="x"),
        lambda: agreeing.tick(done, by=bob, items=CHECKLIST),
        lambda: agreeing.answer(done, by=bob, answers={}, risks=RISKS),
    ):
        with pytest.raises(Refused):
            late()
    with pytest.raises(PermissionDenied):
        agreeing.tick(done, by=vera, items=())


def test_what_a_launch_needs_is_not_called_optional(client_of, bob, draft):
    """“Answer 6 of nine questions” stood beside nine that were all marked as optional."""
    page = client_of(bob).get(url_of("experiment_ready", draft)).content.decode()
    labels = re.findall(r'<label for="id_(\w+)">\d\. [^<]*(<span class="optional">)?', page)
    known = {answer.name for answer in answers_of(draft) if answer.known}
    assert len(labels) == len(NINE)
    assert {name for name, mark in labels if mark} == known
