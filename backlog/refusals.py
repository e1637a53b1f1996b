"""What a flow raises when a rule says no."""

from typing import ClassVar, NamedTuple


class Mend(NamedTuple):
    """Where somebody does what a refusal names as missing: the words of a link, and its address."""

    label: str
    url: str


class Refused(Exception):  # noqa: N818  (a rule that says no is not an error)
    """A rule does not allow this step. `str()` is the sentence for people (HTTP `status`).

    If the sentence names something to do first, `mend` leads there.
    """

    status: ClassVar[int] = 409

    def __init__(self, sentence: str = "", *, mend: Mend | None = None) -> None:
        super().__init__(sentence)
        self.mend = mend


class SomebodyWasQuicker(Refused):
    """The object changed between being read and being written; the sentence says what happened."""


class TooLarge(Refused):
    """The upload is too large."""

    status = 413


class NoRoom(Refused):
    """The disk, or the share of it that uploads may have, is full."""

    status = 507


class NotNow(Refused):
    """Nothing is wrong with the request, but the server is busy."""

    status = 503
