"""An export that nobody says the experiment of finds it by the names of its arms."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from experiments.models import Intake
from tests.factories import launched, make_experiment

URL = reverse("experiments:data_drop")
NAMES = ("EXP-001_name-the-series_A", "EXP-001_name-the-series_B")


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


def dropped(client, text, name="export.csv"):
    return client.post(URL, {"file": SimpleUploadedFile(name, text.encode(), "text/csv")})


def test_its_labels_lead_to_the_experiment_and_to_the_arms(client_of, bob, running):
    rows = "".join(f"r{n},{NAMES[n % 2]},{n % 3 % 2}\n" for n in range(40))
    answer = dropped(client_of(bob), "user,campaign,Reactivated\n" + rows)
    intake = Intake.objects.get()
    assert answer.url == reverse("experiments:intake_map", args=[running.pk, intake.pk])
    body = client_of(bob).get(answer.url).content.decode()
    for place, arm in enumerate(running.arms):
        field = body[body.index(f'name="label_{place}"') :]
        assert f'value="{arm.name}" selected' in field[: field.index("</select>")]


def test_its_file_name_is_enough(client_of, bob, running):
    dropped(client_of(bob), "user,group,Reactivated\nr1,x,1\nr2,y,0\n", f"{NAMES[0]}.csv")
    assert Intake.objects.get().experiment == running


def test_none_several_or_one_of_another_pod_are_refused_and_nothing_is_kept(
    client_of, bob, charlie, running
):
    for client, text, sentence in (
        (client_of(bob), "a,b\n1,2\n", "names no experiment"),
        (client_of(bob), f"a,b\n{NAMES[0]},EXP-002_x_B\n", "names EXP-001 and EXP-002"),
        (client_of(bob), "a,b\nEXP-077_x_B,1\n", "You can’t see any experiment EXP-077"),
        (client_of(charlie), f"a,b\n{NAMES[0]},1\n", "You can’t see any experiment EXP-001"),
    ):
        answer = dropped(client, text)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert not Intake.objects.exists()
