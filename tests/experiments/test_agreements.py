"""Agreements: written in versions, asked where they bite, reviewed, tried by drills."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from backlog import agenda
from backlog.models import Event, Quarter, User
from backlog.refusals import Refused
from experiments.flows import agreeing, promotion
from experiments.flows.agreements import (
    contact_rules_for,
    deadlines_of_agreements,
    final_edit_day,
    record_drill,
    save_agreement,
    share_limit,
    share_of,
)
from experiments.flows.guards import lines_of
from experiments.flows.moves import move_experiment
from experiments.flows.quarter.bars import bar_of
from experiments.models import Agreement, AgreementVersion, Booking, Experiment, Segment, Term
from experiments.plan.terms import (
    FIELDS,
    ContactRule,
    FinalEdit,
    changes_between,
    final_edit_day_of,
    problems_in,
    strictest,
    working_days_before,
)
from tests.browsing import form_on
from tests.factories import launched, make_experiment

DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))
CHANNELS = st.sampled_from(["", "push", "Push", "e-mail", "sms"])


def agreed(by, kind, *terms, **more):
    held = Agreement.objects.filter(kind=kind).first() or Agreement(kind=kind)
    return save_agreement(held, by=by, terms=terms, **{"owner": held.owner, **more})


def open_lines(experiment, person):
    fresh = Experiment.objects.get(pk=experiment.pk)
    return {line.label: line.sentence for line in lines_of(fresh, person) if line.state == "open"}


def page_of(name, *args):
    return reverse(f"experiments:agreement_{name}", args=args)


@pytest.fixture
def draft(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob, channel="Push")


# ── arithmetic ──────────────────────────────────────────


@given(DAYS, st.integers(0, 130))
def test_so_many_working_days_before_a_day_are_working_days(day, count):
    before = working_days_before(day, count)
    between = [before + dt.timedelta(days=n) for n in range((day - before).days)]
    assert before.weekday() < 5
    assert sum(one.weekday() < 5 for one in between) == count or day.weekday() > 4
    assert before <= day


@given(st.lists(st.tuples(CHANNELS, st.floats(0.1, 100))), CHANNELS)
def test_the_strictest_rule_about_a_channel_holds(rules, channel):
    made = [ContactRule(most, of) for of, most in rules]
    about = [most for of, most in rules if of.lower() in ("", channel.lower())]
    rule = strictest(made, channel)
    assert (rule.most if rule else None) == min(about, default=None)


@given(st.lists(st.tuples(CHANNELS, st.none() | st.integers(0, 20), DAYS)), CHANNELS, DAYS)
def test_a_last_day_for_edits_is_never_after_the_first_day(rules, channel, starts_on):
    made = [FinalEdit(of, n, None if n is not None else day) for of, n, day in rules]
    quarter = (dt.date(2026, 1, 1), dt.date(2028, 1, 1))
    day = final_edit_day_of(made, channel, starts_on, quarter)
    assert day is None or day <= starts_on
    about = [rule for rule in made if rule.channel.lower() in ("", channel.lower())]
    assert about or day is None


def test_days_of_a_channel_stand_in_for_those_of_every_channel():
    rules = [FinalEdit(working_days=5), FinalEdit("push", working_days=2)]
    quarter, day = (dt.date(2026, 10, 1), dt.date(2027, 1, 1)), dt.date(2026, 11, 18)
    assert final_edit_day_of(rules, "Push", day, quarter) == dt.date(2026, 11, 16)
    assert final_edit_day_of(rules, "sms", day, quarter) == dt.date(2026, 11, 11)


@pytest.mark.parametrize(
    ("fixed", "starts_on", "counts"),
    [("2026-11-10", "2026-11-18", True), ("2026-11-10", "2026-11-10", True),
     ("2026-11-10", "2026-11-09", False), ("2026-09-30", "2026-11-18", False),
     ("2026-10-01", "2026-12-31", True)],
)  # fmt: skip
def test_a_fixed_day_counts_for_launches_after_it_in_its_own_quarter(fixed, starts_on, counts):
    day, first = dt.date.fromisoformat(fixed), dt.date.fromisoformat(starts_on)
    quarter = (dt.date(2026, 10, 1), dt.date(2027, 1, 1))
    assert final_edit_day_of([FinalEdit(day=day)], "", first, quarter) == (day if counts else None)


LINES = st.lists(
    st.fixed_dictionaries({"channel": CHANNELS, "country": st.sampled_from(["", "DE"]),
                           "number": st.integers(1, 9).map(float)}),
    max_size=4, unique_by=lambda line: (line["channel"].lower(), line["country"]),
)  # fmt: skip


@given(LINES, LINES)
def test_what_changed_is_said_for_each_line_and_for_nothing_else(before, after):
    changes = changes_between("contact", before, after)

    def named(lines):
        return {(line["channel"].lower(), line["country"]): line["number"] for line in lines}

    old, new = named(before), named(after)
    assert sum(one.startswith("Added") for one in changes) == len(set(new) - set(old))
    assert sum(one.startswith("Removed") for one in changes) == len(set(old) - set(new))
    assert bool(changes) >= (old != new)
    assert changes_between("contact", before, before) == []


@pytest.mark.parametrize(
    ("kind", "line", "sentence"),
    [
        ("contact", {"number": 0}, "a contact rule of 0 allows no message at all."),
        ("contact", {"channel": "push"}, "enter the most messages a week per person."),
        ("contact", {"number": 101}, "enter at most 100 messages a week."),
        ("turnaround", {"number": 3}, "say what takes so long"),
        ("turnaround", {"name": "Legal", "number": 1.5}, "enter whole working days from 0 to 130."),
        ("final-edit", {}, "either the working days before the launch or a fixed day."),
        ("final-edit", {"number": 2, "day": dt.date(2026, 12, 1)}, "either the working days"),
        ("final-edit", {"day": dt.date(1999, 12, 1)}, "choose a day between 2000 and 2200."),
        ("risk", {"measure": "share", "number": 0}, "a share of more than 0 and at most 100"),
        ("risk", {"measure": "value"}, "enter the limit, as a number or in words."),
        ("escalation", {"reach": "chat"}, "choose a person, or enter a name."),
        ("escalation", {"name": "Platform"}, "say how to reach this contact"),
        ("format", {"name": "Sends"}, "describe the format"),
    ],
)
def test_a_wrong_line_is_refused_with_a_sentence(olive, kind, line, sentence):
    with pytest.raises(ValidationError) as refused:
        agreed(olive, kind, line)
    assert refused.value.messages[0].startswith("Line 1: ")
    assert sentence in refused.value.messages[0]
    assert not Agreement.objects.exists()


def test_two_lines_about_the_same_and_no_line_at_all_are_refused(olive):
    twice = [{"channel": "Push", "number": 2}, {"channel": "push ", "number": 3}]
    assert problems_in("contact", twice) == ["Lines 1 and 2 are about the same. Keep one of them."]
    with pytest.raises(ValidationError, match="Enter at least one line"):
        agreed(olive, "contact")


def test_every_kind_has_its_fields_and_words():
    assert set(FIELDS) == set(Agreement.Kind.values)
    fields = {field for names in FIELDS.values() for field in names}
    assert fields <= {field.name for field in Term._meta.concrete_fields}


# ── pages and versions ──────────────────────────────────


def rows_sent(**fields):
    return {f"terms-0-{name}": value for name, value in fields.items()}


def changed_on(client, address, changes):
    """The form as the page shows it, with some entries changed."""
    return client.post(address, form_on(client, address).data() | changes)


def test_each_save_is_a_version_that_says_what_changed_and_can_be_read(
    client_of, tab_of, bob, olive
):
    edit = page_of("edit", "contact")
    form = {"terms-TOTAL_FORMS": "1", "terms-INITIAL_FORMS": "0", "partner": "Brand"}
    sent = {**form, **rows_sent(channel="Push", country="", number="2", text="")}
    assert tab_of(olive).save(edit, sent).status_code == 302
    page = client_of(bob).get(page_of("detail", "contact")).content.decode()
    assert "Push: at most 2 messages a week per person" in page
    assert "with Brand" in page
    changed = {"terms-0-number": "1,5", "note": "Fewer <b>complaints</b>"}
    assert changed_on(client_of(olive), edit, changed).status_code == 302
    page = client_of(bob).get(page_of("version", "contact", 2)).content.decode()
    assert "Changed: Push: at most 1.5 messages a week per person." in page
    assert "Fewer &lt;b&gt;complaints&lt;/b&gt;" in page
    old = client_of(bob).get(page_of("version", "contact", 1)).content.decode()
    assert "Push: at most 2 messages" in old
    assert "Version 2 is in force." in old
    assert contact_rules_for("push") == 1.5
    assert Event.objects.filter(verb="agreement").count() == 2
    assert client_of(bob).get(page_of("version", "contact", 3)).status_code == 404
    assert client_of(bob).get(page_of("detail", "nothing")).status_code == 404


def test_a_save_without_a_change_makes_no_version(olive, bob):
    agreed(olive, "contact", {"channel": "push", "number": 2})
    agreed(olive, "contact", {"channel": "push", "number": 2}, owner=bob)
    held = Agreement.objects.get()
    assert (held.number, held.owner, AgreementVersion.objects.count()) == (1, bob, 1)


def test_a_form_that_fails_keeps_what_was_typed(client_of, olive):
    form = {"terms-TOTAL_FORMS": "1", "terms-INITIAL_FORMS": "0", "partner": "Brand and legal"}
    answer = client_of(olive).post(
        page_of("edit", "contact"), {**form, **rows_sent(channel="Push", number="0")}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Line 1: a contact rule of 0 allows no message at all." in page
    assert 'value="Brand and legal"' in page
    assert not Agreement.objects.exists()


def test_its_owner_may_change_it_but_not_give_it_away(client_of, bob, carol, olive):
    agreed(olive, "contact", {"channel": "push", "number": 2}, owner=bob)
    edit = page_of("edit", "contact")
    assert client_of(carol).get(edit).status_code == 403
    assert changed_on(client_of(bob), edit, {"terms-0-number": "3"}).status_code == 302
    assert contact_rules_for("push") == 3
    with pytest.raises(PermissionDenied):
        agreed(bob, "contact", {"channel": "push", "number": 2}, owner=carol)


def test_a_person_who_left_is_no_contact_and_no_owner(olive, bob, carol):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    bob.refresh_from_db()
    with pytest.raises(ValidationError, match="Line 1: Bob can’t sign in any more"):
        agreed(olive, "escalation", {"person": bob, "reach": "phone"})
    with pytest.raises(ValidationError, match="Choose another owner"):
        agreed(olive, "contact", {"number": 2}, owner=bob)


# ── where they bite ─────────────────────────────────────


def test_without_an_agreement_nothing_bites(draft, olive, quarter):
    Booking.objects.filter(experiment=draft).update(messages_per_week=99, share=1)
    assert open_lines(draft, olive) == {}
    assert (contact_rules_for("push"), final_edit_day(draft), share_limit()) == (None, None, None)
    assert deadlines_of_agreements(quarter.starts_on, quarter.ends_on) == []


def test_more_messages_than_agreed_need_a_waiver(draft, alice, olive):
    agreed(olive, "contact", {"channel": "PUSH", "country": "Germany", "number": 2},
           {"channel": "", "number": 7})  # fmt: skip
    assert open_lines(draft, olive) == {}, "no messages are booked"
    Booking.objects.filter(experiment=draft).update(messages_per_week=2)
    booking = Booking.objects.get()
    assert open_lines(draft, olive) == {}
    booking.messages_per_week = 3
    booking.save()
    (sentence,) = open_lines(draft, olive).values()
    assert sentence.startswith(
        "It sends 3 messages a week per person, and 2 are agreed on PUSH in Germany."
    )
    move_experiment(draft, "plan", by=alice)
    with pytest.raises(Refused, match="It sends 3 messages"):
        move_experiment(Experiment.objects.get(), "launch", by=alice)
    agreeing.waive(draft, by=alice, standards=["contact"], reason="Not sent to Germany")
    move_experiment(Experiment.objects.get(), "launch", by=alice)


def test_a_plan_that_was_changed_after_the_last_day_for_edits_needs_a_waiver(
    draft, alice, bob, olive
):
    """The factory starts it a week ago, so the last day for edits is past."""
    assert open_lines(draft, olive) == {}
    agreed(olive, "final-edit", {"channel": "push", "number": 2})
    day = final_edit_day(draft)
    assert day == working_days_before(draft.starts_on, 2)
    (sentence,) = open_lines(draft, olive).values()
    assert f"The last day for edits was {day:%-d %b %Y}" in sentence
    Event.objects.about(draft).update(at=timezone.now() - dt.timedelta(days=30))
    assert open_lines(draft, olive) == {}
    agreeing.answer(draft, by=bob, answers={"need": "They miss it"}, risks={})
    assert open_lines(draft, olive) == {}, "an answer changes nothing that people receive"
    promotion.change_plan(Experiment.objects.get(), by=bob, title="Another title")
    assert list(open_lines(draft, olive)) == ["Not changed after the last day for edits"]
    agreeing.waive(draft, by=alice, standards=["final-edit"], reason="A typing error")
    assert open_lines(draft, olive) == {}


def test_a_plan_may_change_up_to_the_last_day_itself(draft, alice, olive):
    today = timezone.localdate()
    agreed(olive, "final-edit", {"day": today})
    Experiment.objects.update(starts_on=today, ends_on=today + dt.timedelta(days=28))
    draft.refresh_from_db()
    assert final_edit_day(draft) == today
    assert open_lines(draft, olive) == {}


def test_a_larger_share_than_agreed_needs_an_approval_of_that_share(client_of, draft, alice, olive):
    agreed(olive, "risk", {"measure": "share", "name": "First wave", "number": 20})
    assert share_limit() == 0.2
    Booking.objects.filter(experiment=draft).update(share=0.2)
    booking = Booking.objects.get()
    assert open_lines(draft, olive) == {}
    booking.share = 0.5
    booking.save()
    (sentence,) = open_lines(draft, olive).values()
    assert sentence.startswith("It takes 50 % of its segment, and 20 % are agreed.")
    ready = reverse("experiments:experiment_ready", args=[draft.pk])
    assert "Approve the risk" in client_of(olive).get(ready).content.decode()
    approve = reverse("experiments:experiment_approve", args=[draft.pk, "risk"])
    assert client_of(alice).post(approve).status_code == 403
    client_of(olive).post(approve)
    assert open_lines(draft, olive) == {}
    booking.share = 0.6
    booking.save()
    assert list(open_lines(draft, olive)) == ["Within the risk limits"], "it was approved for less"


@pytest.mark.parametrize("booked", [None, 0.2])
@pytest.mark.parametrize("people", [(None, None), (None, 9_000), (90_000, 9_000)])
def test_the_calendar_and_the_risk_limit_see_the_same_share(draft, booked, people):
    segment_size, audience_size = people
    segment = Segment.objects.create(name="Dormant", size=segment_size)
    Experiment.objects.update(segment=segment, audience_size=audience_size)
    Booking.objects.filter(experiment=draft).update(share=booked)
    draft.refresh_from_db()
    taken = share_of(draft)
    assert (taken is None) == (booked is None and audience_size is None), "or nothing is compared"
    assert bar_of(draft, ease=None).share == (taken or 1.0)


def test_an_escalation_plan_needs_somebody_who_can_be_reached(draft, olive, bob):
    agreed(olive, "escalation", {"person": bob, "role": "On call", "reach": "+49 30 1"})
    assert open_lines(draft, olive) == {}
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert list(open_lines(draft, olive)) == ["Somebody to call"]
    agreed(olive, "escalation", {"name": "Platform", "reach": "+49 30 2"})
    assert open_lines(draft, olive) == {}


def test_what_was_launched_is_not_held_against_a_later_agreement(draft, alice, olive):
    running = launched(draft, alice)
    agreed(olive, "final-edit", {"number": 5})
    assert open_lines(running, olive) == {}


def test_fixed_days_and_days_of_experiments_are_deadlines_of_their_quarter(draft, olive, alice):
    quarter = Quarter.objects.get()
    day = quarter.starts_on + dt.timedelta(days=20)
    agreed(olive, "final-edit", {"channel": "Push", "day": day}, {"number": 3},
           {"channel": "sms", "day": quarter.ends_on})  # fmt: skip
    starts_on = day + dt.timedelta(days=30)
    Experiment.objects.update(starts_on=starts_on, ends_on=starts_on + dt.timedelta(days=7))
    days = deadlines_of_agreements(quarter.starts_on, quarter.ends_on)
    assert [(one.name, one.day, one.channel) for one in days] == [
        ("Last day for edits: Push", day, "Push")
    ]
    seen = Experiment.objects.visible_to(alice)
    of_each = deadlines_of_agreements(quarter.starts_on, quarter.ends_on, seen)
    assert [(one.day, one.experiment) for one in of_each] == [(day, draft), (day, None)]


# ── reviews and drills ──────────────────────────────────


def titles(person):
    return [item.title for item in agenda.waiting_for(User.objects.get(pk=person.pk))]


def test_an_agreement_is_due_when_the_quarter_turns_and_its_owner_is_reminded(
    client_of, bob, olive, quarter
):
    agreed(olive, "contact", {"channel": "push", "number": 2}, owner=bob)
    assert not [title for title in titles(bob) if title.startswith("Look again")]
    Quarter.objects.create(
        name="Next", starts_on=quarter.ends_on, ends_on=quarter.ends_on + dt.timedelta(days=91)
    )
    with time_machine.travel(dt.datetime.combine(quarter.ends_on, dt.time(12), dt.UTC)):
        assert "Look again: contact rules" in titles(bob)
        assert "Look again: contact rules" not in titles(olive)
        room = client_of(bob).get(reverse("experiments:standards")).content.decode()
        assert "Contact rules: Next has begun since the last look." in room
        client_of(bob).post(page_of("look", "contact"), {"note": "Still right"})
        assert "Look again: contact rules" not in titles(bob)
        page = client_of(bob).get(page_of("detail", "contact")).content.decode()
        assert "Still right" in page


def test_an_agreement_is_due_when_a_contact_leaves(client_of, bob, carol, olive):
    agreed(olive, "escalation", {"person": carol, "reach": "chat"}, owner=bob)
    User.objects.filter(pk=carol.pk).update(is_active=False)
    page = client_of(bob).get(reverse("experiments:agreement_list")).content.decode()
    assert "Carol can’t sign in any more. Name somebody else." in page
    assert "Look again: escalation plan" in titles(bob)


def test_a_drill_is_recorded_and_the_next_one_falls_due(client_of, bob, olive):
    agreed(olive, "escalation", {"name": "Platform", "reach": "chat"}, owner=bob)
    today = timezone.localdate()
    due = today + dt.timedelta(days=7)
    sent = {"day": today.isoformat(), "outcome": "Called back in 9 minutes",
            "next_due_on": due.isoformat()}  # fmt: skip
    address = page_of("drill", "escalation")
    assert client_of(bob).post(address, sent).status_code == 302
    page = client_of(olive).get(page_of("detail", "escalation")).content.decode()
    assert "Called back in 9 minutes" in page
    late = client_of(bob).post(address, {**sent, "day": due.isoformat()})
    assert late.status_code == 422
    assert "This day is still to come." in late.content.decode()
    assert "Called back" in late.content.decode()
    with time_machine.travel(timezone.now() + dt.timedelta(days=7)):
        assert "Look again: escalation plan" in titles(bob)


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        ("contact", {}, "Write the escalation plan first"),
        ("escalation", {"day": 1}, "This day is still to come"),
        ("escalation", {"next_due_on": -1}, "Choose a day after this drill"),
    ],
)
def test_a_drill_that_can_not_be_is_refused(olive, kind, values, sentence):
    line = {"name": "Platform", "reach": "chat", "number": 2}
    held = agreed(olive, kind, line)
    today = timezone.localdate()
    days = {"day": today} | {
        name: today + dt.timedelta(days=shift) for name, shift in values.items()
    }
    with pytest.raises((Refused, ValidationError), match=sentence):
        record_drill(held, by=olive, outcome="Nobody answered", **days)


def test_nobody_looks_at_what_is_not_written(client_of, olive):
    assert client_of(olive).post(page_of("look", "contact")).status_code == 404
