"""An image for the texts of a post-mortem: taken in, written again, kept with a cap."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from backlog.flows.holding import held
from backlog.flows.incoming import desk, keep, laid_down, require_size, rewrite_image
from backlog.models import User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.writing_up_sections import IS_PUBLISHED
from experiments.learning.image_references import images_in
from experiments.models import PostMortem, PostMortemImage, Section

MOST_IMAGES, MOST_BYTES = 40, 60 << 20
SMALLER = "Make it smaller, or save it as JPEG."
FULL = (
    f"A post-mortem can have {MOST_IMAGES} images with {MOST_BYTES >> 20} MB together. Take one out "
    "of the texts: a day later it no longer counts."
)
MAY_BE_ON_ITS_WAY = dt.timedelta(days=1)  # a browser without a connection may still refer to it


@dataclass(frozen=True)
class KeptImage:
    """`was_moving`: of an animation only the first image is kept."""

    image: PostMortemImage
    was_moving: bool = False


def add_image(post_mortem: PostMortem, upload: "UploadedFile[Any]", *, by: User) -> KeptImage:
    """Keep an image for a draft, written again. Sending the same file again gives the same row.

    Raises PermissionDenied, Refused, TooLarge, NoRoom, NotNow.
    """
    require(by, "experiments.write_postmortem", post_mortem)
    if post_mortem.is_published:
        raise Refused(IS_PUBLISHED)
    require_size(upload, settings.IMAGE_MAX_BYTES, advice=SMALLER)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    if known := post_mortem.images.filter(digest=digest.hexdigest()).first():
        return KeptImage(known)
    with desk() as folder:
        made = folder / "image"
        facts = rewrite_image(laid_down(upload, folder), made)
        was_moving = facts.pop("was_moving")
        image = PostMortemImage(
            post_mortem=post_mortem, by=by, digest=digest.hexdigest(), size=made.stat().st_size, **facts
        )  # fmt: skip
        return KeptImage(_kept(image, made), was_moving)


@transaction.atomic
def _kept(image: PostMortemImage, made: Path) -> PostMortemImage:
    """Nothing slow happens under the lock: of two that send the same file at once, one row stays."""
    fresh = held(image.post_mortem)
    if fresh.is_published:
        raise Refused(IS_PUBLISHED)
    if known := fresh.images.filter(digest=image.digest).first():
        return known
    if not _has_room(fresh, image.size):
        _remove_unused(fresh)
        if not _has_room(fresh, image.size):
            raise Refused(FULL)
    keep(image, "file", made, name=f"{image.digest[:16]}.{image.kind}")
    return image


def _has_room(fresh: PostMortem, size: int) -> bool:
    rows = fresh.images.all()
    taken = rows.aggregate(bytes=Sum("size"))["bytes"] or 0
    return rows.count() < MOST_IMAGES and taken + size <= MOST_BYTES


def _remove_unused(fresh: PostMortem) -> None:
    """Images that no text has shown for a day, and that no browser can be about to put into one."""
    before = timezone.now() - MAY_BE_ON_ITS_WAY
    shown = {number for text in _texts_since(fresh, before) for number in images_in(text)}
    for image in fresh.images.filter(at__lt=before).exclude(pk__in=shown):
        image.delete()
        transaction.on_commit(partial(image.file.storage.delete, str(image.file.name)))


def _texts_since(fresh: PostMortem, moment: dt.datetime) -> list[str]:
    """The sections as they are and as they were since then, with both sides of what two people wrote."""
    texts = [getattr(fresh, section) for section in Section]
    for row in fresh.conflicts.filter(settled_at=None).values_list("both", "earlier", "later"):
        texts += row
    later = list(fresh.versions.filter(at__gt=moment))
    bases = {uuid for one in later for uuid in one.base_uuids[:1]}
    texts += [one.text for one in later]
    texts += fresh.versions.filter(uuid__in=bases).values_list("text", flat=True)
    return texts
