"""Which words and trigrams of an idea search knows, for both engines."""

SAID = ("observation", "change", "audience", "outcome", "expected_effect")
WORDS = ("description", "lever", "channel")
WATCHED = ("pod_id", "key", "title", *SAID, *WORDS)
GRAMS = 600  # letters of an idea whose trigrams are kept
NAMES = ("backlog_ideatext", "backlog_ideagram")


def joined(names: tuple[str, ...], row: str) -> str:
    return " || ' ' || ".join(f'{row}."{name}"' for name in names)


def proposal(row: str) -> str:
    return f"substr({joined(('title', 'change'), row)}, 1, {GRAMS})"
