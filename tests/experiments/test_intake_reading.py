"""A large file is read by a worker; the page says how far it is."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.flows import reading_files
from experiments.models import Intake, Observation
from tests.experiments.posting import mapped
from tests.factories import launched, make_experiment

CONTENT = "group,Reactivated\nA,1\nB,0\nA,0\nB,1\n"
FIELDS = {"metric_Reactivated": "Reactivated", "label_0": "As it is", "label_1": "Series named"}


@pytest.fixture
def queued(client_of, alice, bob, pod, objective, settings):
    """A file that waits for the worker (in an experiment that commits nothing, none is told)."""
    settings.RESULTS_ROWS_READ_AT_ONCE = 2
    running = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    response = mapped(client_of(bob), running, CONTENT, **FIELDS)
    intake = Intake.objects.get()
    assert response.url == reverse("experiments:intake_reading", args=[running.pk, intake.pk])
    return intake


def page_of(client, intake, **headers):
    url = reverse("experiments:intake_reading", args=[intake.experiment_id, intake.pk])
    return client.get(url, headers=headers)


def test_the_page_waits_and_goes_on(client_of, bob, vera, queued):
    client = client_of(bob)
    assert "Waiting for a worker" in page_of(client, queued).content.decode()
    assert page_of(client_of(vera), queued).status_code == 403
    Intake.objects.filter(pk=queued.pk).update(understood={"step": "adding up", "share": 0.5})
    part = page_of(client, queued, **{"HX-Request": "true", "HX-Target": "reading"})
    assert part.content.decode().lstrip().startswith('<section id="reading"')
    assert 'value="50"' in part.content.decode()
    assert reading_files.read_now(queued.pk)
    confirm = reverse("experiments:intake_confirm", args=[queued.experiment_id, queued.pk])
    assert page_of(client, queued).url == confirm
    assert "Confirm and count 4" in client.get(confirm).content.decode()
    assert not reading_files.read_now(queued.pk)


def test_a_lease_keeps_a_second_worker_out_and_the_sweep_finds_what_was_left(queued):
    now = timezone.now()
    Intake.objects.filter(pk=queued.pk).update(leased_until=now + dt.timedelta(minutes=1))
    assert not reading_files.read_now(queued.pk)
    assert reading_files.read_left_behind() == 0
    Intake.objects.filter(pk=queued.pk).update(leased_until=now - dt.timedelta(seconds=1))
    assert reading_files.read_left_behind() == 1
    assert reading_files.read_now(queued.pk)
    assert Intake.objects.get().state == "understood"


def test_what_cannot_be_read_goes_back_to_its_columns_with_the_reason(client_of, bob, queued):
    mapping = Intake.objects.get().mapping
    mapping["columns"]["metrics"][0]["column"] = "group"
    Intake.objects.filter(pk=queued.pk).update(mapping=mapping)
    assert reading_files.read_now(queued.pk)
    page = client_of(bob).get(page_of(client_of(bob), queued).url).content.decode()
    assert "0 usable rows" in page
    assert not Observation.objects.exists()


class _Killed(BaseException):
    """Nothing that runs afterwards in the worker may help, as with kill -9."""


def test_a_file_that_ends_every_worker_goes_back_and_says_so(client_of, bob, queued, monkeypatch):
    def die(*_, **__):
        raise _Killed

    monkeypatch.setattr(reading_files, "summary_for", die)
    lease = Intake.objects.filter(pk=queued.pk)
    for _ in range(Intake.MOST_TRIES):
        with pytest.raises(_Killed):
            reading_files.read_now(queued.pk)
        lease.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert reading_files.read_left_behind() == 0
    assert lease.get().state == "received"
    columns = reverse("experiments:intake_map", args=[queued.experiment_id, queued.pk])
    assert "Reading the file failed several times" in client_of(bob).get(columns).content.decode()


def test_an_answer_about_a_large_file_sends_it_to_the_worker_again(
    client_of, alice, bob, carol, pod, objective, settings
):
    settings.RESULTS_ROWS_READ_AT_ONCE = 3
    made = make_experiment(alice, pod, objective=objective, analyst=carol, reading="any-time")
    running = launched(made, alice)
    rows = "".join(
        f"u{n},{'As it is' if n % 2 else 'Series named'},{'yes' if n % 8 < 3 else ''}\n"
        for n in range(400)
    )
    content = f"user,group,Reactivated\n{rows}"
    client = client_of(bob)
    labels = {"label_0": "Series named", "label_1": "As it is"}
    fields = {"unit": "user", "metric_Reactivated": "Reactivated", **labels}
    assert "/reading/" in mapped(client, running, content, **fields).url
    taken = Intake.objects.get()
    assert reading_files.read_now(taken.pk)
    url = reverse("experiments:intake_confirm", args=[running.pk, taken.pk])
    (question,) = client.get(url).context["page"].questions
    answer = {"do": "look", f"answer:{question.key}": question.choices[0].key}
    assert "/reading/" in client.post(url, answer).url
    assert reading_files.read_now(taken.pk)
    page = client.get(url).context["page"]
    assert not page.review.open_questions
