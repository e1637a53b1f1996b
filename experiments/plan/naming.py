"""Names of arms by a convention: a list of tokens, made, read back and checked. Pure.

A name is its tokens with the separator between them. Within a token, words are joined by another
sign, so a name always falls apart at the same places.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from experiments.plan.arm_names import LONGEST, slug

KEY, PREFIX, CHANNEL, SEGMENT = "key", "prefix", "channel", "segment"
TITLE, ARM, DATE, TEXT = "title", "arm", "date", "text"
LABELS: Final = {
    KEY: "experiment key", PREFIX: "pod prefix", CHANNEL: "channel", SEGMENT: "segment",
    TITLE: "title", ARM: "arm", DATE: "start date", TEXT: "free text",
}  # fmt: skip
KINDS: Final = [(kind, label.capitalize()) for kind, label in LABELS.items()]
SEPARATORS: Final = [("_", "Underscore: _"), ("-", "Hyphen: -"), (".", "Dot: .")]
MIXED, LOWER, UPPER = "mixed", "lower", "upper"
CASES: Final = [
    (MIXED, "Capitals in keys, small letters in words"),
    (LOWER, "Small letters only"),
    (UPPER, "Capitals only"),
]
BY_LETTER, BY_NAME = "letter", "name"
DATE_FORMATS: Final = {"yyyymmdd": "%Y%m%d", "yymmdd": "%y%m%d", "yyyymm": "%Y%m"}
UNDATED = "undated"
# What stands where an experiment has nothing to name.
EMPTY: Final = {CHANNEL: "any", SEGMENT: "all", TITLE: "untitled", ARM: "arm"}
LONGEST_DEFAULT, LONGEST_MOST = 80, 200
MOST_TOKENS = 12
SHORTEST_WORD = 3
ROOM_FOR: Final = {KEY: 10, PREFIX: 6}
LETTERS: Final = "ABCDEFGHIJKLMN"


@dataclass(frozen=True)
class Token:
    """One part; `value` is the format of a date, the form of an arm, or the free text."""

    kind: str
    value: str = ""

    @property
    def is_word(self) -> bool:
        return self.kind in EMPTY and not (self.kind == ARM and self.value != BY_NAME)


@dataclass(frozen=True)
class Convention:
    tokens: tuple[Token, ...]
    separator: str = "_"
    letter_case: str = MIXED
    longest: int = LONGEST_DEFAULT

    @property
    def joiner(self) -> str:
        """Between the words of one token; never the separator."""
        return "_" if self.separator == "-" else "-"

    @property
    def room(self) -> int:
        """The most characters of a word, so that no name is longer than it may be."""
        words = [token for token in self.tokens if token.is_word]
        rest = sum(_length(token) for token in self.tokens if not token.is_word)
        left = self.longest - rest - (len(self.tokens) - 1)
        return min(LONGEST, left // len(words)) if words else left


FLOES_OWN: Final = Convention((Token(KEY), Token(TITLE), Token(ARM, BY_LETTER)))


@dataclass(frozen=True)
class Subject:
    """What the names of an experiment are made of; the control is the first of its arms."""

    key: str
    prefix: str
    title: str
    arms: tuple[str, ...]
    channel: str = ""
    segment: str = ""
    starts_on: dt.date | None = None


@dataclass(frozen=True)
class LegalName:
    """One arm on one channel: the name, and its parts in the order of the tokens."""

    name: str
    arm: str
    channel: str
    parts: tuple[str, ...]


def _length(token: Token) -> int:
    if token.kind == DATE:
        return max(len(token.value), len(UNDATED))
    return ROOM_FOR.get(token.kind) or (len(token.value) if token.kind == TEXT else 1)


def problems_in(convention: Convention) -> list[str]:
    """What is wrong with a convention, as sentences; nothing where its names can be read back.

    >>> problems_in(Convention(()))
    ['Add at least one token. A name has no parts yet.']
    >>> problems_in(FLOES_OWN)
    []
    """
    tokens, kinds = convention.tokens, [token.kind for token in convention.tokens]
    if not tokens:
        return ["Add at least one token. A name has no parts yet."]
    wrong = [
        f"Add the {LABELS[kind]}. Without it a name can’t be read back."
        for kind in (KEY, ARM)
        if kind not in kinds
    ]
    twice = {kind for kind in kinds if kind != TEXT and kinds.count(kind) > 1}
    wrong += [f"The {LABELS[kind]} is in the list twice. Remove one." for kind in LABELS
              if kind in twice]  # fmt: skip
    wrong += [sentence for token in tokens if (sentence := _problem_of(token, convention))]
    if len(tokens) > MOST_TOKENS:
        wrong.append(f"A name can have at most {MOST_TOKENS} tokens. You entered {len(tokens)}.")
    if convention.room < (SHORTEST_WORD if any(token.is_word for token in tokens) else 0):
        wrong.append(
            f"{convention.longest} characters leave no room for all tokens. "
            "Allow more characters, or remove a token."
        )
    return wrong


def _problem_of(token: Token, convention: Convention) -> str:
    if token.kind == DATE and token.value not in DATE_FORMATS:
        return f"Choose a format for the start date: {', '.join(DATE_FORMATS)}."
    if token.kind != TEXT:
        return ""
    if not token.value:
        return "Enter the free text, or remove that token."
    if convention.separator in token.value:
        return (
            f"The text “{token.value}” contains the separator “{convention.separator}”. "
            "Choose another text or another separator."
        )
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", token.value):
        return f"Use only letters, digits, hyphens, dots and underscores in “{token.value}”."
    return ""


def channels_of(text: str) -> tuple[str, ...]:
    """The channels that one field names.

    >>> channels_of("E-mail, push and in-app"), channels_of("")
    (('E-mail', 'push', 'in-app'), ('',))
    """
    names = [part.strip() for part in re.split(r"[,;/+&]|\band\b", text)]
    return tuple(dict.fromkeys(name for name in names if name)) or ("",)


def legal_names(convention: Convention, subject: Subject) -> list[LegalName]:
    """One name for each arm and channel, each different from the others, never too long.

    >>> subject = Subject("EXP-088", "LIF", "Win-back: two steps", ("As it is", "New"))
    >>> [one.name for one in legal_names(FLOES_OWN, subject)]
    ['EXP-088_win-back-two-steps_A', 'EXP-088_win-back-two-steps_B']
    """
    channels = channels_of(subject.channel)
    words_of_arms = _apart(subject.arms, ARM, convention)
    words_of_channels = _apart(channels, CHANNEL, convention)
    has_channels = any(token.kind == CHANNEL for token in convention.tokens)
    names = []
    for channel, channel_word in zip(channels, words_of_channels, strict=True):
        for place, (arm, arm_word) in enumerate(zip(subject.arms, words_of_arms, strict=True)):
            parts = tuple(
                _part(token, convention, subject, place, {ARM: arm_word, CHANNEL: channel_word})
                for token in convention.tokens
            )
            names.append(LegalName(convention.separator.join(parts), arm, channel, parts))
        if not has_channels:
            return [LegalName(one.name, one.arm, "", one.parts) for one in names]
    return names


def _part(
    token: Token, convention: Convention, subject: Subject, place: int, words: Mapping[str, str]
) -> str:
    if token.kind == ARM and not token.is_word:
        return cased(LETTERS[place], token, convention)
    if token.kind == DATE:
        day = subject.starts_on
        text = day.strftime(DATE_FORMATS[token.value]) if day else UNDATED
        return cased(text, token, convention)
    made = {
        KEY: subject.key.replace("-", convention.joiner),
        PREFIX: subject.prefix,
        TEXT: token.value,
        SEGMENT: _word(subject.segment, SEGMENT, convention),
        TITLE: _word(subject.title, TITLE, convention),
        **words,
    }
    return cased(made[token.kind], token, convention)


def _word(text: str, kind: str, convention: Convention) -> str:
    cut = slug(text).replace("-", convention.joiner)[: convention.room]
    return cut.strip(convention.joiner) or EMPTY[kind][: convention.room]


def _apart(texts: Sequence[str], kind: str, convention: Convention) -> list[str]:
    """Words for these texts; those that would be the same get a number."""
    words: list[str] = []
    for text in texts:
        word, number = _word(text, kind, convention), 1
        while word in words:
            number += 1
            room = max(convention.room - len(str(number)), 1)
            word = f"{_word(text, kind, convention)[:room].rstrip(convention.joiner)}{number}"
        words.append(word)
    return words


def cased(text: str, token: Token, convention: Convention) -> str:
    if convention.letter_case == LOWER:
        return text.lower()
    if convention.letter_case == UPPER:
        return text.upper()
    if token.kind == TEXT:
        return text
    is_capital = token.kind in (KEY, PREFIX) or (token.kind == ARM and not token.is_word)
    return text.upper() if is_capital else text.lower()
