"""Save a text of a post-mortem that several people write at once. No word of anybody is lost.

The protocol is in `experiments/learning/sections.py`; here are its rows, its lock, and the places
where two people wrote.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from backlog.flows.holding import held
from backlog.models import User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.learning import sections as protocol
from experiments.models import PostMortem, Section, SectionConflict, SectionVersion
from experiments.models.writing import LONGEST, MOST_BASES

ROOT = UUID("0d0f3d0e-6a1c-4f0a-9a55-6d3b8f3c2b11")
IS_PUBLISHED = "It is published, so it can’t be changed any more."
TOO_LONG = (
    f"Together with what others wrote it has more than {LONGEST:,} characters. "
    "Shorten your text, or put a part of it under another question."
)
SHOWN = 50  # open conflicts of one post-mortem
Save = protocol.SectionVersion


def root_of(post_mortem: PostMortem, section: str) -> Save:
    """The text of a section before anybody saved it here."""
    uuid = uuid5(ROOT, f"{post_mortem.pk} {section}")
    return Save(uuid, (), getattr(post_mortem, section))


def heads_of(post_mortem: PostMortem) -> dict[str, SectionVersion]:
    """The newest version of each section that has one, without its text: the post-mortem has it."""
    newest = _newest(post_mortem.versions.all())
    rows = SectionVersion.objects.filter(pk__in=newest).defer("text").select_related("by")
    return {row.section: row for row in rows}


def _newest(rows: "QuerySet[SectionVersion]") -> "QuerySet[SectionVersion, int]":
    return rows.order_by().values("section").annotate(last=Max("pk")).values_list("last", flat=True)


@transaction.atomic
def save_section(
    post_mortem: PostMortem, section: str, save: Save, *, by: User
) -> protocol.Accepted:
    """Merge what a browser sends with what others saved. Sending it again changes nothing.

    Raises PermissionDenied, Refused, SomebodyWasQuicker.
    """
    return save_sections(post_mortem, {section: save}, by=by)[section]


@transaction.atomic
def save_sections(
    post_mortem: PostMortem, saves: Mapping[str, Save], *, by: User
) -> dict[str, protocol.Accepted]:
    """The same for several sections, all or none of them."""
    require(by, "experiments.write_postmortem", post_mortem)
    fresh = held(post_mortem)
    if fresh.is_published:
        raise Refused(IS_PUBLISHED)
    answers = {section: _take_in(fresh, section, save, by) for section, save in saves.items()}
    texts: dict[str, Any] = {
        section: answer.head.text
        for section, answer in answers.items()
        if answer.head.text != getattr(fresh, section)
    }
    if texts:
        if fresh.author_id is None:
            texts["author"] = by
        rows = PostMortem.objects.filter(pk=fresh.pk)
        rows.update(**texts, version=F("version") + 1)
        post_mortem.refresh_from_db()
    return answers


def _take_in(fresh: PostMortem, section: str, save: Save, by: User) -> protocol.Accepted:
    save = Save(save.uuid, save.bases[:MOST_BASES], save.text)
    mine = fresh.versions.filter(section=section)
    rows = _known(mine, save)
    known = [Save(row.uuid, row.base_uuids, row.text) for row in rows]
    if not known:
        known = [root_of(fresh, section)]
        _add(fresh, section, known, fresh.author, at=fresh.started_at)
    answer = protocol.accept(save, known)
    if len(answer.head.text) > LONGEST:
        raise Refused(TOO_LONG)
    _add(fresh, section, answer.stored, by)
    theirs = rows[-1].by if rows else fresh.author
    SectionConflict.objects.bulk_create(
        SectionConflict(
            post_mortem=fresh, section=section, both=answer.head.text[span.start : span.end],
            earlier=span.head, later=span.mine, earlier_by=theirs, later_by=by,
        )
        for span in answer.conflicts
    )  # fmt: skip
    return answer


def _known(mine: "QuerySet[SectionVersion]", save: Save) -> list[SectionVersion]:
    """The versions that the protocol needs, oldest first: the last one is the head."""
    named = Q(uuid__in=[save.uuid, *save.bases]) | Q(bases__contains=str(save.uuid))
    head = Q(pk__in=_newest(mine))
    return list(mine.filter(named | head).select_related("by").order_by("pk"))


def _add(
    fresh: PostMortem,
    section: str,
    versions: Iterable[Save],
    by: User | None,
    *,
    at: dt.datetime | None = None,
) -> None:
    SectionVersion.objects.bulk_create(
        SectionVersion(
            post_mortem=fresh, section=section, uuid=one.uuid, text=one.text, by=by,
            bases=" ".join(str(base) for base in one.bases), at=at or timezone.now(),
        )
        for one in versions
    )  # fmt: skip


def open_conflicts(post_mortem: PostMortem) -> list[SectionConflict]:
    """Places where both texts are still in the section and nobody has settled which one stays."""
    rows = post_mortem.conflicts.filter(settled_at=None).select_related("earlier_by", "later_by")
    newest = list(rows.order_by("-pk")[:SHOWN])
    return [row for row in reversed(newest) if row.both in getattr(post_mortem, row.section)]


class Keep:
    """What of a conflict stays."""

    BOTH, EARLIER, LATER = "both", "earlier", "later"
    ALL = (BOTH, EARLIER, LATER)


@transaction.atomic
def settle(conflict: SectionConflict, *, keep: str, by: User) -> None:
    """Keep both texts, or one of them. A second click changes nothing.

    Raises PermissionDenied, Refused, SomebodyWasQuicker.
    """
    require(by, "experiments.write_postmortem", conflict.post_mortem)
    fresh = held(conflict.post_mortem)
    if fresh.is_published:
        raise Refused(IS_PUBLISHED)
    conflict.refresh_from_db()
    if conflict.settled_at:
        return
    if keep not in Keep.ALL:
        raise Refused("Say which text stays: both, the earlier or the later one.")
    text: str = getattr(fresh, conflict.section)
    if keep != Keep.BOTH and conflict.both in text:
        stays = conflict.earlier if keep == Keep.EARLIER else conflict.later
        _replace(fresh, conflict.section, text.replace(conflict.both, stays, 1), by)
    conflict.settled_by, conflict.settled_at = by, timezone.now()
    conflict.save(update_fields=["settled_by", "settled_at"])


def _replace(fresh: PostMortem, section: str, text: str, by: User) -> None:
    newest = fresh.versions.filter(section=section).order_by("-pk").values_list("uuid", flat=True)
    base = newest.first() or root_of(fresh, section).uuid
    save_section(fresh, section, Save(uuid4(), (base,), text), by=by)


def rewrite(fresh: PostMortem, texts: Mapping[str, str], *, by: User) -> None:
    """Put these texts in the place of the present ones, as one more version of each."""
    for section, text in texts.items():
        if section in Section.values and text != getattr(fresh, section):
            _replace(fresh, section, text, by)
