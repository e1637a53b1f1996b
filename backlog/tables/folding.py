"""Words of ten languages in one spelling, so that a list of them need not know every accent."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Without case, accents and the strokes of Polish and Danish letters.

    >>> folded("Fecha de envío"), folded("ŁÓDŹ"), folded("Straße"), folded("Ørsted")
    ('fecha de envio', 'lodz', 'strasse', 'orsted')
    """
    plain = text.casefold().replace("ł", "l").replace("ø", "o")
    apart = unicodedata.normalize("NFKD", plain)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
