"""How a text refers to one of its images: `![what it shows](image:7)`. Pure."""

from __future__ import annotations

import re
from typing import Final

UNDESCRIBED: Final = "Describe the image"
_DESCRIBED: Final = re.compile(r"!\[([^\[\]\n]{0,300})\]\(image:[0-9]{1,18}\)")
_ADDRESS: Final = re.compile(r"image:([0-9]{1,18})(?![0-9])")


def reference_to(number: int) -> str:
    """The text that shows an image, with words that ask what it shows.

    Args:
        number: of the image.

    Returns:
        Markdown for an image whose address is its number.

    Raises:
        Nothing.

    Source: our own; the form is that of CommonMark 0.31, section 6.4.

    >>> reference_to(7)
    '![Describe the image](image:7)'
    """
    return f"![{UNDESCRIBED}](image:{number})"


def images_in(text: str) -> set[int]:
    """The numbers of all images that a text may show, however it is written.

    Args:
        text: Markdown.

    Returns:
        Every number that stands behind `image:`, so rather one too many than one too few.

    Raises:
        Nothing.

    Source: our own.

    >>> sorted(images_in("![Lift](image:7) and [the other][a]\\n\\n[a]: image:12"))
    [7, 12]
    """
    return {int(number) for number in _ADDRESS.findall(text)}


def is_undescribed(text: str) -> bool:
    """Whether an image of a text does not say what it shows.

    Args:
        text: Markdown.

    Returns:
        True where the brackets of an image are blank or still as `reference_to` made them.

    Raises:
        Nothing.

    Source: our own; WCAG 2.2, 1.1.1 asks for the words.

    >>> is_undescribed("![ ](image:7)"), is_undescribed("![Opens by day](image:7)")
    (True, False)
    """
    return any(words.strip() in ("", UNDESCRIBED) for words in _DESCRIBED.findall(text))
