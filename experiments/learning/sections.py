"""Versions of a section that several people write at once: what the server does with a save. Pure.

The protocol. A version is never changed. A browser keeps the uuids that its text is based on, newest
first. It saves its text under a uuid of its own with these bases. The server merges it with the
newest version, stores both the text as it came and the result, and answers with the result. The
browser takes the answer only if nothing was typed since it saved. Otherwise it keeps its text, and
the uuid that it sent becomes its newest base. After an error or no answer it does the same: whether
or not the save arrived, one of its bases is known to the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from experiments.learning.merging import Span, common, merge

NAMESPACE = UUID("6f0c8a52-5f5e-4c0c-9d4b-0c5a1f1e7a16")


class SaveOutcome(StrEnum):
    """What became of a save.

    `STORED`: its base was the newest version, and now it is the newest itself. `MERGED`: others had
    saved meanwhile. `UNCHANGED`: its text is that of its base. `REPEATED`: it had arrived before. `SUPERSEDED`: a later text of the same browser
    arrived first and contains it. `BASE_LOST`: none of its bases is known, so that words removed by
    somebody may have come back.
    """

    STORED = "stored"
    MERGED = "merged"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    SUPERSEDED = "superseded"
    BASE_LOST = "base-lost"


@dataclass(frozen=True)
class SectionVersion:
    """One text of a section: its `uuid`, the uuids of its `bases`, newest first, and its `text`."""

    uuid: UUID
    bases: tuple[UUID, ...]
    text: str


@dataclass(frozen=True)
class Accepted:
    """The answer to a save.

    `outcome`: what became of it. `head`: the version that counts now, for the browser. `stored`:
    versions to be stored, in this order, so that the last one is the head; it may be empty. `spans`:
    places of the head's text that both sides wrote.
    """

    outcome: SaveOutcome
    head: SectionVersion
    stored: tuple[SectionVersion, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def conflicts(self) -> tuple[Span, ...]:
        """Places where both changed the same words."""
        return tuple(span for span in self.spans if span.is_overlap)


def accept(save: SectionVersion, known_versions: Sequence[SectionVersion]) -> Accepted:
    """What a save does to a section.

    Call it with the section's row locked, and append `stored` before the lock is given up. A save
    that has arrived before changes nothing. One whose uuid is taken by another text is merged like
    any other, under a uuid made of both.

    Args:
        save: as the browser sent it.
        known_versions: of this section, oldest first, the last one being the head. Needed are the
            head, the version with the uuid of the save, those that the save names as bases, and those
            that name the save as a base; the others may be left out.

    Returns:
        What to store and what to answer.

    Raises:
        Nothing: any save can be accepted.

    Source: the protocol at the top of this module; merging by words as in `merge`.

    >>> a, b, c = (UUID(int=number) for number in (1, 2, 3))
    >>> first = accept(SectionVersion(a, (), "it went well"), [])
    >>> second = accept(SectionVersion(b, (a,), "it went very well"), first.stored)
    >>> third = accept(SectionVersion(c, (a,), "then it went well"), [*first.stored, *second.stored])
    >>> str(third.outcome), third.head.text, len(third.stored)
    ('merged', 'then it went very well', 2)
    """
    if not known_versions:
        return Accepted(SaveOutcome.STORED, save, (save,))
    by_uuid = {version.uuid: version for version in known_versions}
    twin = by_uuid.get(save.uuid)
    if twin and twin.text != save.text:
        save = SectionVersion(uuid5(save.uuid, save.text), (save.uuid, *save.bases), save.text)
    base = next((by_uuid[uuid] for uuid in save.bases if uuid in by_uuid), None)
    head = known_versions[-1]
    if nothing_new := _nothing_new(save, base, known_versions):
        return Accepted(nothing_new, head)
    if base == head:
        return Accepted(SaveOutcome.STORED, save, (save,))
    merged = merge(base.text if base else common(head.text, save.text), save.text, head.text)
    result = SectionVersion(
        uuid5(NAMESPACE, f"{save.uuid} {head.uuid}"), (save.uuid, head.uuid), merged.text
    )
    outcome = SaveOutcome.MERGED if base else SaveOutcome.BASE_LOST
    return Accepted(outcome, result, (save, result), merged.spans)


def _nothing_new(
    save: SectionVersion, base: SectionVersion | None, known_versions: Sequence[SectionVersion]
) -> SaveOutcome | None:
    """Why the head holds everything that a save could bring, or None."""
    if any(version.uuid == save.uuid for version in known_versions):
        return SaveOutcome.REPEATED
    if any(save.uuid in version.bases for version in known_versions):
        return SaveOutcome.SUPERSEDED
    return SaveOutcome.UNCHANGED if base and base.text == save.text else None
