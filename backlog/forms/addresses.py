"""E-mail addresses as people paste them: many at once, with names, from any mail program."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST_ADDRESS = 254  # as the columns
_QUOTED = re.compile(r'"[^"]*"')
_BETWEEN, _BETWEEN_PEOPLE = re.compile(r"[,;\r\n]+"), re.compile(r"[;\r\n]+")
_AROUND = "<>()\"',;:"


def addresses_in(text: str) -> list[str]:
    """The addresses in a text, each once, as they were typed.

    Commas, semicolons, spaces and lines separate them. A name before an address in angle brackets
    is left out, also one with a comma where semicolons separate the people.

    Raises ValidationError for a word that is not an address, and where there is none.
    """
    has_names = "<" in text
    between = _BETWEEN_PEOPLE if has_names and ";" in text else _BETWEEN
    each: dict[str, str] = {}
    for part in between.split(_QUOTED.sub(" ", text) if has_names else text):
        for word in _words(part):
            if not is_address(word):
                raise ValidationError(f"“{word[:80]}” is not an e-mail address.")
            each.setdefault(word.lower(), word)
    if not each:
        raise ValidationError("Enter at least one e-mail address.")
    return list(each.values())


def _words(part: str) -> list[str]:
    words = [word.strip(_AROUND).removeprefix("mailto:") for word in re.split(r"[\s,]+", part)]
    return [word for word in words if word and ("<" not in part or "@" in word)]


def is_address(word: str) -> bool:
    """Whether it is an address that fits into a column."""
    try:
        validate_email(word)
    except ValidationError:
        return False
    return len(word) <= LONGEST_ADDRESS
