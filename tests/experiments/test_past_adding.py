"""What is said when past experiments are added or taken out again, and when they can't be added."""

from experiments.flows.past import writing
from experiments.models import Booking, Experiment
from tests.experiments.past_kit import COUNTS, HEADER, LIFT, add, bring_in, paste, undo


def test_a_number_that_was_taken_meanwhile_asks_to_try_again(client_of, alice, pod, monkeypatch):
    client = client_of(alice)
    bring_in(client, COUNTS)
    paste(client, LIFT)
    monkeypatch.setattr(writing, "_last_number", lambda: 0)
    assert "Somebody added an experiment at the same moment" in add(client)
    assert Experiment.objects.count() == 1


def test_another_broken_constraint_is_not_said_to_be_somebody_else(
    client_of, alice, pod, monkeypatch
):
    def book_again(rows, tests):
        Booking.objects.bulk_create(Booking(experiment=test) for test in tests)

    monkeypatch.setattr(writing, "_decide", book_again)
    client = client_of(alice)
    paste(client, COUNTS)
    page = add(client)
    assert "Something went wrong with this import. Nothing was added." in page
    assert "Somebody added an experiment" not in page
    assert not Experiment.objects.exists()


def test_how_postgresql_names_a_number_that_is_taken():
    sentence = 'duplicate key value violates unique constraint "experiments_experiment_number_key"'
    assert writing.NUMBER_TAKEN.search(sentence)
    assert not writing.NUMBER_TAKEN.search(sentence.replace("number_key", "number_check"))


def test_scores_are_counted_in_experiments(client_of, alice, pod):
    client = client_of(alice)
    head, row = LIFT.splitlines()
    both = f"{head}\tLearning\n{row}\tPrices matter\n{row.replace('Lower', 'Higher')}\t\n"
    page = paste(client, both).content.decode()
    assert "1 learning comes along. 2 experiments have a score, which will be marked" in page
    page = add(client)
    assert "1 learning came along. 2 experiments have a score from the sheet, marked as" in page
    page = paste(client, LIFT.replace("Lower", "Fair")).content.decode()
    assert "1 experiment has a score, which will be marked" in page


def test_an_undo_counts_what_it_removed(client_of, alice, pod):
    client = client_of(alice)
    bring_in(client, COUNTS)
    assert "1 experiment was removed." in undo(client)
    bring_in(client, COUNTS + COUNTS.removeprefix(HEADER).replace("Urgent", "Calm"))
    assert "2 experiments were removed." in undo(client)
