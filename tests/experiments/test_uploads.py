"""A file that is too large is dropped while it streams, and the form says how large it was."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError

from backlog import room
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


def test_a_disk_that_is_too_full_is_said_and_nothing_is_kept(experiment, client_of, bob, settings):
    settings.UPLOADS_KEEP_FREE_BYTES = 1 << 60
    file = SimpleUploadedFile("a.csv", b"version,reactivated\na,1\nb,0\n")
    answer = client_of(bob).post(f"/experiments/{experiment.pk}/data/", {"file": file})
    assert answer.status_code == 507
    page = answer.content.decode()
    assert "There is not enough disk space for this file: 0 MB are free" in page
    assert "Tell an admin" in page
    assert files_of(settings) == []


def test_the_quota_of_uploads_is_said_with_its_setting(experiment, client_of, bob, settings):
    settings.UPLOADS_MAX_BYTES = 10
    file = SimpleUploadedFile("a.csv", b"version,reactivated\na,1\nb,0\n")
    answer = client_of(bob).post(f"/experiments/{experiment.pk}/data/", {"file": file})
    assert answer.status_code == 507
    assert "allowed (UPLOADS_MAX_MB)" in answer.content.decode()
    assert files_of(settings) == []


def test_a_disk_that_fills_up_meanwhile_is_said_and_nothing_is_kept(
    experiment, client_of, bob, settings, monkeypatch
):
    free = iter([1 << 40])
    monkeypatch.setattr(room, "room_on_disk", lambda: next(free, 0))
    file = SimpleUploadedFile("a.csv", b"version,reactivated\n" + b"a,1\nb,0\n" * 3_000_000)
    answer = client_of(bob).post(f"/experiments/{experiment.pk}/data/", {"file": file})
    assert answer.status_code == 507
    assert files_of(settings) == []


def test_a_request_brings_so_many_bytes_in_all_its_files_together(
    experiment, client_of, bob, settings
):
    settings.RESULTS_FILE_MAX_BYTES = 1024 * 1024
    files = [SimpleUploadedFile(f"{n}.csv", b"a,b\n" * 100_000) for n in range(8)]
    answer = client_of(bob).post(f"/experiments/{experiment.pk}/data/", {"file": files})
    assert answer.status_code == 413
    assert files_of(settings) == []


def test_a_row_that_cannot_be_saved_leaves_no_file(
    experiment, client_of, bob, settings, monkeypatch
):
    def fails(*args, **kwargs):
        raise DatabaseError("the database is gone")

    monkeypatch.setattr(Intake, "save", fails)
    client = client_of(bob)
    client.raise_request_exception = False
    file = SimpleUploadedFile("a.csv", b"version,reactivated\na,1\nb,0\n")
    assert client.post(f"/experiments/{experiment.pk}/data/", {"file": file}).status_code >= 500
    assert files_of(settings) == []


def test_what_is_pasted_and_too_long_is_said(client_of, bob, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = client_of(bob).post("/imports/new/", {"rows": "x" * 2000})
    assert answer.status_code == 413
    assert "too long for a form" in answer.content.decode()


def files_of(settings):
    roots = (Path(settings.MEDIA_ROOT), Path(settings.FILE_UPLOAD_TEMP_DIR))
    return [
        path for root in roots for path in root.rglob("*") if path.is_file() and path.stat().st_size
    ]
