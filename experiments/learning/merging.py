"""Two texts that grew out of one, merged by words so that nobody loses a word. Pure.

Edits of different words are both applied. Where both sides edited the same words, both texts stay,
one after the other, and a `Span` says where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from experiments.learning.aligning import equal_stretches

# A word begins only where no blank stands before its blanks, so that a long run of them is read once.
# An image with what it shows is part of one word, so that it is never torn apart.
# What an image shows has no brackets and no line break, and a cap.
WORDS: Final = re.compile(r"(?<!\s)(\s*)((?:!\[[^\[\]\n]{0,300}\]\(image:[0-9]{1,18}\)|\S)+)")


@dataclass(frozen=True)
class Span:
    """A place of the merged text that both sides wrote.

    `start` and `end` are offsets in the merged text, `mine` and `head` what each side wants there.
    `is_overlap`: both changed the same words, or one removed what the other changed. Otherwise both
    inserted something at one place.
    """

    start: int
    end: int
    mine: str
    head: str
    is_overlap: bool


@dataclass(frozen=True)
class Merge:
    """The merged `text`, and the `spans` that both sides wrote, in order."""

    text: str
    spans: tuple[Span, ...] = ()

    @property
    def conflicts(self) -> tuple[Span, ...]:
        """Where both changed the same words: somebody should read these again."""
        return tuple(span for span in self.spans if span.is_overlap)


class Word(NamedTuple):
    space: str
    word: str


class Edit(NamedTuple):
    """Words `low` to `high` of the base (half-open) become `words`."""

    low: int
    high: int
    is_mine: bool
    words: Sequence[Word]


def merge(base: str, mine: str, head: str) -> Merge:
    """Apply to `base` what `mine` changed and what `head` changed.

    A word is a run without blanks, or with a whole image in it; the blanks before it travel with it. Words that one side inserted
    or changed are in the result, and so are words that neither side removed. If both sides made the
    same change, it is applied once. If both changed the same words, both texts stand one after the
    other, `head` first; so they do if both inserted at one place. Swapping `mine` and `head` changes
    nothing but that order.

    Args:
        base: the text that both sides started from.
        mine: one side's text.
        head: the other side's text, as it is stored now.

    Returns:
        The merged text with the spans that both wrote. `merge(b, x, b)`, `merge(b, b, x)` and
        `merge(b, x, x)` are exactly `x`.

    Raises:
        Nothing: any three texts can be merged.

    Source: three-way merge as in Khanna, Kunal & Pierce 2007 FSTTCS (diff3), with single edits in
    place of its chunks; alignment by Ratcliff & Metzener 1988 (`difflib`), long texts first cut at
    words that are unique on both sides (patience diff).

    >>> merge("we sent it late", "we sent it too late", "we posted it late").text
    'we posted it too late'
    >>> merged = merge("it went well", "it went badly", "it went fine")
    >>> merged.text, [(span.head, span.mine) for span in merged.conflicts]
    ('it went fine badly', [('fine', 'badly')])
    """
    if head in (base, mine):
        return Merge(mine)
    if mine == base:
        return Merge(head)
    words = _split(base)
    ours, theirs = _Side(words, _split(mine), True), _Side(words, _split(head), False)
    output = _Output()
    position = 0
    for group in _groups(sorted([*ours.edits, *theirs.edits], key=lambda edit: edit[:3])):
        low, high = group[0].low, max(edit.high for edit in group)
        output.add(_kept(words, ours, theirs, position, low))
        wanted = [
            side.words(low, high, [edit for edit in group if edit.is_mine is side.is_mine])
            for side in (theirs, ours)
        ]
        if all(edit.is_mine == group[0].is_mine for edit in group):
            output.add(wanted[group[0].is_mine])
        else:
            output.add_both(*wanted, is_overlap=high > low)
        position = high
    output.add(_kept(words, ours, theirs, position, len(words)))
    lead = _space(words[0].space, ours.texts[0].space, theirs.texts[0].space)
    return output.merge(lead)


def common(one: str, other: str) -> str:
    """The words that two texts have in common, in order: a base for texts whose own base is lost.

    Merged onto it, every word of both stays, and only removals are undone.

    Args:
        one: a text; its blanks are kept.
        other: another text.

    Returns:
        A text whose words are in both.

    Raises:
        Nothing.

    Source: as `merge`.

    >>> common("we sent it late", "they sent it too late")
    ' sent it late'
    """
    a, b = _split(one), _split(other)
    blocks = equal_stretches([word.word for word in a], [word.word for word in b])
    return "".join(
        f"{word.space}{word.word}" for low, _, size in blocks for word in a[low : low + size]
    )


def _split(text: str) -> list[Word]:
    """The words of a text, and at last an empty one that carries the blanks of the end."""
    words = [Word(*match.groups()) for match in WORDS.finditer(text)]
    rest = len(text.rstrip()) if words else 0
    return [*words, Word(text[rest:], "")]


class _Side:
    """One side's text against the base: its edits, and where it kept each word of the base."""

    def __init__(self, base: list[Word], texts: list[Word], is_mine: bool) -> None:
        self.texts, self.is_mine = texts, is_mine
        self.place: dict[int, int] = {}
        self.edits: list[Edit] = []
        blocks = equal_stretches([word.word for word in base], [word.word for word in texts])
        at = (0, 0)
        for low, other, size in blocks:
            if (low, other) != at:
                self.edits.append(Edit(at[0], low, is_mine, texts[at[1] : other]))
            self.place.update((low + step, other + step) for step in range(size))
            at = (low + size, other + size)

    def kept(self, low: int, high: int) -> list[Word]:
        return [self.texts[self.place[index]] for index in range(low, high)]

    def words(self, low: int, high: int, edits: Sequence[Edit]) -> list[Word]:
        """What this side has in place of the base's words `low` to `high`."""
        words: list[Word] = []
        for edit in edits:
            words += [*self.kept(low, edit.low), *edit.words]
            low = edit.high
        return words + self.kept(low, high)


def _groups(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Edits that touch the same words of the base, or insert at the same place, together."""
    group: list[Edit] = []
    high = -1
    for edit in edits:
        is_same_place = bool(group) and edit.low == edit.high == group[0].low == high
        if group and not (edit.low < high or is_same_place):
            yield group
            group = []
        high = max(edit.high, high if group else -1)
        group.append(edit)
    if group:
        yield group


def _kept(base: list[Word], ours: _Side, theirs: _Side, low: int, high: int) -> list[Word]:
    """Words that both kept, with the blanks that either changed."""
    return [
        Word(_space(old.space, mine.space, head.space), old.word)
        for old, mine, head in zip(
            base[low:high], ours.kept(low, high), theirs.kept(low, high), strict=True
        )
    ]


def _space(base: str, mine: str, head: str) -> str:
    """Blanks merged: the changed ones, or of two changed ones the wider."""
    if mine == base:
        return head
    return mine if head == base else _wider(mine, head)


def _wider(one: str, other: str) -> str:
    """The blanks with more lines, or else with more characters."""
    return max(one, other, key=lambda text: (text.count("\n"), len(text), text))


class _Output:
    def __init__(self) -> None:
        self.words: list[Word] = []
        self.both: list[tuple[int, int, str, str, bool]] = []

    def add(self, words: Sequence[Word]) -> None:
        self.words += words

    def add_both(self, head: list[Word], mine: list[Word], *, is_overlap: bool) -> None:
        """Both texts one after the other, or once where they are the same."""
        start = len(self.words)
        if [word.word for word in head] == [word.word for word in mine]:
            pairs = zip(head, mine, strict=True)
            self.add([Word(_wider(one.space, two.space), one.word) for one, two in pairs])
            return
        self.add([*head, *mine])
        texts = (_text(mine).strip(), _text(head).strip())
        self.both.append((start, len(self.words), *texts, is_overlap))

    def merge(self, lead: str) -> Merge:
        """The text begins with `lead`; any two words in it have a blank between them."""
        words = [
            Word(word.space or (" " if word.word else ""), word.word) for word in self.words[1:]
        ]
        words.insert(0, Word(lead, self.words[0].word))
        ends = [0]
        for word in words:
            ends.append(ends[-1] + len(word.space) + len(word.word))
        spans = tuple(
            Span(min(ends[low] + len(words[low].space), ends[high]), ends[high], mine, head, over)
            for low, high, mine, head, over in self.both
        )
        return Merge(_text(words), spans)


def _text(words: Sequence[Word]) -> str:
    return "".join(f"{word.space}{word.word}" for word in words)
