"""The limits of quarters and pods: who sets them, what a week is, and what is refused."""

import datetime as dt

import pytest
from django.urls import reverse

from backlog.models import Event, Workspace
from experiments.models import PodLimits

QUARTER = {"tests_at_once": "6", "share_limit": "57", "tests_per_objective": "2"}


def weeks(*rows: tuple[str, str, str]) -> dict[str, str]:
    """The rows as the form sends them."""
    cells = {"weeks-TOTAL_FORMS": str(len(rows)), "weeks-INITIAL_FORMS": "0"}
    for at, row in enumerate(rows):
        for name, value in zip(("starts_on", "people_days", "reason"), row, strict=True):
            cells[f"weeks-{at}-{name}"] = value
    return cells


def test_a_programme_owner_sets_the_limits_of_a_quarter(tab_of, olive, quarter):
    url = reverse("experiments:quarter_limits", args=[quarter.pk])
    tab = tab_of(olive)
    assert tab.save(url, QUARTER).url == reverse("backlog:quarter_list")
    quarter.refresh_from_db()
    assert (quarter.tests_at_once, quarter.share_limit, quarter.tests_per_objective) == (6, 0.57, 2)
    assert 'value="57"' in tab.get(url).content.decode()
    assert "57 % of a segment" in Event.objects.about(quarter).first().sentence


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("share_limit", "0", "Enter at least 1 %."),
        ("share_limit", "120", "Enter at most 100 %."),
        ("tests_at_once", "5000", "Enter at most 1,000 experiments."),
        ("tests_per_objective", "x", "Enter a whole number, such as 8."),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_beside_its_field(
    tab_of, olive, quarter, field, value, sentence
):
    url = reverse("experiments:quarter_limits", args=[quarter.pk])
    answer = tab_of(olive).save(url, QUARTER | {field: value})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_lead_sets_what_the_pod_can_take_on_and_each_week_begins_on_the_workspaces_day(
    tab_of, alice, pod
):
    Workspace.objects.filter(pk=1).update(first_weekday=6)
    url = reverse("experiments:pod_limits", args=[pod.pk])
    rows = weeks(("2026-12-23", "0", "Holidays"), ("2027-01-06", "4,5", ""))
    tab = tab_of(alice)
    assert tab.save(url, {"people_days": "12", "tests_at_once": "3", **rows}).status_code == 302
    limits = PodLimits.objects.get(pod=pod)
    assert (limits.people_days, limits.tests_at_once) == (12, 3)
    kept = list(pod.weeks.values_list("starts_on", "people_days", "reason"))
    assert kept == [
        (dt.date(2026, 12, 20), 0, "Holidays"),
        (dt.date(2027, 1, 3), 4.5, ""),
    ]
    assert 'value="2026-12-20"' in tab.get(url).content.decode()


def test_a_capacity_of_nothing_is_kept_and_an_empty_one_means_that_nobody_plans_by_it(
    tab_of, alice, pod
):
    url = reverse("experiments:pod_limits", args=[pod.pk])
    tab_of(alice).save(url, {"people_days": "0", "tests_at_once": "0", **weeks()})
    limits = PodLimits.objects.get(pod=pod)
    assert (limits.people_days, limits.tests_at_once) == (0, 0)
    tab_of(alice).save(url, {"people_days": "", "tests_at_once": "1", **weeks()})
    limits.refresh_from_db()
    assert limits.people_days is None


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ((("2026-12-22", "1", ""), ("2026-12-24", "2", "")), "Two rows are about the week from 21 Dec 2026."),
        ((("2026-12-22", "", "Holidays"),), "Enter the people-days of this week."),
        ((("", "3", ""),), "Choose a day of the week, or remove the row."),
        ((("2026-12-22", "-1", ""),), "Enter 0 or more days."),
    ],
)  # fmt: skip
def test_weeks_that_make_no_sense_are_refused_and_nothing_is_saved(
    tab_of, alice, pod, rows, sentence
):
    url = reverse("experiments:pod_limits", args=[pod.pk])
    answer = tab_of(alice).save(url, {"people_days": "9", "tests_at_once": "3", **weeks(*rows)})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not PodLimits.objects.filter(pod=pod).exists()
    assert not pod.weeks.exists()
