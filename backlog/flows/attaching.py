"""Links and files of an idea: added, and taken away again."""

import hashlib
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum

from backlog.file_kinds import HEAD, kind_of
from backlog.flows.holding import held
from backlog.flows.incoming import desk, keep, laid_down, require_size, rewrite_image
from backlog.models import Attachment, Event, Idea, User
from backlog.permissions import require
from backlog.refusals import Refused

MOST, MOST_BYTES = 20, 50 << 20
SMALLER = "Make it smaller, or add a link to where it is stored."
FULL = f"An idea can have at most {MOST} links and files, {MOST_BYTES >> 20} MB in total. Remove one first."
TAKEN = "Floe takes PNG, JPEG, WebP and GIF images, and PDFs."
TAIL = 1024  # bytes at whose end a whole PDF says so


@transaction.atomic
def add_link(idea: Idea, *, by: User, url: str, name: str = "") -> Attachment:
    """Add the address of a page. The same address again gives the same row.

    Raises PermissionDenied, Refused, ValidationError.
    """
    require(by, "backlog.change_idea", idea)
    fresh = held(idea)
    link = Attachment(
        idea=fresh, kind=Attachment.Kind.LINK, name=(name.strip() or url)[:120], url=url, by=by,
        digest=hashlib.sha256(url.encode()).hexdigest(),
    )  # fmt: skip
    if known := fresh.attachments.filter(digest=link.digest).first():
        return known
    _require_room(fresh, 0)
    link.full_clean()
    link.save()
    _record(fresh, f"{by} added the link “{link}”.", by)
    return link


def add_file(idea: Idea, upload: "UploadedFile[Any]", *, by: User) -> Attachment:
    """Keep an image, written again, or a PDF as it is. The same file again gives the same row.

    Raises PermissionDenied, Refused, TooLarge, NoRoom, NotNow.
    """
    require(by, "backlog.change_idea", idea)
    require_size(upload, settings.ATTACHMENT_MAX_BYTES, advice=SMALLER)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    if known := idea.attachments.filter(digest=digest.hexdigest()).first():
        return known
    name = Path(upload.name or "file").name[:120]
    with desk() as folder:
        sent, made = laid_down(upload, folder), folder / "kept"
        kind = _kept_as(sent, made)
        file = Attachment(
            idea=idea, kind=kind, name=name, by=by, digest=digest.hexdigest(),
            size=made.stat().st_size,
        )  # fmt: skip
        return _kept(file, made)


def _kept_as(sent: Path, made: Path) -> str:
    """Write what is kept to `made`; its kind. By the first bytes, whatever the name says."""
    with sent.open("rb") as file:
        kind = kind_of(file.read(HEAD))
        file.seek(max(sent.stat().st_size - TAIL, 0))
        tail = file.read()
    if kind and kind.code == "pdf":
        if b"%%EOF" not in tail:
            raise Refused("This PDF is not complete. Send it again.")
        made.write_bytes(sent.read_bytes())
        return Attachment.Kind.PDF
    return str(rewrite_image(sent, made)["kind"])


@transaction.atomic
def _kept(file: Attachment, made: Path) -> Attachment:
    fresh = held(file.idea)
    if known := fresh.attachments.filter(digest=file.digest).first():
        return known
    _require_room(fresh, file.size)
    keep(file, "file", made, name=f"{file.digest[:16]}.{file.kind}")
    _record(fresh, f"{file.by} added the file “{file}”.", file.by)
    return file


def _require_room(idea: Idea, size: int) -> None:
    rows = idea.attachments.all()
    taken = rows.aggregate(bytes=Sum("size"))["bytes"] or 0
    if rows.count() >= MOST or taken + size > MOST_BYTES:
        raise Refused(FULL)


@transaction.atomic
def remove_attachment(attachment: Attachment, *, by: User) -> None:
    """Take a link or a file away; the file itself goes with it."""
    idea = attachment.idea
    require(by, "backlog.change_idea", idea)
    _record(idea, f"{by} removed “{attachment}”.", by)
    if attachment.file:
        storage, path = attachment.file.storage, str(attachment.file.name)
        transaction.on_commit(partial(storage.delete, path))
    attachment.delete()


def _record(idea: Idea, sentence: str, by: User | None) -> None:
    Event.record(idea, "attach", sentence, by=by)
