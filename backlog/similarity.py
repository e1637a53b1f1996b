"""How alike two texts are: pure arithmetic over character trigrams.

An idea is found by letters in a row, so "Win back lapsed reader" meets "Winback of lapsed readers";
words, their order and their endings count for less.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate
from math import prod

ALIKE = 0.45  # from here on an idea is worth showing
ENOUGH_ALONE = 4  # rare trigrams that find an idea in spite of a slip of the pen
SHORTEST = 6  # fewer trigrams than these say nothing
IN_A_HYPOTHESIS = 0.7  # what stands in the hypothesis counts for less than what stands in the title
AS_A_START = 0.85  # so does a title that goes on

_SIGNS = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """Without accents and in lower case: "Café" is "cafe", and Hangul stays whole.

    >>> folded("Über Café")
    'uber cafe'
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFC", bare)


def trigrams(text: str) -> frozenset[str]:
    """Three letters in a row, of the text in lower case, as both engines keep them.

    >>> sorted(trigrams("A cat"))
    [' ca', 'a c', 'cat']
    """
    low = text.lower()
    return frozenset([low[at : at + 3] for at in range(len(low) - 2)])


def letters(text: str) -> str:
    """Without accents, signs and case, a space at either end so that the ends of words count."""
    return f" {_SIGNS.sub(' ', folded(text)).strip()} "


def grams(text: str) -> frozenset[str]:
    """Trigrams of its letters.

    >>> grams("Café!") == grams("cafe")
    True
    """
    return trigrams(letters(text))


def likeness(typed: frozenset[str], title: str, hypothesis: str = "") -> float:
    """From 0 (nothing in common) to 1 (the same) of what was typed (as `grams`) and an idea.

    The largest of three: Dice's coefficient with the title; the share of what was typed that stands
    in the title, times 0.85, so that half a title finds the whole; the same for the hypothesis,
    times 0.7. Dice (1945): 2·|A ∩ B| / (|A| + |B|).

    >>> likeness(grams("Name the series"), "Name the series")
    1.0
    >>> likeness(grams("Name the ser"), "Name the series in the subject line") > ALIKE
    True
    >>> likeness(grams("Postcards to givers"), "Name the series") < 0.2
    True
    """
    if len(typed) < SHORTEST:
        return 0.0
    other = letters(title)
    shared = sum(map(other.__contains__, typed))
    score = AS_A_START * shared / len(typed)
    if score >= ALIKE / 2:
        score = max(score, 2 * shared / (len(typed) + len(trigrams(other))))
    if score >= ALIKE or not hypothesis:
        return score
    whole = f"{other}|{letters(hypothesis)}"
    return max(score, IN_A_HYPOTHESIS * sum(map(whole.__contains__, typed)) / len(typed))


def telling(
    typed: str, seen: Mapping[str, int], sample: int, ideas: int, most: int
) -> list[list[str]]:
    """Sets of trigrams to look for: an idea that has all of one set is worth comparing.

    The rarest trigrams each alone, as many as `most` ideas are expected to have; where even those
    are common, the rarest dozen by twos, threes or fours. `seen` counts, over `sample` ideas, in
    how many each trigram stands; there are `ideas` in all.
    """
    rarest = sorted(trigrams(typed), key=lambda gram: (seen.get(gram, 0), gram))
    shares = [(seen.get(gram, 0) + 0.25) / max(sample, 1) for gram in rarest]
    alone = sum(total * ideas <= most for total in accumulate(shares))
    if alone >= min(ENOUGH_ALONE, len(rarest)):
        return [[gram] for gram in rarest[:alone]]
    dozen = rarest[:12]
    size = next((n for n in (2, 3) if prod(shares[:12:n][:n]) * ideas * 6 / n <= most), 4)
    ways = max(len(dozen) // size, 1)
    return [[gram] for gram in rarest[:alone]] + [dozen[way::ways] for way in range(ways)]


def count_trigrams(texts: Iterable[str]) -> Counter[str]:
    """In how many of the texts each trigram stands."""
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update(trigrams(text))
    return counted
