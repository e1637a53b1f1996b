"""Every broken and swelling file through every door: a sentence, bounded work, nothing left behind."""

import threading
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import FileField
from django.urls import reverse
from hypothesis import settings as hypothesis_settings

from backlog.models import Import
from experiments.flows.holding_out import open_holdout
from experiments.models import AudienceRule, Intake
from tests.corpus import FILES, REFUSED, others, texts, workbooks
from tests.doors import doors, views_that_take_files
from tests.factories import launched, make_experiment

SWELLING = 8  # times what was sent that may be kept of it
RULE = {"kind": "exclude", "text": "Opted out", "reason": "", "cost": 1}


@pytest.fixture
def running(alice, bob, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=bob, rules=[RULE])
    assert AudienceRule.objects.exists()
    return launched(made, alice)


@pytest.fixture
def holdout(olive, quarter, running):
    return open_holdout(by=olive, quarter=quarter, share=5)


@pytest.fixture
def ways_in(client_of, olive, running, holdout):
    return doors(client_of(olive), sorted({running.pk, holdout.pk}))


def kept_bytes(settings) -> int:
    roots = (Path(settings.MEDIA_ROOT), Path(settings.FILE_UPLOAD_TEMP_DIR))
    return sum(path.stat().st_size for root in roots for path in root.rglob("*") if path.is_file())


def send(client, door, running, name, data):
    file = SimpleUploadedFile(f"EXP-{running.number:03d}_a-b_A {name}", data)
    return client.post(
        door.address, {**door.others, "do": door.others.get("do", ""), door.field: file}
    )


def test_every_view_that_takes_a_file_has_a_door_and_every_door_such_a_view(ways_in):
    marked = {pattern.callback for pattern in views_that_take_files().values()}
    assert {door.view for door in ways_in} == marked
    assert len(ways_in) >= 8


def test_every_door_says_what_a_file_is_that_is_no_table(
    client_of, olive, running, ways_in, settings
):
    client = client_of(olive)
    for door in ways_in:
        for name, (what, make) in others.NAMED.items():
            answer = send(client, door, running, name, make())
            page = client.get(answer.url) if answer.status_code == 302 else answer
            assert f"This is {what}" in page.content.decode(), (door, name)
            assert 400 <= answer.status_code < 500 or "holdout" in door.address
    assert kept_bytes(settings) == 0


INTO_A_PROCESS = ("import_new", "experiment_data", "data_drop", "past_new")
IN_PROCESS = ("experiment_assignment", "experiment_split", "holdout_detail", "holdout_tell_apart",
              "experiment_dry_run", "overlap_estimate", "library_credit_new")  # fmt: skip
DOORS = (*INTO_A_PROCESS, *IN_PROCESS)


def chosen(name):
    """Every file in CI, otherwise every fourth, each door beginning with another one.

    What is dropped on the page of all data comes into the flow of one experiment's page, so there it
    is every sixth.
    """
    is_ci = hypothesis_settings.get_current_profile_name() == "ci"
    step = 6 if name == "data_drop" else 1 if is_ci else 4
    return list(FILES.items())[DOORS.index(name) % step :: step]


def test_every_file_goes_through_some_door():
    assert {file for name in DOORS for file, _ in chosen(name)} == FILES.keys()


@pytest.mark.parametrize("name", DOORS)
def test_every_file_is_a_sentence_at_this_door(client_of, olive, running, ways_in, settings, name):
    assert {door.view.__name__ for door in ways_in} == {*DOORS}
    settings.RESULTS_FILE_MAX_BYTES = 24 << 20
    client = client_of(olive)
    client.raise_request_exception = False
    door = next(door for door in ways_in if door.view.__name__ == name)
    for file, make in chosen(name):
        data = make()
        answer = send(client, door, running, file, data)
        assert answer.status_code < 500, file
        if answer.streaming:
            b"".join(answer.streaming_content)
        rows = list(Intake.objects.all()) + list(Import.objects.all())
        if file in REFUSED and name in INTO_A_PROCESS:
            assert answer.status_code >= 400, file
            assert not rows, file
        assert kept_bytes(settings) <= SWELLING * len(data) + 100_000 * len(rows), file
        for row in rows:
            for field in row._meta.concrete_fields:
                if isinstance(field, FileField) and (kept := getattr(row, field.name)):
                    kept.delete(save=False)
            row.delete()
        assert kept_bytes(settings) == 0, file


def test_nobody_who_is_not_signed_in_and_no_other_view_leaves_a_byte(
    client, client_of, bob, settings
):
    big = b"a,b\n" * (1 << 20)
    for who, address, status in (
        (client, "/imports/new/", 302),
        (client_of(bob), "/ideas/new/", 422),
    ):
        answer = who.post(address, {"file": SimpleUploadedFile("a.csv", big)})
        assert answer.status_code == status
        assert not answer.wsgi_request.FILES
    assert kept_bytes(settings) == 0


@pytest.mark.django_db(transaction=True)
def test_pages_answer_while_four_workbooks_are_being_read(
    live_server, client_of, alice, bob, pod, objective, settings
):
    settings.FILE_SECONDS, done = 1, []
    running = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    row = "<row>" + "<c><v>1</v></c>" * 400 + "</row>"
    slow = workbooks.sheet_of(row * 4_900)  # close to two million cells
    address = reverse("experiments:experiment_data", args=[running.pk])

    def upload():
        client = client_of(bob)
        answer = client.post(address, {"file": SimpleUploadedFile("slow.xlsx", slow)})
        done.append((answer.status_code, answer.content.decode()))

    senders = [threading.Thread(target=upload) for _ in range(4)]
    for sender in senders:
        sender.start()
    before = 0
    pages = client_of(bob)
    while any(sender.is_alive() for sender in senders) and len(done) < 3:
        assert pages.get("/ideas/").status_code == 200
        before += 1
    for sender in senders:
        sender.join()
    assert before > 5
    statuses = sorted(status for status, _ in done)
    assert statuses.count(503) >= 1
    assert statuses.count(422) >= 2
    assert all("longer than 1 seconds" in page for status, page in done if status == 422)
    assert all("busy reading other files" in page for status, page in done if status == 503)
    assert kept_bytes(settings) == 0
    assert not Intake.objects.exists()


def test_a_good_file_of_each_kind_still_comes_in(client_of, bob, running):
    client = client_of(bob)
    for name, data in (("good.csv", texts.GOOD), ("good.xlsx", workbooks.good())):
        address = reverse("experiments:experiment_data", args=[running.pk])
        assert client.post(address, {"file": SimpleUploadedFile(name, data)}).status_code == 302
    assert [intake.sniffed["rows"] for intake in Intake.objects.all()] == [40, 40]
