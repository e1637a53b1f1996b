"""Learnings and post-mortems are found by the starts of their words, in any spelling of accents."""

import importlib

import pytest
from django.apps import apps
from django.urls import reverse

from backlog.flows.ideas import add_idea
from experiments.flows import learnings, writing_up, writing_up_after
from experiments.flows.deciding import decide
from experiments.models import Learning, WriteUpWords
from tests.experiments.past_kit import WORDS, bring_in
from tests.factories import analysed, launched, make_experiment

migration = importlib.import_module("experiments.migrations.0042_library_words_and_collections")


@pytest.fixture
def published(alice, bob, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    analysed(made, bob)
    decide(made, by=bob, choice="ship")
    draft = writing_up.start_post_mortem(made, by=bob)
    writing_up.edit_post_mortem(
        draft, by=bob, surprises="Más lectores volvieron 🎉", lucky="A 100%_sure thing"
    )
    learnings.add_learning(
        draft, by=bob, claim="Über-short names work", scope="Café readers", lever="Subject line"
    )
    writing_up_after.mark_read(draft, by=alice)
    return writing_up.publish(draft, by=bob)


LEARNING_WORDS = [
    ("uber", True), ("ÜBER SHORT", True), ("cafe", True), ("caf read", True), ("subject", True),
    ("EXP-001", True), ("ber", False), ("short, names!", True), ("100%", False), ("***", False),
    ("%", False), ("_", False), ("", True), ("   ", True), ("volvieron", False),
]  # fmt: skip


@pytest.mark.parametrize(("words", "is_found"), LEARNING_WORDS)
def test_a_learning_is_found_by_the_starts_of_its_words(published, words, is_found):
    assert Learning.objects.having_words(words).exists() is is_found


@pytest.mark.parametrize(
    ("words", "is_found"),
    [("lectores mas", True), ("sure thing", True), ("100 sure", True), ("uber", True),
     ("exp 001", True), ("lectoras", False)],
)  # fmt: skip
def test_a_post_mortem_is_found_by_all_its_texts(client_of, charlie, published, words, is_found):
    page = client_of(charlie).get(reverse("experiments:library"), {"q": words}).content.decode()
    side = page[page.index("<aside") :]
    assert (published.get_absolute_url() in side) is is_found


def test_an_amendment_is_found(bob, published, client_of, charlie):
    writing_up_after.amend_post_mortem(published, by=bob, text="Replicación en otoño")
    page = client_of(charlie).get(reverse("experiments:library"), {"q": "replicacion otono"})
    assert published.get_absolute_url() in page.content.decode()


def test_what_is_not_published_has_no_words(bob, alice, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    analysed(made, bob)
    decide(made, by=bob, choice="ship")
    writing_up.start_post_mortem(made, by=bob)
    assert not WriteUpWords.objects.exists()


def test_an_upgrade_gives_the_words_to_what_was_written_before(published):
    before = Learning.objects.get().words, WriteUpWords.objects.get().words
    Learning.objects.update(words="")
    WriteUpWords.objects.all().delete()
    migration.fill_words(apps, None)
    assert (Learning.objects.get().words, WriteUpWords.objects.get().words) == before


def test_the_palette_and_the_picker_of_citations_find_without_accents(
    client_of, alice, published, pod
):
    idea = add_idea(by=alice, pod=pod, title="Names in push messages")
    client = client_of(alice)
    for page in (reverse("experiments:search"), reverse("experiments:idea_cite", args=[idea.pk])):
        assert "Über-short names work" in client.get(page, {"q": "uber"}).content.decode()
        assert "Über-short names work" not in client.get(page, {"q": "ber"}).content.decode()


def test_what_is_brought_in_from_a_spreadsheet_is_found(client_of, bob, pod):
    bring_in(client_of(bob), WORDS)
    learning = Learning.objects.having_words("emoji tire").get()
    page = client_of(bob).get(reverse("experiments:library"), {"q": "more emoji people"})
    assert learning.post_mortem.get_absolute_url() in page.content.decode()
