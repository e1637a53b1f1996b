"""A file that is too large is dropped while it streams, and the form says how large it was."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.models import Intake
from tests.factories import launched, make_experiment


@pytest.fixture
def experiment(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


def test_it_is_refused_with_its_size_and_nothing_is_kept(experiment, client_of, bob, settings):
    settings.RESULTS_FILE_MAX_BYTES = 1024 * 1024
    big = SimpleUploadedFile("big.csv", b"version,reactivated\n" + b"a,1\n" * 700_000)
    answer = client_of(bob).post(f"/experiments/{experiment.pk}/data/", {"file": big})
    assert answer.status_code == 413
    assert "“big.csv” has 3 MB; files up to 1 MB are taken" in answer.content.decode()
    assert not Intake.objects.exists()
    assert not any(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*"))


def test_one_just_within_the_limit_is_taken(experiment, client_of, bob, settings):
    body = b"version,reactivated\n" + b"a,1\nb,0\n" * 1000
    settings.RESULTS_FILE_MAX_BYTES = len(body)
    small = SimpleUploadedFile("small.csv", body)
    answer = client_of(bob).post(f"/experiments/{experiment.pk}/data/", {"file": small})
    assert answer.status_code == 302
    assert Intake.objects.get().sniffed["rows"] == 2000
