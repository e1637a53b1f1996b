"""Sentences that say who instead of what: a hint for the writer of a post-mortem, never a rule. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

SENTENCES: Final = re.compile(r"[^.!?\n]+")
WORDS: Final = re.compile(r"\w+(?:[’'-]\w+)*")
BLAME: Final = frozenset(
    [
        "fault",
        "blame",
        "blamed",
        "blames",
        "careless",
        "carelessly",
        "negligent",
        "negligence",
        "sloppy",
        "lazy",
        "incompetent",
        "forgot",
        "forgotten",
        "failed",
        "neglected",
        "botched",
        "ruined",
        "messed",
        "screwed",
        "ignored",
        "wrongly",
        "mistake",
        "mistakes",
        "guilty",
        "stupid",
        "stupidly",
        "responsible",
        "culprit",
    ]
)
SHORTEST: Final = 2


def blaming(text: str, names: Sequence[str]) -> str | None:
    """The first name that stands in one sentence with a word of blame.

    Args:
        text: what somebody wrote.
        names: of the people of the pod, as they are shown.

    Returns:
        The name as it is in `names`, or None where no sentence puts the two together.

    Raises:
        Nothing.

    Source: a list of words; it misses much and finds a few sentences that are all right, so it is
    shown as a hint beside the text.

    >>> blaming("The list was late. Maya forgot to send it.", ["Maya Okafor", "Sam Lee"])
    'Maya Okafor'
    >>> blaming("Maya sent the list. The check failed.", ["Maya Okafor"]) is None
    True
    """
    first_words = {name.split()[0].casefold(): name for name in names if name.strip()}
    for sentence in SENTENCES.findall(text):
        words = [
            word.casefold().removesuffix("’s").removesuffix("'s")
            for word in WORDS.findall(sentence)
        ]
        if BLAME.isdisjoint(words):
            continue
        for word in words:
            if len(word) >= SHORTEST and word in first_words:
                return first_words[word]
    return None
