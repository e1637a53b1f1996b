"""The Plan tab: where it stands, what is missing, what was sealed."""

import datetime as dt

import pytest
from django.urls import reverse

from experiments.flows.moves import move_experiment
from experiments.flows.scheduling import change_dates
from experiments.models import Experiment
from tests.factories import ARMS, launched, make_experiment


@pytest.fixture
def draft(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob)


def page_of(client, experiment):
    return client.get(experiment.get_absolute_url()).content.decode()


def test_a_draft_lists_what_is_missing_with_links_to_the_place(client_of, alice, pod):
    bare = make_experiment(alice, pod, objective=None, analyst=None, audience="", starts_on=None,
                           ends_on=None)  # fmt: skip
    page = page_of(client_of(alice), bare)
    edit = reverse("experiments:experiment_edit", args=[bare.pk])
    for part in ("goal", "audience", "people", "dates"):
        assert f'href="{edit}#{part}"' in page
    assert "Finish the plan" in page
    assert ">Launch<" not in page


def test_the_parts_that_are_linked_stand_on_the_form(client_of, alice, draft):
    page = client_of(alice).get(reverse("experiments:experiment_edit", args=[draft.pk]))
    for part in ("goal", "arms", "metrics", "audience", "people", "dates"):
        assert f'id="{part}"' in page.content.decode()


def test_a_lead_may_launch_and_a_member_sees_no_button(client_of, alice, bob, vera, draft):
    from experiments.flows.moves import move_experiment  # noqa: PLC0415

    move_experiment(draft, "plan", by=alice)
    launch = reverse("experiments:experiment_move", args=[draft.pk, "launch"])
    assert launch in page_of(client_of(alice), draft)
    for person in (bob, vera):
        page = page_of(client_of(person), draft)
        assert launch not in page
        assert "A lead of Lifecycle launches it" in page


def test_a_viewer_sees_no_link_to_change_it(client_of, vera, draft):
    page = page_of(client_of(vera), draft)
    assert "/edit/" not in page
    assert "/move/" not in page


def test_a_sealed_plan_shows_its_fingerprint_short_and_whole(client_of, alice, draft):
    launched(draft, alice)
    page = page_of(client_of(alice), draft)
    assert f"<code>{draft.fingerprint[:12]}</code>" in page
    assert draft.fingerprint in page
    assert "None. It runs as planned." in page
    assert f"experiments/{draft.pk}/edit/" not in page


def test_an_amendment_stands_dated_below_the_sealed_plan(client_of, alice, draft):
    launched(draft, alice)
    change_dates(draft, by=alice, starts_on=draft.starts_on,
                 ends_on=draft.ends_on + dt.timedelta(days=7), reason="Fewer came than planned")  # fmt: skip
    page = page_of(client_of(alice), draft)
    assert "before the first look" in page
    assert "<p>Fewer came than planned</p>" in page


def test_a_script_as_the_name_of_an_arm_is_text(client_of, alice, pod, objective):
    arms = (ARMS[0], {"name": "<script>alert(1)</script>", "is_control": False, "weight": 1})
    made = make_experiment(alice, pod, objective=objective, analyst=alice, arms=arms)
    page = page_of(client_of(alice), made)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_outsiders_find_nothing(client_of, charlie, olive, draft):
    for name in ("experiment_detail", "experiment_activity", "experiment_data",
                 "experiment_results", "experiment_decide", "postmortem_detail"):  # fmt: skip
        url = reverse(f"experiments:{name}", args=[draft.pk])
        assert client_of(charlie).get(url).status_code == 404
        assert client_of(olive).get(url).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["experiment_detail", "experiment_ready", "experiment_activity", "experiment_data", "experiment_results",
     "experiment_decide", "postmortem_detail"],
)  # fmt: skip
def test_each_tab_asks_the_database_little(
    client_of, alice, draft, name, django_assert_max_num_queries
):
    launched(draft, alice)
    client = client_of(alice)
    most = 13 if name == "experiment_detail" else 12  # it names the arms by the convention
    with django_assert_max_num_queries(most):
        client.get(reverse(f"experiments:{name}", args=[draft.pk]))


def test_the_step_names_who_launches(client_of, alice, bob, pod, objective):
    """“A lead launches it” stood above “Launcher: Ines Costa”."""
    made = make_experiment(alice, pod, objective=objective, analyst=bob, launcher=alice)
    move_experiment(made, "plan", by=alice)
    here = reverse("experiments:experiment_detail", args=[made.pk])
    assert f", {alice} launches it" in client_of(alice).get(here).content.decode()
    Experiment.objects.update(launcher=None)
    assert ", a lead launches it" in client_of(alice).get(here).content.decode()
