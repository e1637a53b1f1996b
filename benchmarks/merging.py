"""How long it takes to merge two edits of one text of 20,000 words: `python benchmarks/merging.py`.

Prose has words that are unique; the other texts are made of few words, which is the worst for an
alignment. The ratio is to splitting the three texts into words. Seeded.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from experiments.learning.merging import merge

LENGTH = 20_000
TEXTS: dict[str, Callable[[random.Random], str]] = {
    "prose": lambda draw: f"w{int(draw.paretovariate(0.9))}",
    "100 words": lambda draw: f"w{draw.randrange(100)}",
    "two words": lambda draw: draw.choice("ab"),
    "one word": lambda draw: "a",
}


def edited(words: list[str], edits: int, mark: str, draw: random.Random) -> list[str]:
    """The words with some inserted, replaced or removed, anywhere."""
    result = list(words)
    for number in range(edits):
        at = draw.randrange(len(result))
        step = draw.choice(("insert", "replace", "remove"))
        result[at : at + (step != "insert")] = [] if step == "remove" else [f"{mark}{number}"]
    return result


def main() -> None:
    print(f"{'':12}{'edits':>7}{'seconds':>9}{'ratio':>8}{'conflicts':>11}{'words':>8}{'lost':>6}")
    for name, word in TEXTS.items():
        draw = random.Random(1)
        base = [word(draw) for _ in range(LENGTH)]
        for edits in (5, 300, 5_000):
            sides = [edited(base, edits, mark, draw) for mark in ("m:", "h:")]
            texts = [" ".join(words) for words in (base, *sides)]
            start = time.process_time()
            for text in texts:
                re.findall(r"\S+", text)
            split = time.process_time() - start
            start = time.process_time()
            merged = merge(*texts)
            seconds = time.process_time() - start
            words = set(merged.text.split())
            lost = {w for side in sides for w in side if w[:2] in ("m:", "h:")} - words
            print(
                f"{name:12}{edits:7}{seconds:9.2f}{seconds / split:8.0f}"
                f"{len(merged.conflicts):11}{len(merged.text.split()):8}{len(lost):6}"
            )


if __name__ == "__main__":
    main()
