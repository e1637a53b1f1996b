"""The sweep takes what nobody needs, and never a file that a row still counts on."""

import datetime as dt
import os
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from backlog.flows.sweeping import rows_with_files, sweep_uploads
from backlog.models import Import
from experiments.models import Intake
from tests.factories import launched, make_experiment

LONG_AGO = dt.timedelta(days=90)


@pytest.fixture
def experiment(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


def aged(path, days=3):
    then = time.time() - days * 86400
    os.utime(path, (then, then))
    return path


def intake(experiment, state, *, age=LONG_AGO):
    row = Intake(experiment=experiment, state=state, received_at=timezone.now() - age)
    row.file.save("a.csv", ContentFile(b"a,b"), save=True)
    aged(row.file.path, 90)
    return row


def test_every_model_that_keeps_files_says_when_it_is_done_with_one():
    with_files = dict(rows_with_files())
    assert {Intake, Import} <= with_files.keys()
    for model in with_files:
        assert callable(model._default_manager.get_queryset().done_with_file)


def test_an_orphan_goes_and_a_file_with_a_row_stays(experiment, settings):
    kept = [intake(experiment, state) for state in ("counted", "analysed", "reading")]
    folder = Path(settings.MEDIA_ROOT) / "intakes"
    orphan = folder / "orphan.csv"
    orphan.write_bytes(b"x")
    new = folder / "of-a-row-yet-to-come.csv"
    new.write_bytes(b"x")
    aged(orphan)
    assert sweep_uploads() == 1
    assert not orphan.exists()
    assert new.exists()
    assert all(Path(row.file.path).exists() for row in kept)
    assert sweep_uploads() == 0


def test_a_file_that_gets_its_row_while_the_sweep_looks_stays(experiment, settings, monkeypatch):
    """The names are asked for after the files were listed."""
    folder = Path(settings.MEDIA_ROOT) / "intakes"
    folder.mkdir(parents=True)
    late = aged(folder / "late.csv") if (folder / "late.csv").write_bytes(b"x") else None
    looks = Path.is_file

    def meanwhile(path):
        Intake.objects.get_or_create(
            experiment=experiment, file="intakes/late.csv", state="counted"
        )
        return looks(path)

    monkeypatch.setattr(Path, "is_file", meanwhile)
    assert sweep_uploads() == 0
    assert late.exists()


def test_files_of_rows_whose_time_is_over_go_and_the_rows_stay(experiment, alice, pod):
    over = [intake(experiment, state) for state in ("received", "understood", "replaced", "failed")]
    young = [intake(experiment, "received", age=dt.timedelta(days=2))]
    done = Import(by=alice, pod=pod, name="a", state="added", asked_at=timezone.now() - LONG_AGO)
    done.file.save("rows.json", ContentFile(b"{}"), save=True)
    at_work = Import(
        by=alice, pod=pod, name="b", state="received", asked_at=timezone.now() - LONG_AGO
    )
    at_work.file.save("rows.json", ContentFile(b"{}"), save=True)
    paths = [Path(row.file.path) for row in (*over, done)]
    assert sweep_uploads() == len(paths)
    assert not any(path.exists() for path in paths)
    assert {row.file.name for row in (*Intake.objects.filter(pk__in=[o.pk for o in over]),)} == {""}
    for row in (*young, at_work):
        assert Path(row.file.path).exists()


def test_a_desk_that_a_killed_process_left_goes_and_one_at_work_stays(settings, db):
    root = Path(settings.FILE_UPLOAD_TEMP_DIR)
    left, used, seat = root / "desk-left", root / "desk-used", root / "seat-0"
    for folder in (left, used):
        folder.mkdir()
        (folder / "sent").write_bytes(b"x")
    seat.touch()
    aged(left)
    aged(seat)
    half = aged(root / "tmp1.upload.csv") if (root / "tmp1.upload.csv").write_bytes(b"x") else None
    assert sweep_uploads() == 2
    assert not left.exists()
    assert not half.exists()
    assert used.exists()
    assert seat.exists()


def test_the_field_that_is_swept_may_be_any_file_field():
    assert all(
        isinstance(model._meta.get_field(name), models.FileField)
        for model, name in rows_with_files()
    )
