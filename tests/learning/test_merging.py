"""Merging by words loses none, whatever two people did to one text."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.learning import aligning
from experiments.learning.merging import common, merge

WORDS = st.sampled_from(["a", "b", "c", "d", "the", ",", ".", "#", "é", "学"])
BLANKS = st.sampled_from([" ", "  ", "\n", "\n\n", "\t", "\u00a0"])


@st.composite
def texts(draw):
    """Few different words, so that they repeat, with odd blanks between them and at the ends."""
    parts = draw(st.lists(st.tuples(BLANKS, WORDS), max_size=12))
    lead, tail = draw(st.sampled_from(["", " ", "\n"])), draw(st.sampled_from(["", "\n"]))
    return lead + "".join(space + word for space, word in parts).strip() + tail


@st.composite
def edited(draw, base, mark):
    """The words of the base, some removed, and new ones that nobody else has put among them."""
    words = list(base)
    for number in range(draw(st.integers(0, 8))):
        at = draw(st.integers(0, len(words)))
        if draw(st.booleans()):
            words.insert(at, f"{mark}{number}")
        elif at < len(words):
            del words[at]
    return words


@st.composite
def worlds(draw):
    base = [f"w{number}" for number in range(draw(st.integers(0, 20)))]
    return base, draw(edited(base, "m")), draw(edited(base, "h"))


@given(worlds())
def test_no_word_is_lost_that_nobody_removed(world):
    base, mine, head = world
    merged = merge(" ".join(base), " ".join(mine), " ".join(head)).text.split()
    new = (set(mine) | set(head)) - set(base)
    kept = set(base) & set(mine) & set(head)
    assert new | kept <= set(merged)
    assert set(merged) <= set(base) | new


@given(worlds())
def test_what_one_removed_comes_back_only_within_a_conflict(world):
    base, mine, head = world
    merged = merge(" ".join(base), " ".join(mine), " ".join(head))
    outside = merged.text
    for span in reversed(merged.conflicts):
        outside = outside[: span.start] + outside[span.end :]
    removed = set(base) - (set(mine) & set(head))
    assert not removed & set(outside.split())


@given(texts(), texts(), texts())
def test_words_that_repeat_are_not_lost_either(base, mine, head):
    merged = set(merge(base, mine, head).text.split())
    assert (set(mine.split()) | set(head.split())) - set(base.split()) <= merged


@given(texts(), texts())
def test_a_text_that_only_one_side_changed_comes_back_to_the_letter(base, text):
    assert merge(base, text, base).text == text
    assert merge(base, base, text).text == text
    assert merge(base, text, text).text == text


@given(texts(), texts(), texts())
def test_swapping_the_sides_changes_only_the_order_within_spans(base, mine, head):
    one, other = merge(base, mine, head), merge(base, head, mine)
    assert sorted(one.text.split()) == sorted(other.text.split())
    assert [(span.mine, span.head) for span in one.spans] == [
        (span.head, span.mine) for span in other.spans
    ]
    if not one.spans:
        assert one.text == other.text


@given(texts(), texts(), texts())
def test_a_span_holds_both_texts_and_nothing_else(base, mine, head):
    merged = merge(base, mine, head)
    end = 0
    for span in merged.spans:
        assert end <= span.start <= span.end
        end = span.end
        both = span.head.split() + span.mine.split()
        assert merged.text[span.start : span.end].split() == both
    assert end <= len(merged.text)


@given(texts(), texts(), texts())
def test_two_words_never_grow_together(base, mine, head):
    known = set(re.findall(r"\S+", f"{base} {mine} {head}"))
    assert set(merge(base, mine, head).text.split()) <= known


def test_changes_of_neighbouring_words_are_both_applied():
    merged = merge("one two three four", "one 2 three four", "one two 3 four")
    assert (merged.text, merged.spans) == ("one 2 3 four", ())


def test_changes_of_the_same_words_stay_both_and_are_a_conflict():
    merged = merge("it did not work today", "it did work today", "it did never work today")
    assert merged.text == "it did never work today"
    (span,) = merged.conflicts
    assert (span.mine, span.head) == ("", "never")
    assert merged.text[span.start : span.end] == "never"


def test_two_insertions_at_one_place_stay_both_without_a_conflict():
    merged = merge("we learned", "we learned this", "we learned that")
    assert merged.text == "we learned that this"
    assert merged.conflicts == ()
    assert [(span.mine, span.head) for span in merged.spans] == [("this", "that")]


def test_an_insertion_into_a_passage_that_the_other_removed_brings_the_passage_back():
    merged = merge("keep a b c keep", "keep keep", "keep a b new c keep")
    assert merged.text == "keep a b new c keep"
    assert len(merged.conflicts) == 1


def test_the_same_change_of_both_is_applied_once():
    assert merge("a b c", "a x c d", "a x c e").text == "a x c e d"


def test_paragraphs_that_one_side_breaks_stay_broken():
    assert merge("one two three", "one\n\ntwo three", "one two three four").text == (
        "one\n\ntwo three four"
    )


def test_a_first_word_that_both_replaced_does_not_begin_with_a_blank():
    assert merge("a b", "b", "a c b").text == "c b"


def test_a_common_base_of_two_texts_keeps_every_word_of_both():
    one, other = "they sent it late on friday", "we sent it too late"
    merged = merge(common(one, other), one, other).text
    assert sorted(merged.split()) == sorted(f"{one} we too".split())


VOCABULARIES = {
    "prose": lambda draw: f"w{int(draw.paretovariate(0.9))}",
    "two words": lambda draw: draw.choice("ab"),
    "one word": lambda draw: "a",
    "a table": lambda draw: draw.choice(["|", "yes", "no", "1"]),
}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_long_texts_lose_nothing_and_stay_within_their_bound(name, monkeypatch):
    """20,000 words each; what `SequenceMatcher` is given is counted, not timed."""
    stretches = []

    class Counting(aligning.SequenceMatcher):
        def __init__(self, junk, a, b, *, autojunk):
            stretches.append(sum(b.count(word) for word in a) if len(a) * len(b) < 1e6 else 1e9)
            super().__init__(junk, a, b, autojunk=autojunk)

    monkeypatch.setattr(aligning, "SequenceMatcher", Counting)
    draw = random.Random(7)
    base = [VOCABULARIES[name](draw) for _ in range(20_000)]
    sides = [changed(base, draw, mark) for mark in ("m", "h")]
    merged = merge(" ".join(base), *(" ".join(side) for side in sides)).text.split()
    new = {word for side in sides for word in side if word[:2] in ("m:", "h:")}
    assert new <= set(merged)
    assert max(stretches, default=0) <= 50_000
    assert sum(stretches) <= 2 * 20_500 * 50_000**0.5


def changed(base, draw, mark):
    words = list(base)
    for number in range(200):
        at = draw.randrange(len(words))
        words[at : at + draw.randrange(2)] = [f"{mark}:{number}"]
    return words


def test_a_long_text_of_few_words_is_still_merged_word_by_word():
    """Runs of words are unique where single words are not."""
    draw = random.Random(3)
    base = [draw.choice("abc") for _ in range(5_000)]
    mine, head = [*base], [*base]
    mine[100:100], mine[4_800:4_800] = ["m1"], ["m2"]
    head[200:200], head[4_900:4_900] = ["h1"], ["h2"]
    merged = merge(" ".join(base), " ".join(mine), " ".join(head))
    assert merged.spans == ()
    assert len(merged.text.split()) == 5_004


@settings(max_examples=4 * settings().max_examples)
@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_equal_stretches_are_equal_and_rise(a, b):
    a, b = [str(value) for value in a], [str(value) for value in b]
    blocks = aligning.equal_stretches(a, b)
    assert blocks[-1] == (len(a), len(b), 0)
    at = (0, 0)
    for low, other, size in blocks:
        assert low >= at[0]
        assert other >= at[1]
        assert a[low : low + size] == b[other : other + size]
        at = low + size, other + size
