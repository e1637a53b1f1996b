"""Every write of the API, found by its description: sent twice, built on something old, two at once."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.db import connection, transaction

from backlog.models import KeptAnswer
from tests.api.writes import DESCRIBED, EVERY, READY, STEPS, V1, Ready, Write, rows
from tests.contract import operations
from tests.test_permissions import world  # noqa: F401  (the fixture)


@pytest.fixture
def ready(world, alice, bob, carol, olive, adam):  # noqa: F811
    """Prepares the world again: objects that a write was made from do not outlive its rollback."""
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
                wrong += [f"{label}: {sentence}" for sentence in check(Write(label, ready()))]
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
        kept = json.loads(KeptAnswer.objects.get(key="k").body)
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
    "POST /api/v1/post-mortems/": ("experiments", "PostMortem"),
    "POST /api/v1/quarters/": ("backlog", "Quarter"),
    "POST /api/v1/rounds/": ("backlog", "Round"),
    "POST /api/v1/segments/": ("experiments", "Segment"),
}
