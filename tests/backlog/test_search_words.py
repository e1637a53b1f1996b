"""Finding ideas by their words: on both engines alike."""

import pytest
from django.db import connection

from backlog import search_tables
from backlog.flows.ideas import add_idea, edit_idea
from backlog.models import Idea, Tag
from tests.factories import make_idea


@pytest.fixture
def cafe(alice, pod) -> Idea:
    return add_idea(
        by=alice, pod=pod, title="Win-back e-mail for the Café crowd", tags=["summer sale"],
        observation="Half of them stop at the paywall", change="naming the series",
        lever="subject line", channel="push", description="Seen in Łódź and Zürich",
    )  # fmt: skip


def keys_for(typed: str, **options) -> list[str]:
    return [idea.key for idea in Idea.objects.having_text(typed, **options).order_by("pk")]


@pytest.mark.parametrize(
    "typed",
    ["win", "WIN back", "cafe", "CAFÉ", "paywa", "series nam", "summer", "subject", "push",
     "zurich", "LIF-1", "lif 1", "crowd e-mail", "win* and \"back\"", "caf\0e", "😀 cafe", "#1"],
)  # fmt: skip
def test_an_idea_is_found_by_the_start_of_any_of_its_words(cafe, typed):
    assert keys_for(typed) == keys_for(typed, most=10) == [cafe.key]


@pytest.mark.parametrize(
    "typed",
    ["back mail zebra", "inback", "*", '"', "NOT", "OR cafe NOT", "😀", "\0", "NEAR(", "pod",
     "title:zebra", "'#2'", "pod1", "العربية", "한국어", "𞤀𞤣", "a" * 500, "ﬁ"],
)  # fmt: skip
def test_odd_signs_and_other_words_find_nothing_and_break_nothing(cafe, typed):
    assert keys_for(typed) == keys_for(typed, most=10, pods=[cafe.pod_id]) == []


def test_nothing_typed_is_everything(cafe):
    assert keys_for("") == keys_for("  ") == [cafe.key]


@pytest.mark.parametrize("title", ["حملة الشتاء", "한국어 제목", "Größe für Ärzte", "Скидка 10 %"])
def test_other_scripts_are_found_too(alice, pod, title):
    make_idea(alice, pod, title)
    for word in title.split()[:2]:
        assert keys_for(word) == keys_for(word[:-1]) == ["LIF-1"], word


def test_what_is_changed_tagged_renamed_or_deleted_is_found_as_it_is_now(cafe, alice):
    edit_idea(cafe, by=alice, title="Postcards", tags=["winter"])
    assert (keys_for("crowd"), keys_for("postc"), keys_for("winter")) == (
        [],
        [cafe.key],
        [cafe.key],
    )
    assert keys_for("summer") == []
    Tag.objects.filter(name="winter").update(name="autumn")
    assert (keys_for("winter"), keys_for("autumn")) == ([], [cafe.key])
    cafe.delete()
    assert keys_for("postc") == []


def test_ideas_held_together_are_written_once_at_the_end(cafe, alice, pod):
    letters = make_idea(alice, pod, "Letters")
    with search_tables.held(cafe.pk, letters.pk):
        for idea in (cafe, letters):
            edit_idea(idea, by=alice, title=f"Postcards {idea.number}", tags=["winter", "gift"])
            if connection.vendor == "sqlite":
                assert keys_for("winter") == keys_for("postcards") == []
        letters.delete()
    assert keys_for("winter gift") == keys_for("postcards") == [cafe.key]
    assert keys_for("letters") == keys_for("summer") == []
    make_idea(alice, pod, "Parcels", tags=["winter"])
    assert keys_for("winter") == [cafe.key, "LIF-3"]


def test_a_hold_ends_with_the_transaction_that_fails(cafe, alice):
    with pytest.raises(ZeroDivisionError), search_tables.held(cafe.pk):
        raise ZeroDivisionError
    edit_idea(cafe, by=alice, tags=["winter"])
    assert keys_for("winter") == [cafe.key]


def test_a_page_asks_for_the_newest_of_its_pods(alice, olive, pod, other_pod):
    for number in range(3):
        make_idea(alice, pod, f"Postcard {number}")
    for number in range(3):
        make_idea(olive, other_pod, f"Postcard {number}")
    assert keys_for("postcard", most=2) == ["PAY-2", "PAY-3"]
    assert keys_for("postcard", most=2, pods=[pod.pk]) == ["LIF-2", "LIF-3"]
    assert keys_for("postcard", most=2, pods=[]) == []


def test_the_best_match_comes_first(alice, pod):
    make_idea(alice, pod, "Something else", description="A postcard")
    make_idea(alice, pod, "Send a postcard")
    make_idea(alice, pod, "A letter about LIF-1, with a postcard")
    ideas = Idea.objects.having_text("postcard").by_closeness("postcard")
    assert [i.key for i in ideas] == ["LIF-3", "LIF-2", "LIF-1"]
    by_key = Idea.objects.having_text("lif-1").by_closeness("lif-1")
    assert by_key.first().key == "LIF-1"


def test_a_migration_that_rebuilds_the_table_of_ideas_loses_nothing(cafe, alice, pod):
    """On SQLite the triggers go with the old table; they come back and catch up."""
    search_tables.remove_triggers(connection)
    Idea.objects.filter(pk=cafe.pk).update(title="Postcards")
    make_idea(alice, pod, "Letters")
    assert (keys_for("postcards"), keys_for("letters")) == ([], [])
    search_tables.install_triggers(connection)
    assert (keys_for("crowd"), keys_for("postcards"), keys_for("letters")) == (
        [],
        [cafe.key],
        ["LIF-2"],
    )
    make_idea(alice, pod, "Parcels")
    assert keys_for("parcels") == ["LIF-3"]
