"""What must not stand in a log: the secret in the address of a calendar feed or an invitation."""

import logging
import re

_SECRET = re.compile(r"(/(?:feeds|invitations)/)(?!new/|accept/|\d+/)[^/\s?\"']+")


class HideSecrets(logging.Filter):
    """Puts “…” in the place of secrets in addresses, in the message and in its values."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = hidden(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(hidden(value) for value in record.args)
        return True


def hidden(value: object) -> object:
    """A text without the secrets in it; anything else as it is.

    >>> hidden("Not Found: /feeds/cal_1x/calendar.ics")
    'Not Found: /feeds/…/calendar.ics'
    """
    return _SECRET.sub(r"\1…", value) if isinstance(value, str) else value
