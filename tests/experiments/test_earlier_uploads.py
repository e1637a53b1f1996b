"""Uploads that were replaced or wrong: they count again, or go with everything they hold of people."""

import datetime as dt

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from backlog.models import Event
from experiments.flows.analysing import analyse_now
from experiments.flows.totals import receive_totals
from experiments.models import Intake, Observation
from tests.experiments.posting import confirmed, mapped
from tests.factories import launched, make_experiment, totals

TODAY = timezone.localdate()
DAYS = [str(TODAY - dt.timedelta(days=ago)) for ago in (3, 2, 1, 0)]
ARMS = {"label_0": "As it is", "label_1": "Series named"}
BY_UNIT = {
    "unit": "user", "day": "came", "metric_Reactivated": "Reactivated", "metric_Opened": "Opened",
    "metric_Unsubscribed": "Unsubscribed", **ARMS,
}  # fmt: skip


def units_file(days, each=40, name="u"):
    rows = [
        f"{name}{day}-{n}@example.org,{'AB'[n % 2]},{day},{int(n % 5 == 0)},1,0"
        for day in days
        for n in range(each)
    ]
    return "user,group,came,Reactivated,Opened,Unsubscribed\n" + "\n".join(rows) + "\n"


def day_of(day, n=500):
    return [{**row, "day": day} for row in totals(n=n)]


@pytest.fixture
def running(alice, bob, carol, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=carol), alice)


@pytest.fixture
def bring(client_of, bob, running):
    def bring(content, **fields):
        url = mapped(client_of(bob), running, content, **{**BY_UNIT, **fields}).url
        response = confirmed(client_of(bob), url)
        assert response.status_code == 302
        return Intake.objects.latest("pk")

    return bring


def counting(running):
    return running.intakes.counting().get()


def units_by_day(running):
    rows = Observation.objects.filter(intake=counting(running), metric__role="primary")
    return {str(row.day): row.n for row in rows.filter(variant__name="As it is") if row.day}


def address(name, intake):
    return reverse(f"experiments:{name}", args=[intake.experiment_id, intake.pk])


# --- Days of several uploads ----------------------------------------------------------------------


def test_a_day_over_the_api_leaves_the_days_of_a_file(bob, running, bring):
    bring(units_file(DAYS[:3]))
    taken = receive_totals(running, by=bob, observations=day_of(DAYS[3]), accumulation="daily")
    assert units_by_day(running) == {DAYS[0]: 20, DAYS[1]: 20, DAYS[2]: 20, DAYS[3]: 500}
    assert taken.understood["units"] == {"As it is": 560, "Series named": 560}
    receive_totals(running, by=bob, observations=day_of(DAYS[1], 70), accumulation="daily")
    assert units_by_day(running) == {DAYS[0]: 20, DAYS[1]: 70, DAYS[2]: 20, DAYS[3]: 500}
    assert analyse_now(counting(running).pk).result["units"]["As it is"] == 610
    event = Event.objects.about(running).filter(verb="intake").first()
    assert "3 of its days stay." in event.sentence


def test_a_day_never_replaces_a_total_without_days(bob, running, bring, api_of):
    content = units_file(DAYS[:3])
    bring(content, day="")
    url = f"/api/v1/experiments/{running.pk}/observations/"
    body = {"accumulation": "daily", "observations": day_of(DAYS[3])}
    refused = api_of(bob).post(url, body, format="json")
    assert refused.status_code == 409
    assert "“r.csv” counts now, with 120 units" in refused.json()["detail"]
    assert "the data that counts now has no days" in refused.json()["detail"]
    assert counting(running).filename == "r.csv"
    meant = api_of(bob).post(url, {**body, "replaces_all": True}, format="json")
    assert meant.status_code == 201
    assert units_by_day(running) == {DAYS[3]: 500}


def test_what_cannot_be_divided_by_day_is_refused_and_nothing_is_lost(bob, running, bring, api_of):
    content = units_file(DAYS[:2]).replace("Reactivated,", "kind,Reactivated,")
    content = content.replace(f",{DAYS[0]},", f",{DAYS[0]},new,")
    content = content.replace(f",{DAYS[1]},", f",{DAYS[1]},old,")
    bring(content, stratum="kind")
    url = f"/api/v1/experiments/{running.pk}/observations/"
    body = {"accumulation": "daily", "observations": day_of(DAYS[3])}
    refused = api_of(bob).post(url, body, format="json")
    assert (refused.status_code, counting(running).filename) == (409, "r.csv")
    assert "strata can’t be divided by day" in refused.json()["detail"]


def test_segments_of_the_file_stay_and_it_is_written_beside_them(bob, running, bring):
    content = units_file(DAYS[:2]).replace("group,", "group,country,").replace(",A,", ",A,ES,")
    content = content.replace(",B,", ",B,FR,")
    bring(content, segments=["country"])
    receive_totals(running, by=bob, observations=day_of(DAYS[3]), accumulation="daily")
    understood = counting(running).understood
    assert {row["value"] for row in understood["segments"]} == {"ES", "FR"}
    assert "Segments and the spread of values are those of r.csv" in understood["warnings"][-1]


@pytest.mark.parametrize(("answer", "days"), [("keep", DAYS), ("drop", DAYS[:3])])
def test_whether_days_that_a_file_lacks_stay_is_asked(
    client_of, bob, running, answer, days
):  # fmt: skip
    client = client_of(bob)
    receive_totals(running, by=bob, observations=day_of(DAYS[3]), accumulation="daily")
    url = mapped(client, running, units_file(DAYS[:3]), **BY_UNIT).url
    page = client.get(url)
    text = page.content.decode()
    assert (
        "1 question is open: 1 day of the data that counts now is not in this file. Keep it?"
        in text
    )
    assert "1,120 units over all arms together" in text
    assert "120 units over all arms together" in text
    assert client.post(url, {"do": "count"}).status_code == 409
    client.post(url, {"do": "look", "answer:days": answer})
    page = client.get(url).content.decode()
    assert f"Confirm and count {'1,120' if answer == 'keep' else '120'}" in page
    client.post(url, {"do": "count", "answer:days": answer})
    assert list(units_by_day(running)) == days
    expected = 560 if answer == "keep" else 60
    assert counting(running).understood["units"]["As it is"] == expected
    assert counting(running).understood["days"] == days


def test_days_that_cannot_stay_are_acknowledged_first(client_of, bob, running, bring):
    bring(units_file(DAYS))
    client = client_of(bob)
    fields = {name: value for name, value in BY_UNIT.items() if name != "day"}
    url = mapped(client, running, units_file(DAYS), **fields).url
    page = client.get(url)
    titles = [doubt.title for doubt, _ in page.context["page"].doubts]
    assert titles == ["4 days of the data that counts now would be lost"]
    assert "because the new data has no days" in page.content.decode()


def test_days_that_stay_are_told_of_as_the_api_tells_them(client_of, bob, running):
    """A file without a metric, beside days that have it: nothing said that its days lack it."""
    receive_totals(running, by=bob, observations=day_of(DAYS[3]), accumulation="daily")
    client = client_of(bob)
    content = units_file(DAYS[:2]).replace(",Unsubscribed", ",Other")
    url = mapped(client, running, content, **{**BY_UNIT, "metric_Unsubscribed": ""}).url
    client.post(url, {"do": "look", "answer:days": "keep"})
    page = client.get(url)
    assert f"“Unsubscribed” has no figures for {DAYS[0]}, {DAYS[1]}." in page.content.decode()
    assert [doubt.title for doubt, _ in page.context["page"].doubts] == []
    client.post(url, {"do": "count", "answer:days": "keep"})
    assert any("has no figures" in one for one in counting(running).understood["warnings"])


def test_running_totals_that_do_not_count_yet_are_acknowledged(client_of, bob, running):
    """All figures of the file waited for a metric that it does not have, in silence."""
    receive_totals(running, by=bob, observations=day_of(DAYS[0]), accumulation="cumulative")
    rows = [f"{arm},{day},900,90,300" for day in DAYS[1:3] for arm in "AB"]
    content = "group,came,n,Reactivated,Opened\n" + "\n".join(rows) + "\n"
    client = client_of(bob)
    fields = {**BY_UNIT, "shape": "totals", "unit": "", "count": "n", "accumulation": "cumulative",
              "metric_Unsubscribed": ""}  # fmt: skip
    url = mapped(client, running, content, **fields).url
    client.post(url, {"do": "look", "answer:days": "keep"})
    doubts = [doubt for doubt, _ in client.get(url).context["page"].doubts]
    assert [doubt.title for doubt in doubts] == ["2 days would not count yet"]
    assert client.post(url, {"do": "count", "answer:days": "keep"}).status_code == 409


# --- Again ----------------------------------------------------------------------------------------


def test_a_file_that_was_replaced_counts_again_with_a_reading_of_its_own(
    client_of, bob, running, bring
):
    first = bring(units_file(DAYS))
    analyse_now(first.pk)
    second = bring(units_file(DAYS, each=20))
    analyse_now(second.pk)
    client = client_of(bob)
    page = client.get(reverse("experiments:experiment_data", args=[running.pk])).content.decode()
    assert "Count this file again" in page
    for _ in range(2):
        assert client.post(address("intake_again", first)).status_code == 302
    again = counting(running)
    assert (again.filename, running.intakes.count()) == ("r.csv", 3)
    assert analyse_now(again.pk).number == 3
    assert running.latest_analysis.result["units"] == {"As it is": 80, "Series named": 80}
    sentence = Event.objects.about(running).filter(verb="intake").first().sentence
    assert sentence.startswith("Bob let the data of ")
    assert "count again, “r.csv”: 160 units." in sentence
    assert client.post(address("intake_again", again)).status_code == 409


def test_only_members_let_data_count_again(client_of, vera, charlie, bob, running, bring):
    first = bring(units_file(DAYS))
    bring(units_file(DAYS))
    assert client_of(vera).post(address("intake_again", first)).status_code == 403
    assert client_of(charlie).post(address("intake_again", first)).status_code == 404


# --- Removing -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_wrong_upload_goes_with_all_that_it_holds(client_of, bob, running):
    client = client_of(bob)
    mapped(client, running, units_file(DAYS), **BY_UNIT)
    taken = Intake.objects.get()
    kept = taken.file.name
    assert "example.org" in str(taken.sniffed)
    page = client.get(address("intake_remove", taken)).content.decode()
    assert "The file and everything that was read in it will be gone." in page
    assert client.post(address("intake_remove", taken)).status_code == 302
    taken.refresh_from_db()
    assert taken.state == "removed"
    assert not default_storage.exists(kept)
    assert "example.org" not in str(vars(taken))
    page = client.get(reverse("experiments:experiment_data", args=[running.pk])).content.decode()
    assert "Removed upload" in page
    assert "Bob removed “r.csv”" in Event.objects.about(running).filter(verb="intake")[0].sentence
    assert client.get(address("intake_confirm", taken)).status_code == 302
    assert client.get(address("intake_map", taken)).status_code == 302
    assert client.post(address("intake_again", taken)).status_code == 409


def test_what_counts_keeps_its_statistics_and_loses_its_people(client_of, bob, running, bring):
    taken = bring(units_file(DAYS) + "broken@example.org,A,never,1,1,0\n")
    taken.refresh_from_db()
    assert "broken@example.org" in str(taken.understood["rejected"])
    page = client_of(bob).get(address("intake_remove", taken)).content.decode()
    assert "Its statistics stay and still count." in page
    client_of(bob).post(address("intake_remove", taken))
    taken.refresh_from_db()
    assert (taken.state, bool(taken.file)) == ("counted", False)
    assert "example.org" not in str(taken.sniffed) + str(taken.understood)
    assert analyse_now(taken.pk).result["units"] == {"As it is": 80, "Series named": 80}
    events = Event.objects.filter(verb="intake").count()
    client_of(bob).post(address("intake_remove", taken))
    assert Event.objects.filter(verb="intake").count() == events
    page = client_of(bob).get(reverse("experiments:experiment_data", args=[running.pk]))
    assert [row["may_remove"] for row in page.context["intakes"]] == [False]


def test_the_sender_and_a_lead_may_remove_and_nobody_else(
    client_of, alice, bob, carol, vera, charlie, running, bring
):
    taken = bring(units_file(DAYS))
    url = address("intake_remove", taken)
    assert client_of(carol).get(url).status_code == 403
    assert client_of(vera).post(url).status_code == 403
    assert client_of(charlie).post(url).status_code == 404
    assert client_of(alice).get(url).status_code == 200
    assert client_of(bob).get(url).status_code == 200
    page = client_of(carol).get(reverse("experiments:experiment_data", args=[running.pk]))
    assert url not in page.content.decode()
