"""What a flow raises when a rule says no."""


class Refused(Exception):  # noqa: N818  (a rule that says no is no error)
    """A rule stands against this step; `str()` is the sentence the user reads (HTTP 409)."""


class SomebodyWasQuicker(Refused):
    """The object changed between being read and being written; the sentence says what happened."""
