"""The holder of a lease, and whether that process is gone, without guessing."""

import subprocess
import sys
import threading

import pytest
from django.utils import timezone

from backlog.flows.leases import end_leases_of_the_gone, lease
from backlog.processes import is_gone, own_name
from experiments.flows.reading_files import LEASE
from experiments.models import Intake
from tests.factories import make_experiment

NAME = "from backlog.processes import own_name; print(own_name())"


def _name_of_a_dead_process():
    ran = subprocess.run([sys.executable, "-c", NAME], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_a_process_that_has_ended_is_gone():
    assert is_gone(_name_of_a_dead_process())


def test_a_process_that_runs_is_not_gone():
    assert not is_gone(own_name())


def test_a_number_that_was_given_to_another_process_is_gone():
    machine, pid, started, thread = own_name().split("/")
    assert is_gone(f"{machine}/{pid}/{int(started) - 1}/{thread}")


@pytest.mark.parametrize("name", ["", "elsewhere.1/1/1/1", "a/b/c/d", "/", "////"])
def test_of_a_process_elsewhere_nothing_is_known(name):
    assert not is_gone(name)


def _held_by(name, alice, bob, pod, objective):
    held = lease(LEASE) | {"leased_by": name}
    experiment = make_experiment(alice, pod, objective=objective, analyst=bob)
    return Intake.objects.create(experiment=experiment, state="reading", **held)


@pytest.mark.django_db
def test_a_lease_of_a_dead_process_is_over_and_one_of_a_living_process_is_not(
    alice, bob, pod, objective
):
    names = []
    other = threading.Thread(target=lambda: names.append(own_name()))
    other.start()
    other.join()
    dead = _held_by(_name_of_a_dead_process(), alice, bob, pod, objective)
    living = [
        _held_by(name, alice, bob, pod, objective) for name in (names[0], "elsewhere.1/1/1/1", "")
    ]
    assert end_leases_of_the_gone(Intake.objects.all()) == 1
    dead.refresh_from_db()
    assert dead.leased_until <= timezone.now()
    for each in living:
        each.refresh_from_db()
        assert each.leased_until > timezone.now()
