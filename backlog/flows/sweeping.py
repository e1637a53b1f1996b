"""Remove files that nobody needs any more: without a row, or of a row whose time is over."""

import datetime as dt
import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from celery import shared_task
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import FileField, Model

logger = logging.getLogger("floe")

ON_ITS_WAY = 24 * 3600  # seconds: a file younger than this may belong to a row that is yet to come
ON_A_DESK = 2 * 3600  # a reading that takes longer was killed with the process that asked for it


@shared_task  # type: ignore[untyped-decorator]
def sweep_uploads() -> int:
    """Remove unused files, and return how many. Run by the clock, safe to run twice."""
    gone = _let_go() + _sweep_orphans() + _sweep_desks()
    if gone:
        logger.warning("Removed %s unused files from the uploads", gone)
    return gone


def rows_with_files() -> Iterator[tuple[type[Model], str]]:
    """Every model that keeps a file, and the name of its field."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, FileField):
                yield model, field.name


def _let_go() -> int:
    """Remove files of rows that no longer need them. The row stays, and says so if somebody
    continues."""
    before = dt.datetime.now(dt.UTC) - dt.timedelta(days=settings.UPLOADS_KEPT_DAYS)
    gone = 0
    for model, field in rows_with_files():
        # Each such model says itself when: a queryset word, so that this module need not know it.
        over = model._default_manager.get_queryset().done_with_file(before)  # type: ignore[attr-defined]
        for pk, name in over.exclude(**{field: ""}).values_list("pk", field)[:1000]:
            if over.filter(pk=pk, **{field: name}).update(**{field: ""}):
                default_storage.delete(name)
                gone += 1
    return gone


def _sweep_orphans() -> int:
    """Remove files without a row. Rows are read after the files, so that a file whose row was just
    written is not taken for an orphan."""
    root = Path(settings.MEDIA_ROOT)
    old = [path for path in root.rglob("*") if _is_old_file(path, ON_ITS_WAY)]
    if not old:
        return 0
    named: set[str] = set()
    for model, field in rows_with_files():
        named.update(model._default_manager.exclude(**{field: ""}).values_list(field, flat=True))
    orphans = [path for path in old if path.relative_to(root).as_posix() not in named]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _sweep_desks() -> int:
    """Remove what a killed process left in the upload folder."""
    left = [
        path
        for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*")
        if not path.name.startswith("seat-") and _age(path) > ON_A_DESK
    ]
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def _is_old_file(path: Path, seconds: float) -> bool:
    return not path.is_symlink() and path.is_file() and _age(path) > seconds


def _age(path: Path) -> float:
    try:
        return time.time() - path.lstat().st_mtime
    except FileNotFoundError:
        return 0
