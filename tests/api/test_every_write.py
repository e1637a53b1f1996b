"""Every write of the API, found by its description: sent twice, built on something old, two at once."""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from backlog.flows import scoring
from backlog.models import Idea, KeptAnswer
from experiments.flows import deciding
from experiments.flows.guards import checklist_of
from experiments.models import Experiment, Metric, PostMortem, Waiver
from tests.contract import WRITES, operations, read_description
from tests.factories import launched, make_experiment, make_idea, make_round, totals
from tests.test_permissions import world  # noqa: F401  (the fixture)

V1 = "/api/v1"
# Rows that tell of requests and not of what was asked for.
OF_REQUESTS = {"KeptAnswer", "ApiToken", "Look", "Heartbeat"}
DESCRIBED = read_description()
EVERY = {
    f"{method.upper()} {path}": operation
    for path, method, operation in operations(DESCRIBED)
    if method in WRITES and not path.endswith("/assignments/")  # it writes nothing
}
NEXT_YEAR = timezone.localdate() + dt.timedelta(days=365)


class Ready:
    """The world, made ready for one write: who sends it, to which id, what, and what instead."""

    def __init__(self, world, people):  # noqa: F811
        self.world, self.people = world, people
        self.draft, self.running, self.decided = (
            Experiment.objects.get(idea__title=title) for title in ("Drafted", "Running", "Decided")
        )
        self.idea = Idea.objects.get(title="Scored")
        self.blind, self.shown = world["round_score"]["item"], world["round_note"]["item"]

    def by(self, name):
        return self.people[name]

    def open_idea(self):
        return make_idea(self.by("alice"), self.draft.pod, "One more")

    def live_round(self):
        first, second = self.open_idea(), make_idea(self.by("alice"), self.draft.pod, "And one")
        return make_round(
            self.by("alice"), self.draft.pod, first, second, title="Live", kind="live"
        )

    def proposed(self):
        deciding.decide(self.running, by=self.by("bob"), choice="roll-back", reason="It annoys.")
        return self.running.pk

    def veiled(self):
        alice, bob = self.by("alice"), self.by("bob")
        made = make_experiment(
            alice, self.draft.pod, objective=self.draft.objective, analyst=bob, idea_title="Veiled"
        )
        return launched(made, alice).pk

    def ended(self):
        deciding.decide(self.running, by=self.by("bob"), choice="ship")
        return self.running.pk

    def written(self):
        texts = ("summary", "surprises", "went_well", "went_badly", "next_steps")
        PostMortem.objects.update(**dict.fromkeys(texts, "Said."))
        return PostMortem.objects.get().pk

    def revealed_round(self):
        item = self.world["round"]["pk"]
        scoring.reveal(scoring_item(self.blind), by=self.by("alice"))
        return item

    def defined(self):
        Metric.objects.update(definition="Who came back")
        return self.world["metric"]["pk"]

    def waivable(self):
        return next(one for one in Waiver.Standard.values
                    if one not in set(self.draft.waivers.values_list("standard", flat=True)))  # fmt: skip


def scoring_item(pk):
    return apps.get_model("backlog", "RoundIdea").objects.select_related("idea", "round").get(pk=pk)


def an(noun):
    return lambda ready: ready.world[noun]["pk"]


def drafted(ready):
    return ready.draft.pk


def running(ready):
    return ready.running.pk


def nothing(_):
    return None


# label → who, the id in its address, a body, another body (None where it reads none)
READY = {
    "POST /api/v1/alarms/{id}/mute/": (
        "alice", lambda r: r.world["alarm"]["alarm"],
        lambda r: {"reason": "Known", "days": 3}, lambda r: {"reason": "Known", "days": 4}),
    "POST /api/v1/experiments/": (
        "alice", nothing, lambda r: {"idea": r.idea.pk}, lambda r: {"idea": r.idea.pk, "title": "B"}),
    "PATCH /api/v1/experiments/{id}/": (
        "alice", drafted, lambda r: {"title": "A"}, lambda r: {"title": "B"}),
    "POST /api/v1/experiments/{id}/amendments/": (
        "alice", running, lambda r: {"reason": "More", "units_per_week": 12_000},
        lambda r: {"reason": "More", "units_per_week": 13_000}),
    "POST /api/v1/experiments/{id}/answers/": (
        "alice", drafted, lambda r: {"answers": {"goal": "A"}}, lambda r: {"answers": {"goal": "B"}}),
    "POST /api/v1/experiments/{id}/approvals/": (
        "bob", drafted, lambda r: {"kind": "qa", "note": "A"}, lambda r: {"kind": "qa", "note": "B"}),
    "POST /api/v1/experiments/{id}/clone/": (
        "alice", drafted, lambda r: {"title": "A"}, lambda r: {"title": "B"}),
    "POST /api/v1/experiments/{id}/dates/": (
        "alice", drafted, lambda r: {"starts_on": str(NEXT_YEAR), "ends_on": str(NEXT_YEAR + dt.timedelta(28))},
        lambda r: {"starts_on": str(NEXT_YEAR), "ends_on": str(NEXT_YEAR + dt.timedelta(35))}),
    "POST /api/v1/experiments/{id}/decision/": (
        "bob", running, lambda r: {"choice": "ship"}, lambda r: {"choice": "ship", "reason": "B"}),
    "POST /api/v1/experiments/{id}/decision/confirm/": ("carol", Ready.proposed, None, None),
    "POST /api/v1/experiments/{id}/decision/withdraw/": ("bob", Ready.proposed, None, None),
    "POST /api/v1/experiments/{id}/dry-run/": (
        "alice", drafted, lambda r: {"ids": ["a"], "lists": {}}, lambda r: {"ids": ["b"], "lists": {}}),
    "POST /api/v1/experiments/{id}/milestones/": (
        "alice", drafted, lambda r: {"milestone": r.world["milestone_reach"]["milestone"]},
        lambda r: {"milestone": r.world["milestone_reach"]["milestone"], "is_done": False}),
    "POST /api/v1/experiments/{id}/moves/": (
        "alice", drafted, lambda r: {"transition": "plan"}, lambda r: {"transition": "cancel"}),
    "POST /api/v1/experiments/{id}/observations/": (
        "bob", running, lambda r: {"observations": totals(n=16_000)},
        lambda r: {"observations": totals(n=17_000)}),
    "POST /api/v1/experiments/{id}/post-mortem/": ("bob", Ready.ended, None, None),
    "POST /api/v1/experiments/{id}/ticks/": (
        "alice", drafted, lambda r: {"items": checklist_of(r.draft)[:1]}, lambda r: {"items": []}),
    "POST /api/v1/experiments/{id}/unveil/": (
        "alice", Ready.veiled, lambda r: {"reason": "A"}, lambda r: {"reason": "B"}),
    "POST /api/v1/experiments/{id}/waivers/": (
        "alice", drafted, lambda r: {"standard": r.waivable(), "reason": "A"},
        lambda r: {"standard": r.waivable(), "reason": "B"}),
    "POST /api/v1/ideas/": (
        "bob", nothing, lambda r: {"pod": r.draft.pod_id, "title": "A"},
        lambda r: {"pod": r.draft.pod_id, "title": "B"}),
    "PATCH /api/v1/ideas/{id}/": (
        "alice", lambda r: r.idea.pk, lambda r: {"title": "A"}, lambda r: {"title": "B"}),
    "POST /api/v1/ideas/{id}/moves/": (
        "alice", lambda r: r.idea.pk, lambda r: {"transition": "reject", "reason": "A"},
        lambda r: {"transition": "reject", "reason": "B"}),
    "POST /api/v1/learnings/": (
        "bob", nothing,
        lambda r: {"post_mortem": PostMortem.objects.get().pk, "claim": "New", "scope": "B", "expires_on": str(NEXT_YEAR)},
        lambda r: {"post_mortem": PostMortem.objects.get().pk, "claim": "Newer", "scope": "B", "expires_on": str(NEXT_YEAR)}),
    "POST /api/v1/metrics/": (
        "alice", nothing, lambda r: {"name": "A", "pod": r.draft.pod_id, "numerator": "orders"},
        lambda r: {"name": "B", "pod": r.draft.pod_id, "numerator": "orders"}),
    "PATCH /api/v1/metrics/{id}/": (
        "alice", an("metric"), lambda r: {"unit": "guests"}, lambda r: {"unit": "hosts"}),
    "POST /api/v1/metrics/{id}/certificate/": (
        "olive", Ready.defined, lambda r: {"is_certified": True}, lambda r: {"is_certified": False}),
    "POST /api/v1/objectives/": (
        "alice", nothing,
        lambda r: {"quarter": r.draft.objective.quarter_id, "pod": r.draft.pod_id, "title": "A"},
        lambda r: {"quarter": r.draft.objective.quarter_id, "pod": r.draft.pod_id, "title": "B"}),
    "PATCH /api/v1/post-mortems/{id}/": (
        "bob", Ready.written, lambda r: {"summary": "A"}, lambda r: {"summary": "B"}),
    "POST /api/v1/post-mortems/{id}/follow-ups/": (
        "bob", Ready.written, lambda r: {"title": "A"}, lambda r: {"title": "B"}),
    "POST /api/v1/post-mortems/{id}/publish/": ("bob", Ready.written, None, None),
    "POST /api/v1/quarters/": (
        "olive", nothing, lambda r: {"day": "2031-01-01"}, lambda r: {"day": "2032-01-01"}),
    "POST /api/v1/round-ideas/{id}/ask-again/": (
        "alice", lambda r: r.shown, lambda r: {"dimensions": ["impact"]},
        lambda r: {"dimensions": ["ease"]}),
    "POST /api/v1/round-ideas/{id}/note/": (
        "alice", lambda r: r.shown, lambda r: {"note": "A"}, lambda r: {"note": "B"}),
    "POST /api/v1/round-ideas/{id}/reveal/": ("alice", lambda r: r.blind, None, None),
    "POST /api/v1/round-ideas/{id}/score/": (
        "carol", lambda r: r.blind, lambda r: {"impact": 5, "confidence": 5, "ease": 5},
        lambda r: {"impact": 6, "confidence": 5, "ease": 5}),
    "POST /api/v1/rounds/": (
        "alice", nothing, lambda r: {"pod": r.draft.pod_id, "title": "A", "ideas": [r.open_idea().pk]},
        lambda r: {"pod": r.draft.pod_id, "title": "B", "ideas": [r.open_idea().pk]}),
    "POST /api/v1/rounds/{id}/close/": ("alice", Ready.revealed_round, None, None),
    "POST /api/v1/rounds/{id}/go-to/": (
        "alice", lambda r: r.live_round().pk,
        lambda r: {"round_idea": last_of_live().pk}, lambda r: {"round_idea": first_of_live().pk}),
    "POST /api/v1/segments/": (
        "alice", nothing, lambda r: {"name": "A", "pod": r.draft.pod_id},
        lambda r: {"name": "B", "pod": r.draft.pod_id}),
    "PATCH /api/v1/segments/{id}/": (
        "alice", an("segment"), lambda r: {"name": "A"}, lambda r: {"name": "B"}),
}  # fmt: skip


# Steps, which add a row or go from one state to the next: they change no field that somebody wrote.
# Everything else that is sent to something that exists is a change and says what it builds on.
STEPS = {
    f"POST {V1}/{tail}/"
    for tail in (
        "experiments/{id}/approvals", "experiments/{id}/clone", "experiments/{id}/decision",
        "experiments/{id}/decision/confirm", "experiments/{id}/decision/withdraw",
        "experiments/{id}/dry-run", "experiments/{id}/moves", "experiments/{id}/observations",
        "experiments/{id}/post-mortem", "experiments/{id}/unveil", "experiments/{id}/waivers",
        "ideas/{id}/moves", "post-mortems/{id}/follow-ups", "post-mortems/{id}/publish",
        "round-ideas/{id}/ask-again", "round-ideas/{id}/reveal", "round-ideas/{id}/score",
        "rounds/{id}/close", "rounds/{id}/go-to",
    )
}  # fmt: skip


def last_of_live():
    return apps.get_model("backlog", "RoundIdea").objects.filter(round__title="Live").last()


def first_of_live():
    return apps.get_model("backlog", "RoundIdea").objects.filter(round__title="Live").first()


class Write:
    """One write that can be sent again and again, by whom and to where it was made ready."""

    def __init__(self, label, ready):
        who, at, body, other = READY[label]
        self.label, self.method, path = label, *label.split()
        self.pk = at(ready)
        self.path = path.replace("{id}", str(self.pk))
        self.body, self.other = (one(ready) if one else None for one in (body, other))
        self.client = APIClient()
        self.client.force_authenticate(ready.by(who))

    def send(self, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(self.client, self.method.lower())(
            self.path, self.body if body is None else body, format="json", headers=named
        )

    def tag(self):
        noun = self.path.split("/")[3]
        return self.client.get(f"{V1}/{noun}/{self.pk}/")["ETag"]


def rows() -> str:
    """A digest of everything that is kept, but for what tells of requests."""
    told = sha256()
    for model in (
        *apps.get_app_config("backlog").get_models(),
        *apps.get_app_config("experiments").get_models(),
    ):
        if model.__name__ not in OF_REQUESTS:
            told.update(f"{list(model.objects.order_by('pk').values_list())}".encode())
    return told.hexdigest()


@pytest.fixture
def ready(world, alice, bob, carol, olive, adam):  # noqa: F811
    """Makes the world ready anew: objects that a write was made from do not outlive its rollback."""
    return lambda: Ready(
        world, {"alice": alice, "bob": bob, "carol": carol, "olive": olive, "adam": adam}
    )


@pytest.fixture
def walk(ready):
    """Run a check on every write, each in the world as it was, and say all that went wrong."""

    def every(check, labels=EVERY):
        wrong = []
        for label in labels:
            with transaction.atomic():
                wrong += [f"{label}: {said}" for said in check(Write(label, ready()))]
                transaction.set_rollback(True)
        assert not wrong, "\n".join(wrong)

    return every


def test_every_write_of_the_description_is_walked():
    assert EVERY.keys() == READY.keys()
    changes = {label for label, one in EVERY.items() if "428" in one["responses"]}
    assert changes == {label for label in EVERY if "{id}" in label} - STEPS


def test_the_same_key_counts_once_and_answers_the_same(walk):
    def check(write):
        before, tag = rows(), write.tag() if write.pk else ""
        headers = {"Idempotency_Key": "k", **({"If_Match": tag} if tag else {})}
        first = write.send(**headers)
        once = rows()
        again = write.send(**headers)
        if first.status_code >= 300 or once == before:
            yield f"it was not done: {first.status_code} {first.content[:200]}"
        if (first.status_code, first.content, first.get("ETag")) != (
            again.status_code, again.content, again.get("ETag"),
        ):  # fmt: skip
            yield f"another answer: {again.status_code} {again.content[:200]}"
        other = (
            write.send(write.other, **headers)
            if write.other
            else write.send(Idempotency_Key="k", If_Match="*")
        )
        if other.status_code != 409:
            yield f"another write with the key: {other.status_code}"
        if rows() != once:
            yield "it counted twice"

    walk(check)


def test_an_empty_header_and_a_body_that_does_not_fit_write_nothing(walk):
    def check(write):
        before = rows()
        for headers in ({"Idempotency_Key": ""}, {"If_Match": " "}, {"If_Match": "\u00e9"}):
            answer = write.send(**headers)
            if answer.status_code != 400:
                yield f"{headers}: {answer.status_code}"
        body = write.body or {}
        wrong = [{**body, name: unlike(value)} for name, value in body.items()]
        for sent in ({**body, "no_such_name": 1}, *wrong):
            # The body is looked at before the version.
            answer = write.send(sent, **({"If_Match": OLD} if write.pk else {}))
            if answer.status_code != 400:
                yield f"{sent}: {answer.status_code}"
        if rows() != before:
            yield "something was written"

    walk(check)


def unlike(value):
    """A value of another JSON kind, of those that are easily taken for the right one."""
    if isinstance(value, bool):
        return int(value)
    return str(value) if isinstance(value, int) else {"0": value}


OLD = '"all~0000000000"'


def test_what_was_built_on_something_old_is_refused(walk):
    def check(write):
        before, tag = rows(), write.tag()
        marks = [f"{part.split('~')[0]}~0000000000" for part in tag.strip('"').split(".")]
        stale = write.send(If_Match=f'"{".".join(marks)}"')
        if stale.status_code != 412 or rows() != before:
            yield f"an old tag: {stale.status_code} {stale.content[:200]}"
        if write.label not in STEPS:
            missing = write.send()
            if missing.status_code != 428 or rows() != before:
                yield f"no tag: {missing.status_code} {missing.content[:200]}"
        fresh = write.send(If_Match=tag)
        if fresh.status_code >= 300:
            yield f"the tag as read: {fresh.status_code} {fresh.content[:200]}"

    walk(check, [label for label in EVERY if "{id}" in label])


def test_an_old_number_of_the_version_is_refused_and_moves_on_with_each_change(walk):
    def check(write):
        before = rows()
        noun = write.path.split("/")[3]
        number = write.client.get(f"{V1}/{noun}/{write.pk}/").json()["version"]
        old = write.send({**write.body, "version": number - 1})
        if old.status_code != 409 or rows() != before:
            yield f"an old version: {old.status_code} {old.content[:200]}"
        done = write.send({**write.body, "version": number})
        now = write.client.get(f"{V1}/{noun}/{write.pk}/").json()["version"]
        if done.status_code >= 300 or now <= number:
            yield f"{done.status_code}; version {number}, then {now}"

    walk(check, [label for label in EVERY if _takes_a_version(label)])


def _takes_a_version(label):
    content = EVERY[label].get("requestBody", {}).get("content", {})
    named = content.get("application/json", {}).get("schema", {}).get("$ref", "").split("/")[-1]
    fields = DESCRIBED["components"]["schemas"].get(named, {}).get("properties", {})
    return "{id}" in label and "version" in fields


def test_what_is_kept_for_a_repeat_can_be_read_again(walk):
    """So nothing that is shown once lies in the database in plain text."""

    def check(write):
        tag = write.tag() if write.pk else ""
        answer = write.send(Idempotency_Key="k", **({"If_Match": tag} if tag else {}))
        kept = KeptAnswer.objects.get(key="k").body
        if answer.status_code >= 300:
            yield f"it was not done: {answer.status_code}"
        if isinstance(kept, dict) and kept.keys() == {"id"}:
            return  # only which object it is; what it says is looked up again
        if kept != json.loads(answer.content):
            yield "something else is kept than what was answered"
        readable = "".join(what_can_be_read(write.client, write.pk, kept))
        for text in texts_in(kept):
            if json.dumps(text, ensure_ascii=False)[1:-1] not in readable:
                yield f"nobody can read {text!r} again"

    walk(check, [label for label in EVERY if label not in READ_ON_PAGES])


# Says how and when data came in, which the page of the data shows as well.
READ_ON_PAGES = {"POST /api/v1/experiments/{id}/observations/"}


def what_can_be_read(client, pk, kept):
    """The text of all that this person can read over the API of what was written."""
    made = kept.get("id") if isinstance(kept, dict) else None
    for path, method, _ in operations(DESCRIBED):
        if method == "get" and "{id}" in path:
            for one in {pk, made} - {None}:
                yield client.get(path.replace("{id}", str(one))).content.decode()


def texts_in(kept):
    if isinstance(kept, str):
        yield kept
    parts = kept.values() if isinstance(kept, dict) else kept if isinstance(kept, list) else ()
    for part in parts:
        yield from texts_in(part)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_count_once(ready):
    """What adds something new, sent by two threads at one time."""
    for label in EVERY:
        if "{id}" in label:
            continue
        write = Write(label, ready())

        def send(_, write=write, label=label):
            try:
                return write.send(Idempotency_Key=label)
            finally:
                connection.close()

        model = apps.get_model(*MADE[label])
        before = model.objects.count()
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(send, range(2))
        assert (first.status_code, first.content) == (201, second.content), label
        assert model.objects.count() == before + 1, label


MADE = {
    "POST /api/v1/experiments/": ("experiments", "Experiment"),
    "POST /api/v1/ideas/": ("backlog", "Idea"),
    "POST /api/v1/learnings/": ("experiments", "Learning"),
    "POST /api/v1/metrics/": ("experiments", "Metric"),
    "POST /api/v1/objectives/": ("backlog", "Objective"),
    "POST /api/v1/quarters/": ("backlog", "Quarter"),
    "POST /api/v1/rounds/": ("backlog", "Round"),
    "POST /api/v1/segments/": ("experiments", "Segment"),
}
