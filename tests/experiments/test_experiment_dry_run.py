"""Who gets it and who must not: segments, rules with what they cost, and a list that is tried."""

import json

import pytest
from django.urls import reverse

from backlog.file_kinds import Unreadable
from backlog.models import Event
from experiments.flows import promotion
from experiments.flows.guards import lines_of
from experiments.flows.segmenting import save_segment
from experiments.models import AudienceRule, Experiment, Segment
from experiments.plan.audience import ids_in
from tests.browsing import version_on
from tests.experiments.posting import ARM_ROWS, formset, plan_data
from tests.factories import ARMS, make_experiment, make_idea

RULES = (
    {"kind": "exclude", "text": "Opted out", "reason": "Their choice", "cost": "3900"},
    {"kind": "exclude", "text": "Open <b>ticket</b>", "reason": "", "cost": "240"},
)


@pytest.fixture
def draft(alice, bob, pod, objective):
    rules = [{**row, "cost": int(row["cost"])} for row in RULES]
    return make_experiment(
        alice, pod, objective=objective, analyst=bob, rules=rules, audience_size=41_200
    )


def test_a_segment_brings_its_size_and_rules_into_a_plan(client_of, alice, bob, olive, pod):
    client = client_of(alice)
    new = reverse("experiments:segment_new")
    data = {"name": "Lapsed", "pod": pod.pk, "size": "41200", **formset("rules", RULES)}
    assert client.post(new, data).status_code == 302
    segment = Segment.objects.get()
    assert [rule.cost for rule in segment.rules.all()] == [3900, 240]
    assert "There is already a segment of this name." in client.post(new, data).content.decode()
    page = client_of(bob).get(reverse("experiments:segment_list")).content.decode()
    assert "37,060" in page
    assert "Open &lt;b&gt;ticket&lt;/b&gt;" in page
    edit = reverse("experiments:segment_edit", args=[segment.pk])
    assert edit not in page
    read = version_on(client, edit)
    save_segment(Segment.objects.get(), by=alice, pod=pod, name="Lapsed ones")
    stale = client.post(edit, {**data, **read, "name": "Lapsed readers"})
    assert stale.status_code == 422
    everybodys = save_segment(Segment(), by=olive, pod=None, name="All")
    assert client.get(reverse("experiments:segment_edit", args=[everybodys.pk])).status_code == 403
    promote = reverse("experiments:idea_promote", args=[make_idea(alice, pod).pk])
    typed = client.post(promote, plan_data(take="segment", segment=segment.pk)).content.decode()
    assert 'value="41200"' in typed
    assert 'value="Opted out"' in typed
    again = plan_data(segment=segment.pk, audience="Lapsed", audience_size="41200",
                      **formset("rules", RULES))  # fmt: skip
    client.post(promote, again)
    made = Experiment.objects.get()
    assert (made.segment, made.rules.count(), made.audience_size) == (segment, 2, 41_200)


def test_the_plan_says_what_is_left_after_each_rule_and_seals_it(client_of, alice, draft):
    page = client_of(alice).get(draft.get_absolute_url()).content.decode()
    for text in ("41,200", "−3,900", "37,300", "37,060", "Open &lt;b&gt;ticket&lt;/b&gt;"):
        assert text in page
    promotion.change_plan(draft, by=alice, default_variant="Dear reader", frequency_cap="2 a week")
    page = client_of(alice).get(draft.get_absolute_url()).content.decode()
    assert "Dear reader" in page
    twice = client_of(alice).post(
        reverse("experiments:experiment_edit", args=[draft.pk]),
        plan_data(**formset("rules", (RULES[0], RULES[0]))),
    )
    assert "Two rules are the same. Remove one of them." in twice.content.decode()


def test_more_than_one_difference_is_warned_about_and_asks_for_a_waiver(
    client_of, alice, draft, tab_of
):
    arms = [ARMS[0], {**ARMS[1], "differs": ["subject", "timing"]}]
    promotion.change_plan(draft, by=alice, arms=arms)
    page = client_of(alice).get(draft.get_absolute_url()).content.decode()
    assert "differs in subject and timing, so you will not know" in page
    assert "Only one thing differs" in [
        x.label for x in lines_of(draft, alice) if x.state == "open"
    ]
    edit = client_of(alice).get(reverse("experiments:experiment_edit", args=[draft.pk]))
    assert edit.content.decode().count('value="timing"') == 3
    rows = (ARM_ROWS[0], {**ARM_ROWS[1], "differs": ["offer"]})
    tab_of(alice).save(
        reverse("experiments:experiment_edit", args=[draft.pk]), plan_data(arms=rows)
    )
    assert Experiment.objects.get(pk=draft.pk).arms[1].differs == ["offer"]


def test_a_list_is_tried_and_nothing_but_counts_is_kept(client_of, bob, vera, draft):
    url = reverse("experiments:experiment_dry_run", args=[draft.pk])
    opted, ticket = AudienceRule.objects.filter(experiment=draft)
    form = {"ids": "email;name\nann@x.org;Ann\nBob@x.org;Bob\nbob@x.org;Bob\n=cmd|x;E\n",
            f"rule_{opted.pk}": "bob@x.org\nzoe@x.org", f"rule_{ticket.pk}": "bob@x.org"}  # fmt: skip
    page = client_of(bob).post(url, form)
    assert page.status_code == 200
    assert "1 of 3 must not receive it" in page.content.decode()
    kept = Event.objects.about(draft).first()
    assert kept.details["by_rule"] == {"Opted out": 1, "Open <b>ticket</b>": 1}
    assert "x.org" not in kept.sentence + json.dumps(kept.details)
    empty = client_of(bob).post(url, {"ids": ""})
    assert "The list has no ids. Add at least one." in empty.content.decode()
    assert client_of(vera).get(url).status_code == 403


def test_the_api_keeps_segments_and_tries_lists(client_of, alice, bob, pod, draft):
    def send(person, method, path, data):
        answer = getattr(client_of(person), method)(
            f"/api/v1/{path}", json.dumps(data), content_type="application/json"
        )
        return answer.status_code, answer.json()

    body = {"name": "Lapsed", "pod": pod.pk, "size": 9, "rules": [{"text": "Opted out", "cost": 2}]}
    code, made = send(alice, "post", "segments/", body)
    assert (code, made["rules"][0]["kind"]) == (201, "exclude")
    assert send(bob, "post", "segments/", {**body, "name": "Mine"})[0] == 403
    assert (
        send(alice, "patch", f"segments/{made['id']}/", {"size": 8, "version": 1})[1]["size"] == 8
    )
    tried = {"ids": ["A", "b"], "lists": {"Opted out": ["a"]}}
    code, counts = send(bob, "post", f"experiments/{draft.pk}/dry-run/", tried)
    assert (counts["violators"], counts["clean"]) == (1, 1)
    code, changed = send(bob, "patch", f"experiments/{draft.pk}/",
                         {"rules": [{"text": "Bounced"}], "version": draft.version})  # fmt: skip
    assert [rule["text"] for rule in changed["rules"]] == ["Bounced"]


@pytest.mark.parametrize("text", ['id\na\n"b\nc\nd\n', '"a\nb\n"c\nd\n', 'a;x\n"b;y\nc;z\n'])
def test_a_quotation_mark_that_swallows_ids_is_refused(text):
    with pytest.raises(Unreadable, match="not closed"):
        ids_in(text)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("User ID\n1\n2\n", ["1", "2"]),
        ("Kundennummer;Name\n1;Ann\n2;Bob\n", ["1", "2"]),
        ("Subscriber Key\rk1\rk2\r", ["k1", "k2"]),
        ('id,note\na,"two\nlines"\nb,""\n', ["a", "b"]),
    ],
)
def test_a_list_is_read_without_its_heading(text, ids):
    assert ids_in(text) == ids
