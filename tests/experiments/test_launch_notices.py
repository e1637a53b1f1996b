"""Who has to check or launch a planned experiment hears of it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Notification
from experiments.flows import agreeing
from experiments.flows.moves import missing_for_launch, move_experiment
from experiments.hooks.today import waiting_for
from experiments.models import Experiment, Waiver
from tests.factories import make_experiment


@pytest.fixture
def draft(alice, bob, carol, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=bob, launcher=carol)
    Waiver.objects.filter(experiment=made, standard__in=("qa", "launcher")).delete()
    Experiment.objects.filter(pk=made.pk).update(starts_on=timezone.localdate())
    return Experiment.objects.get(pk=made.pk)


def sentences(person):
    return list(
        Notification.objects.filter(to=person, kind="launch").values_list("sentence", flat=True)
    )


def titles(person):
    return [item.title for item in waiting_for(person)]


def test_members_are_told_that_a_plan_wants_a_check(draft, alice, bob, vera):
    """M14: nobody was told, and Today said that nothing needs you."""
    if draft.state == "draft":
        move_experiment(draft, "plan", by=alice)
    assert any("checks it before the launch" in sentence for sentence in sentences(bob))
    assert sentences(alice) == []
    assert f"Check: {draft.title}" in titles(bob)
    assert f"Check: {draft.title}" not in titles(alice)
    assert f"Check: {draft.title}" not in titles(vera)


def test_the_named_launcher_of_a_checked_plan_is_told(draft, alice, bob, carol):
    if draft.state == "draft":
        move_experiment(draft, "plan", by=alice)
    agreeing.approve(Experiment.objects.get(pk=draft.pk), by=bob, kind="qa")
    assert f"Check: {draft.title}" not in titles(bob)
    assert f"Launch: {draft.title}" in titles(carol)
    left = missing_for_launch(Experiment.objects.get(pk=draft.pk), carol)
    assert bool(left) != any("ready to launch" in sentence for sentence in sentences(carol))


def test_an_author_is_not_told_to_launch_what_somebody_else_is_named_for(client_of, draft, alice):
    """U8: “Maya is the author. Somebody else launches it.” stood under Missing."""
    sentence = "is the author. Somebody else has to launch it."
    assert not any(sentence in text for _, text in missing_for_launch(draft, alice))
    page = client_of(alice).get(reverse("experiments:experiment_ready", args=[draft.pk]))
    assert sentence not in page.content.decode()
    Experiment.objects.filter(pk=draft.pk).update(launcher=None)
    unnamed = Experiment.objects.get(pk=draft.pk)
    assert any(sentence in text for _, text in missing_for_launch(unnamed, alice))


def test_an_author_still_cannot_launch(client_of, draft, alice):
    answer = client_of(alice).post(
        reverse("experiments:experiment_move", args=[draft.pk, "launch"]), {"seen": draft.state}
    )
    draft.refresh_from_db()
    assert draft.state != "running"
    assert answer.status_code in (409, 422)
