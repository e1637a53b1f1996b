"""Post-mortems of a quarter, a slip and a session: begun, written together, read, published, found."""

import datetime as dt
import io
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from backlog.flows import scoring
from backlog.models import Event, Idea
from backlog.refusals import Refused
from experiments.flows import learnings, writing_up, writing_up_after
from experiments.flows.scheduling import change_dates
from experiments.flows.writing_up_opening import remind_of_post_mortems
from experiments.flows.writing_up_processes import ProcessSubject, start_process_post_mortem
from experiments.flows.writing_up_sections import root_of
from experiments.hooks.today import waiting_for
from experiments.models import (
    FollowUp,
    Milestone,
    PostMortem,
    PostMortemAction,
    PostMortemImage,
    Slip,
    Waiver,
)
from tests.factories import item_of, make_experiment, make_idea, make_round, score, shipped

NEW = "/post-mortems/new/"
BUDGET = 12
DUE = timezone.localdate() + dt.timedelta(days=14)


@pytest.fixture
def moved(alice, bob, pod, objective):
    """Planned, and moved a week later for a reason."""
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    starts_on, week = made.starts_on + dt.timedelta(days=14), dt.timedelta(days=7)
    change_dates(made, by=alice, starts_on=starts_on, ends_on=made.ends_on + 2 * week,
                 reason="The events were missing")  # fmt: skip
    made.refresh_from_db()
    return made


@pytest.fixture
def slip(moved, quarter, olive):
    return Slip.objects.create(
        quarter=quarter, experiment=moved, cause="data", note="no events", by=olive
    )


@pytest.fixture
def session(alice, bob, carol, dave, pod):
    """Closed: one idea was revealed with scores far apart, one was left."""
    shown, left = make_idea(alice, pod, "Shown"), make_idea(alice, pod, "Left over")
    made = make_round(alice, pod, shown, left, title="Autumn grooming")
    score(item_of(made, shown), bob, impact=2)
    score(item_of(made, shown), carol, impact=9)
    scoring.reveal(item_of(made, shown), by=alice)
    scoring.close_round(made, by=alice)
    made.refresh_from_db()
    return made


@pytest.fixture
def of_quarter(quarter, pod, bob):
    return start_process_post_mortem(ProcessSubject(quarter=quarter, of_pod=pod), by=bob)


@pytest.fixture
def of_every_pod(quarter, olive):
    return start_process_post_mortem(ProcessSubject(quarter=quarter), by=olive)


def start(client, **asks):
    """Open the page, send its form, and return what was begun."""
    page = client.get(NEW, asks)
    assert page.status_code == 200
    answer = client.post(NEW, asks)
    written = PostMortem.objects.latest("pk")
    assert answer["Location"] == f"/post-mortems/{written.pk}/edit/"
    return written


def page_of(client, written, name="postmortem_detail", status=200, **asks):
    answer = client.get(written.url(name), asks)
    assert answer.status_code == status
    return answer.content.decode()


def save(client, written, section, text, base=None):
    root = root_of(written, section).uuid
    data = {"uuid": uuid4(), "bases": str(base or root), "text": text}
    return client.post(written.url("postmortem_section", section), data).json()


def published(client, reader, written):
    client.post(written.url("postmortem_edit"), {"surprises": "Nobody had looked.", "surprises_base": root_of(written, "surprises").uuid})  # fmt: skip
    client.post(written.url("action_new"), {"title": "Ask first", "owner": reader.pk, "due_on": DUE.isoformat()})  # fmt: skip
    writing_up_after.mark_read(written, by=reader)
    answer = client.post(written.url("postmortem_publish"))
    assert answer["Location"] == f"/post-mortems/{written.pk}/"
    written.refresh_from_db()
    return written


# --- The three subjects, from the first click to the library ----------------------------------


def test_a_quarter_is_written_up_from_its_report_to_the_library(
    client_of, alice, bob, charlie, pod, quarter, objective, moved
):
    made = shipped(alice, bob, pod, objective)
    Waiver.objects.update(reason="Made for a test")
    Milestone.objects.filter(experiment=made).update(done_at=None, offset_days=-3, anchor="start")
    report = client_of(bob).get("/health/report/", {"quarter": quarter.name, "pod": pod.pk})
    assert f"{NEW}?quarter={quarter.pk}&amp;pod={pod.pk}" in report.content.decode()
    written = start(client_of(bob), quarter=quarter.pk, pod=pod.pk)
    assert str(written) == f"Post-mortem of {quarter} in Lifecycle"
    assert "1 experiment was decided: 1 won." in written.summary
    assert "**Waived**" in written.summary
    assert "Made for a test" in written.summary
    assert f"{made.key}, " in written.summary.partition("**Missed milestones**")[2]
    page = page_of(client_of(bob), written, "postmortem_edit")
    for left_out in ('id="result"', 'id="compared"', 'id="learnings"', 'id="discussion"'):
        assert left_out not in page
    assert "one of the two is needed before it is published" in page
    assert client_of(charlie).get(written.get_absolute_url()).status_code == 404
    published(client_of(bob), alice, written)
    assert "Nobody had looked." in page_of(client_of(charlie), written)
    library = client_of(charlie).get("/library/", {"q": "looked"}).content.decode()
    assert written.get_absolute_url() in library
    search = client_of(charlie).get("/search/", {"q": "looked"}).content.decode()
    assert written.get_absolute_url() in search


def test_a_slip_is_written_up_with_its_moves_and_its_cause(
    client_of, alice, bob, olive, slip, moved, quarter
):
    Slip.objects.update(note="no events")
    written = start(client_of(bob), slip=slip.pk)
    assert written.pod == moved.pod
    assert f"{moved.key} {moved.title} did not go as {quarter} planned it." in written.summary
    assert "data were late: no events" in written.summary
    assert "The events were missing" in written.summary
    assert moved.last_day.strftime("%-d %b %Y") in written.summary
    published(client_of(bob), alice, written)
    lines = Event.objects.about(moved).values_list("sentence", flat=True)
    assert f"Bob published the post-mortem of the slip of {moved.key} in {quarter}." in lines
    moved.refresh_from_db()
    assert moved.state == "draft"
    assert not PostMortem.objects.filter(experiment=moved).exists()


def test_a_session_is_written_up_in_numbers(client_of, alice, bob, session):
    summary = client_of(bob).get(f"/scoring/{session.pk}/summary/").content.decode()
    assert f"{NEW}?round={session.pk}" in summary
    written = start(client_of(bob), round=session.pk)
    assert "asked: 4, and 2 of them scored." in written.summary
    assert "agenda: 2, and 1 of them were scored and revealed." in written.summary
    assert "five or more points apart: 1." in written.summary
    for person in ("Bob", "Carol", "Dave", "Shown", "Left over"):
        assert person not in written.summary
    published(client_of(bob), alice, written)
    assert Event.objects.about(session).filter(verb="publish").exists()
    summary = client_of(bob).get(f"/scoring/{session.pk}/summary/").content.decode()
    assert written.get_absolute_url() in summary


# --- Blind, refused ---------------------------------------------------------------------------


def test_an_open_session_is_not_written_up_and_says_nothing(client_of, alice, bob, carol, pod):
    made = make_round(alice, pod, make_idea(alice, pod), title="Blind")
    score(item_of(made, Idea.objects.get()), bob, impact=2)
    page = client_of(carol).get(NEW, {"round": made.pk}).content.decode()
    assert "The session is still open." in page
    assert "Write the post-mortem</button>" not in page
    assert client_of(carol).post(NEW, {"round": made.pk}).status_code == 409
    assert not PostMortem.objects.exists()


def test_an_idea_that_is_blind_again_gives_no_number(alice, bob, pod, session):
    shown = Idea.objects.get(title="Shown")
    make_round(alice, pod, shown, title="Again")
    written = start_process_post_mortem(ProcessSubject(round=session, of_pod=pod), by=bob)
    assert "and 0 of them scored." in written.summary
    assert "five or more points apart: 0." in written.summary


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("charlie", 404)])
def test_only_members_of_its_pod_write(
    client_of, who, status, request, pod, quarter, slip, session
):
    client = client_of(request.getfixturevalue(who))
    for asks in ({"slip": slip.pk}, {"round": session.pk}, {"quarter": quarter.pk, "pod": pod.pk}):
        assert client.get(NEW, asks).status_code == status
        assert client.post(NEW, asks).status_code == status
    assert client.post(NEW, {"quarter": quarter.pk}).status_code == 403
    assert not PostMortem.objects.exists()


@pytest.mark.parametrize("asks", [{"slip": "9"}, {"round": "x"}, {"quarter": "9" * 30}])
def test_what_is_not_there_is_not_found(client_of, olive, asks):
    assert client_of(olive).get(NEW, asks).status_code == 404


def test_a_viewer_reads_a_draft_and_changes_nothing(client_of, vera, bob, of_quarter):
    action = writing_up_after.add_action(of_quarter, by=bob, title="x", owner=bob, due_on=DUE)
    page_of(client_of(vera), of_quarter)
    page_of(client_of(vera), of_quarter, "postmortem_edit", status=403)
    for name, *ids in (("postmortem_section", "lucky"), ("postmortem_publish",), ("action_new",),
                       ("follow_up_new",), ("section_comment_new",), ("postmortem_image_new",),
                       ("action_done", action.pk), ("action_remove", action.pk)):  # fmt: skip
        assert client_of(vera).post(of_quarter.url(name, *ids)).status_code == 403, name


def test_the_addresses_of_one_kind_find_none_of_the_other(client_of, alice, bob, pod, objective, of_quarter):  # fmt: skip
    decided = shipped(alice, bob, pod, objective)
    own = writing_up.start_post_mortem(decided, by=bob)
    assert client_of(bob).get(f"/post-mortems/{own.pk}/").status_code == 404
    assert client_of(bob).get(f"/post-mortems/{own.pk}/edit/").status_code == 404
    assert own.get_absolute_url() == f"/experiments/{decided.pk}/postmortem/"


def test_a_quarter_that_has_not_begun_has_nothing_to_write_about(client_of, olive, quarter):
    quarter.starts_on, quarter.ends_on = DUE, DUE + dt.timedelta(days=90)
    quarter.save()
    assert "has not begun" in client_of(olive).get(NEW, {"quarter": quarter.pk}).content.decode()
    assert client_of(olive).post(NEW, {"quarter": quarter.pk}).status_code == 409


def test_one_subject_has_one_post_mortem(client_of, alice, quarter, pod, of_quarter):
    asks = {"quarter": quarter.pk, "pod": pod.pk}
    assert client_of(alice).get(NEW, asks)["Location"] == of_quarter.get_absolute_url()
    assert client_of(alice).post(NEW, asks)["Location"] == of_quarter.url("postmortem_edit")
    of_quarter.refresh_from_db()
    assert (PostMortem.objects.count(), str(of_quarter.author)) == (1, "Bob")
    for fields in ({"quarter": quarter, "of_pod": pod}, {}, {"round_id": 1, "quarter": quarter}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PostMortem.objects.create(**fields)


# --- Written together -------------------------------------------------------------------------


def test_two_editors_of_a_text_are_merged(client_of, alice, bob, of_quarter):
    first = save(client_of(bob), of_quarter, "lucky", "Nobody else mailed.\n\nIt was warm.")
    save(
        client_of(bob),
        of_quarter,
        "lucky",
        "Nobody else mailed.\n\nIt was very warm.",
        first["uuid"],
    )
    merged = save(client_of(alice), of_quarter, "lucky", "Nobody at all mailed.\n\nIt was warm.", first["uuid"])  # fmt: skip
    assert merged["outcome"] == "merged"
    assert merged["text"] == "Nobody at all mailed.\n\nIt was very warm."
    news = client_of(bob).get(of_quarter.url("postmortem_writing")).json()
    assert news["sections"]["lucky"]["text"] == merged["text"]
    red = save(client_of(bob), of_quarter, "surprises", "It was red.")["uuid"]
    save(client_of(bob), of_quarter, "surprises", "It was green.", red)
    clash = save(client_of(alice), of_quarter, "surprises", "It was blue.", red)
    (conflict,) = clash["conflicts"]
    settle = of_quarter.url("postmortem_settle", conflict["id"])
    answer = client_of(bob).post(settle, {"keep": "later"})
    assert answer["Location"] == f"{of_quarter.url('postmortem_edit')}#surprises"
    of_quarter.refresh_from_db()
    assert of_quarter.surprises == "It was blue."


def test_comments_stay_with_the_pod(client_of, alice, bob, charlie, of_quarter):
    data = {"section": "lucky", "text": "Which day, @Bob?"}
    answer = client_of(alice).post(of_quarter.url("section_comment_new"), data)
    assert answer["Location"].startswith(f"/post-mortems/{of_quarter.pk}/#comment-")
    comment = of_quarter.comments.get()
    assert of_quarter.name in bob.notifications.get().sentence
    assert "Which day" in page_of(client_of(bob), of_quarter, "postmortem_edit")
    client_of(bob).post(of_quarter.url("section_comment_resolve", comment.pk))
    comment.refresh_from_db()
    assert comment.resolved_by == bob
    published(client_of(bob), alice, of_quarter)
    assert "Which day" not in page_of(client_of(charlie), of_quarter)


def test_an_image_is_shown_to_its_readers(client_of, bob, charlie, of_quarter):
    file = io.BytesIO()
    Image.new("RGB", (40, 20)).save(file, format="PNG")
    new = of_quarter.url("postmortem_image_new")
    client_of(bob).post(new, {"image": SimpleUploadedFile("x.png", file.getvalue())}, HTTP_ACCEPT="application/json")  # fmt: skip
    image = PostMortemImage.objects.get()
    save(client_of(bob), of_quarter, "lucky", f"![A chart](image:{image.pk})")
    assert f'src="{image.get_absolute_url()}"' in page_of(client_of(bob), of_quarter)
    assert image.get_absolute_url() == f"/post-mortems/{of_quarter.pk}/images/{image.pk}/"
    assert client_of(bob).get(image.get_absolute_url())["Content-Type"] == "image/png"
    assert client_of(charlie).get(image.get_absolute_url()).status_code == 404


def test_it_is_presented_without_a_result(client_of, bob, of_quarter):
    save(client_of(bob), of_quarter, "surprises", "Nobody had looked.")
    page = page_of(client_of(bob), of_quarter, present="1")
    for shown in ("p-opening", "p-summary", "p-surprises", "p-actions", of_quarter.title):
        assert shown in page
    for left_out in ("p-result", "p-compared", "p-learnings", "p-lucky"):
        assert left_out not in page


def test_what_people_wrote_is_text(client_of, alice, bob, slip):
    Slip.objects.update(note="<script>alert(1)</script>")
    written = start(client_of(bob), slip=slip.pk)
    page = page_of(client_of(bob), written)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


# --- What it takes, and what comes of it ------------------------------------------------------


def test_publishing_takes_a_step_in_the_place_of_a_learning(client_of, alice, bob, of_quarter):
    save(client_of(bob), of_quarter, "surprises", "Nobody had looked.")
    writing_up_after.mark_read(of_quarter, by=alice)
    assert "Say what you do next, or add an action." in page_of(client_of(bob), of_quarter, "postmortem_edit")  # fmt: skip
    assert client_of(bob).post(of_quarter.url("postmortem_publish")).status_code == 409
    with pytest.raises(Refused, match="needs an experiment as its evidence"):
        learnings.add_learning(of_quarter, by=bob, claim="x", scope="y")
    save(client_of(bob), of_quarter, "next_steps", "We ask first.")
    client_of(bob).post(of_quarter.url("postmortem_publish"))
    of_quarter.refresh_from_db()
    assert of_quarter.is_published
    assert client_of(bob).post(of_quarter.url("postmortem_section", "lucky"), {"uuid": uuid4(), "text": "x"}).status_code == 422  # fmt: skip
    client_of(bob).post(of_quarter.url("postmortem_note"), {"text": "It *held*."})
    assert "It <em>held</em>." in page_of(client_of(bob), of_quarter)


def test_an_action_is_on_today_until_its_owner_has_done_it(client_of, alice, bob, of_quarter):
    data = {"title": "Book the send", "owner": alice.pk, "due_on": DUE.isoformat()}
    client_of(bob).post(of_quarter.url("action_new"), data)
    (item,) = [one for one in waiting_for(alice) if one.title == "Action: Book the send"]
    assert item.url == f"{of_quarter.get_absolute_url()}#actions"
    assert f"From the post-mortem of {of_quarter.name}." == item.sentence
    assert any("Finish the post-mortem" in one.title for one in waiting_for(bob))
    action = PostMortemAction.objects.get()
    client_of(alice).post(of_quarter.url("action_done", action.pk))
    assert not [one for one in waiting_for(alice) if one.title.startswith("Action")]


def test_an_action_of_every_pod_waits_for_its_owner_once_it_is_published(
    client_of, olive, adam, bob, carol, of_every_pod
):
    data = {"title": "Book the send", "owner": bob.pk, "due_on": DUE.isoformat()}
    client_of(olive).post(of_every_pod.url("action_new"), data)
    action = PostMortemAction.objects.get()
    done = of_every_pod.url("action_done", action.pk)
    assert not waiting_for(bob)
    assert client_of(bob).post(done).status_code == 404
    save(client_of(olive), of_every_pod, "surprises", "x")
    of_every_pod.refresh_from_db()
    writing_up_after.mark_read(of_every_pod, by=adam)
    writing_up.publish(of_every_pod, by=olive)
    assert [one.title for one in waiting_for(bob)] == ["Action: Book the send"]
    assert "Done<span" in page_of(client_of(bob), of_every_pod)
    assert "Done<span" not in page_of(client_of(carol), of_every_pod)
    assert client_of(carol).post(done).status_code == 403
    client_of(bob).post(done)
    assert not waiting_for(bob)


def test_a_draft_of_every_pod_is_for_programme_owners(client_of, olive, adam, bob, of_every_pod):
    assert client_of(bob).get(of_every_pod.get_absolute_url()).status_code == 404
    page_of(client_of(adam), of_every_pod, "postmortem_edit")
    client_of(olive).post(of_every_pod.url("section_comment_new"), {"section": "lucky", "text": "@Bob and @Adam?"})  # fmt: skip
    assert not bob.notifications.exists()
    assert adam.notifications.exists()


def test_an_idea_follows_into_the_backlog_of_a_pod(client_of, olive, bob, pod, other_pod, of_quarter, of_every_pod):  # fmt: skip
    client_of(bob).post(of_quarter.url("follow_up_new"), {"title": "Test the trial send"})
    idea = FollowUp.objects.get().idea
    assert idea.pod == pod
    line = f"It follows from the post-mortem of {of_quarter.name}."
    assert Event.objects.about(idea).filter(sentence=line).exists()
    assert (
        of_quarter.get_absolute_url()
        in client_of(bob).get(idea.get_absolute_url()).content.decode()
    )
    new = of_every_pod.url("follow_up_new")
    assert client_of(olive).post(new, {"title": "Where?"}).status_code == 422
    client_of(olive).post(new, {"title": "Of all", "pod": pod.pk})
    other = Idea.objects.get(title="Of all")
    with pytest.raises(Refused, match="backlog of Lifecycle"):
        writing_up.add_follow_up(of_quarter, by=bob, title="Elsewhere", pod=other_pod)
    page = client_of(bob).get(other.get_absolute_url()).content.decode()
    assert of_every_pod.get_absolute_url() not in page  # he can't open the draft


def test_history_of_a_quarters_draft_is_not_in_the_quarters(bob, of_quarter, quarter, pod):
    assert not Event.objects.about(quarter).filter(verb="post_mortem").exists()
    event = Event.objects.about(of_quarter).get(verb="post_mortem")
    assert (event.pod, event.sentence) == (pod, "Bob started the post-mortem.")


def test_its_author_is_reminded_once_when_it_is_due(bob, of_quarter):
    PostMortem.objects.update(due_on=timezone.localdate())
    assert [remind_of_post_mortems(), remind_of_post_mortems()] == [1, 0]
    assert bob.notifications.get().url == of_quarter.get_absolute_url()


def test_the_flow_refuses_whoever_may_not(vera, charlie, alice, pod, quarter):
    for who in (vera, charlie):
        with pytest.raises(PermissionDenied):
            start_process_post_mortem(ProcessSubject(quarter=quarter, of_pod=pod), by=who)
    with pytest.raises(PermissionDenied, match="programme owners"):
        start_process_post_mortem(ProcessSubject(quarter=quarter), by=alice)


def test_the_api_shows_what_it_is_about(client_of, bob, charlie, pod, quarter, of_quarter):
    one = client_of(bob).get(f"/api/v1/post-mortems/{of_quarter.pk}/").json()
    assert (one["experiment"], one["quarter"], one["pod"]) == (None, quarter.pk, pod.pk)
    assert client_of(charlie).get(f"/api/v1/post-mortems/{of_quarter.pk}/").status_code == 404
    data = {"post_mortem": of_quarter.pk, "claim": "x", "scope": "y"}
    answer = client_of(bob).post("/api/v1/learnings/", data, content_type="application/json")
    assert answer.status_code == 409
    assert "evidence" in answer.json()["detail"]


def test_pages_keep_to_their_queries(client_of, alice, bob, session, slip, of_quarter):
    for subject in (ProcessSubject(slip=slip, of_pod=slip.pod), ProcessSubject(round=session, of_pod=session.pod)):  # fmt: skip
        start_process_post_mortem(subject, by=bob)
    client = client_of(alice)
    pages = [
        NEW,
        reverse("backlog:round_summary", args=[session.pk]),
        "/calendar/slips/",
        "/library/",
    ]
    for written in PostMortem.objects.with_subject():
        here = written.get_absolute_url()
        pages += [here, written.url("postmortem_edit"), f"{here}?present=1"]
    for page in pages:
        with CaptureQueriesContext(
            connection,
        ) as ran:
            assert client.get(page).status_code == 200
        assert len(ran) <= BUDGET, (
            page,
            len(ran),
            [one["sql"][:150] for one in ran.captured_queries],
        )
