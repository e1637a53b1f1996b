"""Yes and no as people write them, in pairs: a word of one language goes with that of the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# (yes, no): spelt, as logical values of spreadsheets, and as single letters.
PAIRS: Final = (
    ("yes", "no"), ("true", "false"), ("y", "n"), ("t", "f"), ("on", "off"),
    ("ja", "nein"), ("wahr", "falsch"), ("j", "n"), ("w", "f"),
    ("oui", "non"), ("vrai", "faux"), ("o", "n"), ("v", "f"),
    ("sí", "no"), ("si", "no"), ("verdadero", "falso"), ("s", "n"),
    ("sim", "não"), ("sim", "nao"), ("verdadeiro", "falso"),
    ("sì", "no"), ("vero", "falso"),
    ("ja", "nee"), ("waar", "onwaar"),
    ("ja", "nej"), ("sant", "falskt"), ("sand", "falsk"), ("sandt", "falsk"), ("sann", "usann"),
    ("ja", "nei"),
    ("tak", "nie"), ("prawda", "fałsz"), ("prawda", "falsz"),
    ("kyllä", "ei"), ("kylla", "ei"), ("tosi", "epätosi"), ("tosi", "epatosi"), ("k", "e"),
    ("ano", "ne"), ("áno", "nie"), ("igen", "nem"), ("da", "nu"), ("da", "ne"), ("evet", "hayır"), ("evet", "hayir"),
    ("yes", "n"), ("ok", "ko"), ("✓", "✗"), ("✔", "✘"), ("✅", "❌"), ("x", ""),
)  # fmt: skip
YES: Final = frozenset(yes for yes, _ in PAIRS)
NO: Final = frozenset(no for _, no in PAIRS if no)
_PARTNERS: Final = {
    word: {pair[1 - side] for pair in PAIRS if pair[side] == word}
    for pair_of_words in PAIRS
    for side, word in enumerate(pair_of_words)
}


def is_yes(word: str) -> bool | None:
    """Whether a word says yes; None where it says neither.

    >>> is_yes("Ja"), is_yes("nee"), is_yes("maybe")
    (True, False, None)
    """
    word = word.strip().casefold()
    return True if word in YES or word == "1" else False if word in NO or word == "0" else None


def meanings(words: Iterable[str]) -> dict[str, bool]:
    """What the words of one column mean, without those that say neither yes nor no.

    One sign alone says little: it counts beside its own opposite, or where nothing else is written.

    >>> meanings(["ja", "nee"]), meanings(["y", "n"]), meanings(["x", "y"]), meanings(["t"])
    ({'ja': True, 'nee': False}, {'y': True, 'n': False}, {}, {'t': True})
    """
    known = [word for word in words if word.strip()]
    plain = {word.strip().casefold() for word in known}
    meant = {word: is_yes(word) for word in known}
    return {
        word: meaning
        for word, meaning in meant.items()
        if meaning is not None
        and (
            len(bare := word.strip().casefold()) > 1
            or bare in ("0", "1")
            or plain <= {bare} | _PARTNERS[bare]
        )
    }
