"""How many of each there may be. Forms, the API and the flows use the same limits.

Each limit is many times what a team needs. A longer list is a mistake or an attack, and each of its
lines would cost a query under the lock that all writes wait for.
"""

from collections.abc import Sized

from django.core.exceptions import ValidationError

MOST_TAGS = 30
MOST_IN_A_ROUND = 200
MOST_ARMS = 14
MOST_INVITED = 30  # at once
MOST_METRICS = 20
MOST_RULES = 20
MOST_AFTER = 20
MOST_OBSERVATIONS = 5_000
LONGEST_STATE = 20


def hold(field: str, lines: Sized, most: int, whole: str, noun: str) -> None:
    """Raise ValidationError with a sentence beside `field` where there are more than `most`."""
    if sentence := too_many(lines, most, whole, noun):
        raise ValidationError({field: sentence})


def too_many(lines: Sized, most: int, whole: str, noun: str) -> str:
    """The sentence, or nothing where there are no more than `most`.

    >>> too_many("abc", 2, "An idea", "tags")
    'An idea can have at most 2 tags. You entered 3.'
    """
    if len(lines) <= most:
        return ""
    return f"{whole} can have at most {most:,} {noun}. You entered {len(lines):,}."
