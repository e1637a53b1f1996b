"""Calendar feeds: whose address opens what, what is in them, and that every program reads it alike."""

import dataclasses
import datetime as dt
import logging
import zoneinfo

import pytest
import time_machine
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from backlog.flows.deactivating import deactivate
from backlog.models import Event
from backlog.refusals import Refused
from config.logs import HideSecrets
from experiments.flows.closed_days import save_blackout, save_deadline
from experiments.flows.moves import move_experiment
from experiments.flows.subscribing.addresses import MOST_FEEDS, make_feed
from experiments.flows.subscribing.entries import Entry, Status, Subscription
from experiments.flows.subscribing.ical import written
from experiments.models import Blackout, CalendarFeed, Deadline, Experiment, Milestone
from tests.experiments import ical_readers as readers
from tests.factories import analysed, launched, make_experiment

URL = reverse("experiments:calendar_subscribe")
TODAY = timezone.localdate
DAY = dt.timedelta(days=1)


def read(token: str, **headers) -> tuple[int, bytes]:
    answer = Client(headers=headers).get(reverse("experiments:feed_calendar", args=[token]))
    return answer.status_code, answer.content


def bars_of(token: str) -> dict[str, readers.Bar]:
    """The feed by the titles of its entries."""
    status, body = read(token)
    assert status == 200
    return {bar.title: bar for bar in readers.by_icalendar(body)}


@pytest.fixture
def planned(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob, owner=bob)


@pytest.fixture
def token(alice):
    return make_feed(by=alice, kind="workspace")[1]


def test_a_person_makes_an_address_sees_it_once_and_revokes_it(client_of, vera, pod, planned):
    client = client_of(vera)
    page = client.post(URL, {"kind": "pod", "pod": pod.pk}).content.decode()
    feed = CalendarFeed.objects.get()
    address = page.partition('id="id_address" value="')[2].partition('"')[0]
    token = address.split("/")[-2]
    assert feed.hint in page
    assert token not in client.get(URL).content.decode()
    assert planned.key in "".join(bars_of(token))
    assert "never" not in client.get(URL).content.decode()
    assert client.post(reverse("experiments:feed_revoke", args=[feed.pk])).url == URL
    status, body = read(token)
    assert status == 404
    assert "does not work any more" in body.decode()
    assert feed.hint not in client.get(URL).content.decode()


def test_the_token_is_stored_nowhere(alice):
    feed, token = make_feed(by=alice, kind="personal")
    assert token not in str(CalendarFeed.objects.filter(pk=feed.pk).values())
    assert not Event.objects.filter(sentence__contains=token).exists()


def test_no_log_tells_the_token():
    record = logging.LogRecord("django.request", 30, "", 1, "%s: %s", ("Not Found", "/feeds/cal_secret/calendar.ics"), None)  # fmt: skip
    assert HideSecrets().filter(record)
    assert record.getMessage() == "Not Found: /feeds/…/calendar.ics"
    whole = logging.LogRecord("x", 30, "", 1, "GET /invitations/inv_secret/ failed", None, None)
    HideSecrets().filter(whole)
    assert whole.getMessage() == "GET /invitations/…/ failed"


def test_others_can_neither_see_nor_revoke_an_address(client_of, alice, bob):
    feed, _ = make_feed(by=alice, kind="personal")
    client = client_of(bob)
    assert feed.hint not in client.get(URL).content.decode()
    assert client.post(reverse("experiments:feed_revoke", args=[feed.pk])).status_code == 404
    feed.refresh_from_db()
    assert feed.revoked_at is None


@pytest.mark.parametrize("word", ["cal_unknown", "x", "%00", "..%2f..", "é" * 300])
def test_an_unknown_token_gets_a_plain_sentence(db, word):
    status, body = read(word)
    assert status == 404
    assert b"make a new address" in body


def test_a_deactivated_person_reads_nothing_more(adam, bob):
    _, token = make_feed(by=bob, kind="workspace")
    deactivate(bob, by=adam)
    assert read(token)[0] == 404


def test_somebody_who_leaves_the_pod_no_longer_reads_about_it(vera, pod, planned):
    everything, of_pod = (make_feed(by=vera, kind=kind, pod=of)[1]
                          for kind, of in (("workspace", None), ("pod", pod)))  # fmt: skip
    assert len(bars_of(everything)) > 0
    vera.memberships.all().delete()
    assert bars_of(everything) == bars_of(of_pod) == {}


def test_an_outsider_reads_nothing_of_the_pod(charlie, alice, pod, planned):
    save_blackout(Blackout(), by=alice, name="Ours", pod=pod, starts_on=TODAY(), ends_on=TODAY() + DAY)  # fmt: skip
    save_deadline(Deadline(), by=alice, name="Ours", pod=pod, day=TODAY())
    assert bars_of(make_feed(by=charlie, kind="workspace")[1]) == {}


def test_a_pod_must_be_named_and_be_ones_own(client_of, charlie, pod):
    client = client_of(charlie)
    unnamed = client.post(URL, {"kind": "pod"})
    assert unnamed.status_code == 422
    assert "Choose the pod." in unnamed.content.decode()
    assert client.post(URL, {"kind": "pod", "pod": pod.pk}).status_code == 422
    assert not CalendarFeed.objects.exists()


def test_a_person_keeps_a_handful_of_addresses(alice):
    for _ in range(MOST_FEEDS):
        make_feed(by=alice, kind="personal")
    with pytest.raises(Refused, match="Revoke one first"):
        make_feed(by=alice, kind="personal")


def test_a_personal_feed_holds_what_one_has_a_part_in(bob, dave, planned):
    assert planned.key in "".join(bars_of(make_feed(by=bob, kind="personal")[1]))
    assert bars_of(make_feed(by=dave, kind="personal")[1]) == {}


def test_a_bar_runs_from_its_first_day_to_the_day_after_the_last(token, planned):
    bar = bars_of(token)[f"{planned.key} {planned.title}"]
    assert (bar.starts_on, bar.ends_on) == (planned.starts_on, planned.ends_on)
    assert bar.status == "TENTATIVE"
    assert "Lifecycle, draft" in bar.details
    assert f"Objective: {planned.objective}" in bar.details
    assert bar.details.endswith(f"/experiments/{planned.pk}/")


def test_state_is_told_in_words_and_results_are_not(alice, bob, token, planned):
    running = launched(planned, alice)
    analysed(running, bob)
    _, body = read(token)
    bar = bars_of(token)[f"{running.key} {running.title}"]
    assert bar.status == "CONFIRMED"
    assert "Lifecycle, running" in bar.details
    for word in (b"15,000", b"lift", b"won", b"p =", b"+20", b"0.12"):
        assert word not in body


def test_blackouts_deadlines_and_open_milestones_stand_in_it(token, alice, bob, pod, planned):
    save_blackout(Blackout(), by=alice, name="Freeze", pod=pod, channel="E-mail",
                  starts_on=TODAY(), ends_on=TODAY() + 3 * DAY)  # fmt: skip
    save_deadline(Deadline(), by=alice, name="Last edits", pod=pod, day=TODAY() + DAY)
    bars = bars_of(token)
    freeze = bars["No experiments on E-mail: Freeze"]
    assert (freeze.starts_on, freeze.ends_on) == (TODAY(), TODAY() + 3 * DAY)
    edits = bars["Deadline: Last edits"]
    assert (edits.starts_on, edits.ends_on) == (TODAY() + DAY, TODAY() + 2 * DAY)
    decide = bars[f"{planned.key}: Read and decide"]
    assert decide.starts_on == planned.ends_on + DAY
    Milestone.objects.filter(experiment=planned, name="Read and decide").update(
        done_at=timezone.now()
    )
    assert f"{planned.key}: Read and decide" not in bars_of(token)
    own = bars_of(make_feed(by=bob, kind="personal")[1])
    assert f"{planned.key}: Post-mortem" in own  # Bob owns it
    assert f"{planned.key}: Launch" not in own  # the launcher's


def test_a_cancelled_experiment_stands_in_it_for_thirty_days(token, alice, planned):
    title = f"{planned.key} {planned.title}"
    move_experiment(planned, "cancel", by=alice)
    assert bars_of(token)[title].status == "CANCELLED"
    assert len([t for t in bars_of(token) if t.startswith(planned.key)]) == 1
    Event.objects.update(at=timezone.now() - dt.timedelta(days=31))
    assert title not in bars_of(token)


def test_an_entry_keeps_its_id_and_counts_its_changes(token, alice, bob, planned):
    def raw() -> dict:
        _, body = read(token)
        rows = readers.Calendar.from_ical(body).walk("VEVENT")
        return next(row for row in rows if str(row["summary"]).startswith(f"{planned.key} "))

    Event.objects.update(at=F("at") - dt.timedelta(hours=1))
    before = raw()
    Experiment.objects.filter(pk=planned.pk).update(title="Another title 🎉")
    planned.refresh_from_db()
    move_experiment(planned, "plan", by=alice)
    after = raw()
    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    assert after.decoded("last-modified") > before.decoded("last-modified")
    assert after.decoded("dtstamp") == after.decoded("last-modified")
    assert after.decoded("dtstamp").utcoffset() == dt.timedelta(0)


def test_an_id_is_another_one_in_another_installation(token, planned):
    here = bars_of(token)[f"{planned.key} {planned.title}"].uid
    Experiment.objects.filter(pk=planned.pk).update(salt="another")
    assert bars_of(token)[f"{planned.key} {planned.title}"].uid != here


def test_what_has_not_changed_is_not_sent_again(token, planned, alice):
    url = reverse("experiments:feed_calendar", args=[token])
    first = Client().get(url)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in first["Cache-Control"]
    again = Client(headers={"If-None-Match": first["ETag"]}).get(url)
    assert (again.status_code, again.content) == (304, b"")
    weak = Client(headers={"If-None-Match": f"W/{first['ETag']}"}).get(url)
    assert weak.status_code == 304
    move_experiment(planned, "plan", by=alice)
    assert Client(headers={"If-None-Match": first["ETag"]}).get(url).status_code == 200


def test_reading_it_costs_few_queries(token, django_assert_max_num_queries, planned):
    read(token)
    with django_assert_max_num_queries(12):
        read(token)


HARD = 'Häppy; hour, at 5\\6 :"🎉" 日本語 ' + "long " * 30


def as_every_reader_has_it(body: bytes) -> list[readers.Bar]:
    """The bars, once three independent parsers agree with each other and with the one that wrote."""
    first = readers.by_icalendar(body)
    for reader in readers.INDEPENDENT:
        assert sorted(reader(body)) == sorted(first), reader.__name__
    return first


def test_three_parsers_read_it_alike(token, alice, pod, objective, bob, planned):
    Experiment.objects.filter(pk=planned.pk).update(title=HARD[:200].strip(), channel="E-mail; push, or\\so")  # fmt: skip
    save_deadline(Deadline(), by=alice, name="Commas, “quotes” and 🎉🎉", pod=pod, day=TODAY())
    _, body = read(token)
    bars = as_every_reader_has_it(body)
    assert any(bar.title == f"{planned.key} {' '.join(HARD[:200].split())}" for bar in bars)
    assert any("Channel: E-mail; push, or\\so\n" in bar.details for bar in bars)
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in body
    assert b"X-PUBLISHED-TTL:PT1H" in body


def entry(number: int, title: str, starts_on: dt.date, days: int) -> Entry:
    return Entry(
        uid=f"experiment-{number}", title=title, starts_on=starts_on,
        ends_on=starts_on + days * DAY, status=Status.CONFIRMED, changes=number,
        changed_at=dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC),
        details=("Lifecycle, running",), address="https://floe.example.com/experiments/1/", group="Lifecycle",
    )  # fmt: skip


TITLES = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs"), exclude_characters="\ufeff"),
    min_size=1,
)


@given(
    st.lists(
        st.tuples(TITLES, st.dates(dt.date(2000, 1, 1), dt.date(2199, 1, 1)), st.integers(1, 200)),
        min_size=1,
        max_size=4,
    )
)
def test_any_title_and_any_days_come_back_as_they_were(rows):
    entries = tuple(entry(number, *row) for number, row in enumerate(rows))
    body = written(Subscription("Floe", entries))
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    for bars in (readers.by_icalendar(body), readers.by_vobject(body), readers.by_ical(body)):
        assert [(b.title, b.starts_on, b.ends_on) for b in bars] == [
            (e.title, e.starts_on, e.ends_on) for e in entries
        ]


@pytest.mark.parametrize(
    "sign", [*map(chr, range(32)), "\x7f", "\x85", "\u2028", "\r\nBEGIN:VALARM"]
)
def test_no_control_character_makes_a_program_refuse_the_calendar(sign):
    odd = entry(1, f"Before{sign}after", dt.date(2026, 3, 28), 3)
    odd = dataclasses.replace(odd, details=(f"Channel: a{sign}b",), group=f"Pod{sign}, a;b")
    (bar,) = as_every_reader_has_it(written(Subscription(f"Floe{sign}: all", (odd,))))
    assert bar.title.startswith("Before")


ZONES = sorted(zoneinfo.available_timezones())


@pytest.mark.parametrize("zone", [*ZONES[::60], "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"])  # fmt: skip
@pytest.mark.parametrize("instant", ["2026-03-29T00:59:59Z", "2026-10-25T01:00:00Z", "2026-12-31T23:30:00Z"])  # fmt: skip
def test_days_are_the_same_in_every_time_zone_and_over_changes_of_the_clock(zone, instant):
    days = [entry(1, "Spring", dt.date(2026, 3, 28), 3), entry(2, "Autumn", dt.date(2026, 10, 24), 2)]  # fmt: skip
    now = dt.datetime.fromisoformat(instant).astimezone(zoneinfo.ZoneInfo(zone))
    with time_machine.travel(now), timezone.override(zone):
        body = written(Subscription("Floe", tuple(days)))
    assert b"VTIMEZONE" not in body
    assert b"DTSTART;VALUE=DATE:20260328\r\nDTEND;VALUE=DATE:20260331" in body
    assert body == written(Subscription("Floe", tuple(days)))


def test_eight_thousand_bars_are_one_file():
    first = dt.date(2026, 1, 1)
    entries = tuple(entry(n, f"EXP-{n} {HARD}", first + (n % 300) * DAY, 14) for n in range(8000))
    body = written(Subscription("Floe", entries))
    assert body.count(b"BEGIN:VEVENT\r\n") == 8000
    assert len({bar.uid for bar in readers.by_icalendar(body)}) == 8000
