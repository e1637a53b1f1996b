"""The post-mortem of a process experiment: who writes it, when, what Floe drafts."""

import pytest

from experiments.flows.process import moves, writing
from experiments.flows.writing_up_processes import start_process_post_mortem, subject_of
from experiments.models import PostMortem
from tests.experiments.test_process_experiments import draft, measure, mondays, page, running

NEW, API = "/post-mortems/new/", "/api/v1/post-mortems/"


@pytest.fixture
def decided(alice, pod):
    made = measure(running(alice, pod), alice)
    return moves.decide_process_experiment(
        made, by=alice, choice="adopt", conclusion="Mondays it is."
    )


def link_to(experiment):
    return f"{NEW}?process_experiment={experiment.pk}"


def test_a_decided_one_is_written_up_from_its_page(client_of, bob, charlie, decided):
    client = client_of(bob)
    assert link_to(decided) in page(client, decided)
    chosen = client.get(NEW).content.decode()
    assert link_to(decided) in chosen
    assert "what that is worth" in client.get(link_to(decided)).content.decode()
    answer = client.post(NEW, {"process_experiment": decided.pk})
    written = PostMortem.objects.get()
    assert answer["Location"] == f"/post-mortems/{written.pk}/edit/"
    assert (written.process_experiment, written.of_pod) == (decided, decided.pod)
    for words in ("Expected: Fewer days until a score.", "The other way: On Mondays",
                  "assigned at random on", "Mondays it is.", "work the other way from now on"):  # fmt: skip
        assert words in written.summary
    detail = page(client, decided)
    assert link_to(decided) not in detail
    assert written.get_absolute_url() in detail
    assert link_to(decided) not in client.get(NEW).content.decode()
    shown = client.get(written.get_absolute_url()).content.decode()
    assert "process experiment “Score on Mondays”" in shown
    assert decided.get_absolute_url() in shown
    assert client_of(charlie).get(written.get_absolute_url()).status_code == 404


def test_one_without_a_decision_is_not_written_up(client_of, alice, pod):
    made = running(alice, pod)
    client = client_of(alice)
    assert link_to(made) not in page(client, made)
    assert "has no decision yet" in client.get(link_to(made)).content.decode()
    assert client.post(NEW, {"process_experiment": made.pk}).status_code == 409
    assert not PostMortem.objects.exists()


def test_a_cancelled_one_says_so_and_gives_no_result(alice, bob, pod):
    made = moves.cancel_process_experiment(running(alice, pod), by=alice, reason="We moved.")
    written = start_process_post_mortem(subject_of(process_experiment=made), by=bob)
    assert "It was cancelled." in written.summary
    assert "fewer" not in written.summary.replace("Fewer days until a score.", "")


def test_a_viewer_reads_and_an_outsider_finds_nothing(client_of, vera, charlie, decided):
    assert link_to(decided) not in page(client_of(vera), decided)
    for who, status in ((vera, 403), (charlie, 404)):
        answer = client_of(who).post(NEW, {"process_experiment": decided.pk})
        assert answer.status_code == status
    assert not PostMortem.objects.exists()


def test_one_that_never_started_leaves_nothing_to_write_about(client_of, alice, pod):
    made = moves.cancel_process_experiment(draft(alice, pod), by=alice, reason="Not now.")
    client = client_of(alice)
    assert link_to(made) not in page(client, made)
    assert link_to(made) not in client.get(NEW).content.decode()
    answer = client.post(NEW, {"process_experiment": made.pk})
    assert (answer.status_code, "never started" in answer.content.decode()) == (409, True)


def test_one_of_every_pod_is_for_programme_owners(client_of, alice, bob, carol, dave, olive, pod):
    made = draft(olive, None, unit="weeks", ideas=0)
    writing.choose_units(made, by=olive, pods=[pod], weeks=mondays(8))
    moves.start_process_experiment(made, by=olive)
    made = moves.cancel_process_experiment(made, by=olive, reason="Not now.")
    assert client_of(alice).post(NEW, {"process_experiment": made.pk}).status_code in (403, 404)
    assert link_to(made) not in client_of(alice).get(NEW).content.decode()
    assert link_to(made) in client_of(olive).get(NEW).content.decode()
    client_of(olive).post(NEW, {"process_experiment": made.pk})
    written = PostMortem.objects.get()
    assert written.pod is None
    assert written.title == "The process experiment “Score on Mondays”"


def test_the_api_begins_one_about_each_of_them(api_of, bob, pod, quarter, decided):
    client = api_of(bob)
    answers = [
        client.post(API, {"about": "process_experiment", "id": decided.pk}, format="json"),
        client.post(API, {"about": "quarter", "id": quarter.pk, "pod": pod.pk}, format="json"),
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    of_test, of_quarter = PostMortem.objects.order_by("pk")
    assert (of_test.process_experiment, of_quarter.quarter) == (decided, quarter)
    assert answers[0].json()["process_experiment"] == decided.pk
    again = client.post(API, {"about": "process_experiment", "id": decided.pk}, format="json")
    assert again.json()["id"] == of_test.pk


@pytest.mark.parametrize(("body", "status"), [
    ({"about": "quarter"}, 403), ({"about": "slip", "id": 1}, 404), ({"about": "year", "id": 1}, 400),
    ({"about": "process_experiment", "pod": 1}, 409), ({}, 400),
])  # fmt: skip
def test_the_api_refuses_what_cannot_be_written_about(api_of, bob, quarter, decided, body, status):
    known = {"quarter": quarter.pk, "process_experiment": decided.pk}
    if body.get("about") in known:
        body = {"id": known[body["about"]], **body}
    assert api_of(bob).post(API, body, format="json").status_code == status
