"""A parser in a process of its own: whatever it does, the server gets an answer or a sentence."""

import contextlib
import threading

import pytest

from backlog import quarantine
from backlog.file_kinds import Unreadable
from backlog.quarantine import Bounds, Busy, Seats

SMALL = Bounds(seconds=2, memory=512 << 20, file_size=4 << 20)


def read(tmp_path, name, **arguments):
    return quarantine.read(f"tests.hostile:{name}", arguments, folder=tmp_path, bounds=SMALL)


def test_an_answer_comes_back_as_it_was(tmp_path):
    assert read(tmp_path, "say", word="é\u2028 \ud800 \n") == "é\u2028 \ud800 \n"


def test_a_refusal_keeps_its_sentence(tmp_path):
    with pytest.raises(Unreadable, match=r"^Row 7 is odd\.$"):
        read(tmp_path, "refuse")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("swell", "more memory than Floe allows"),
        ("run_on", "took longer than 2 seconds, so it was stopped"),
        ("die", "It is damaged"),
        ("talk", "more memory than Floe allows"),
        ("print_and_raise", "It is damaged"),
    ],
)
def test_what_goes_wrong_in_there_is_a_sentence(tmp_path, monkeypatch, name, sentence):
    monkeypatch.setattr(quarantine, "_STARTING", 20)
    monkeypatch.setattr(quarantine, "LONGEST_ANSWER", 1 << 20)
    with pytest.raises(Unreadable, match=sentence):
        read(tmp_path, name)


def test_one_that_only_sleeps_is_stopped_by_the_clock(tmp_path, monkeypatch):
    monkeypatch.setattr(quarantine, "_STARTING", 0.5)
    with pytest.raises(Unreadable, match="was stopped"):
        read(tmp_path, "sleep")


def test_no_file_grows_past_its_bound(tmp_path):
    with pytest.raises(Unreadable, match="Unpacked, this file is larger than 4 MB"):
        read(tmp_path, "fill", path=str(tmp_path / "grown"))
    assert (tmp_path / "grown").stat().st_size <= SMALL.file_size


def test_nothing_of_the_server_s_environment_is_in_there(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a secret")
    seen = read(tmp_path, "environment")
    assert "a secret" not in seen.values()
    assert not {"SECRET_KEY", "DATABASE_URL", "VAR_DIR"} & seen.keys()


def test_as_many_sit_at_once_as_there_are_seats_one_waits_and_the_next_is_told(tmp_path):
    seats = Seats(tmp_path, count=2, patience=20)
    outcomes = []

    def wait():
        while not outcomes:
            # Whoever looks whether somebody waits holds the place of the one who waits for a moment.
            with contextlib.suppress(Busy), seats.taken():
                outcomes.append("sat")

    with seats.taken():
        with seats.taken():
            waiting = threading.Thread(target=wait)
            waiting.start()
            while not quarantine_is_waited_for(seats):
                pass
            with pytest.raises(Busy), seats.taken():
                outcomes.append("a fourth sat")
        waiting.join()
    assert outcomes == ["sat"]


def quarantine_is_waited_for(seats):
    queue = seats._locked("queue")
    if queue:
        queue.close()
    return queue is None


def test_whoever_waits_in_vain_is_told(tmp_path):
    seats = Seats(tmp_path, count=1, patience=0.1)
    with seats.taken(), pytest.raises(Busy), seats.taken():
        pass
