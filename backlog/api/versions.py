"""Lost updates over the API: `ETag` on what is read, `If-Match` on what is written.

The tag holds a mark for each field (`backlog/versions.py`), so other people's changes to other
fields do no harm. If the same field has changed, the answer shows both values (412).
"""

from collections.abc import Mapping
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from backlog.refusals import SomebodyWasQuicker
from backlog.versions import Version, mark_of

WHOLE = "all"


class NotWhatWasRead(APIException):
    """412: somebody changed the same fields since; `fields` has `yours` and `now` for each."""

    status_code = status.HTTP_412_PRECONDITION_FAILED

    def __init__(self, fields: Mapping[str, Any]) -> None:
        sentence = "Somebody changed this since you read it. Nothing was written. "
        sentence += "Compare, then send it again with the new ETag."
        super().__init__(sentence)
        shown: dict[str, Any] = {"detail": sentence, "fields": dict(fields)}
        self.detail = shown


class VersionMissing(APIException):
    """428: a change must say which version it builds on."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = (
        "Say which version you are changing: send If-Match with the ETag that you read, or "
        "`version`."
    )


def tag_of(shown: Mapping[str, Any]) -> str:
    """The ETag of an object as the caller sees it: a mark for each field, and one of the whole."""
    return f'"{Version.of({**shown, WHOLE: shown})}"'


def is_as_read(request: Request, shown: Mapping[str, Any]) -> bool:
    """Whether the caller already has exactly this (`If-None-Match`)."""
    tags = request.headers.get("If-None-Match", "")
    return bool(tags) and f'{WHOLE}~{mark_of(shown)}"' in tags


def require_as_read(
    request: Request,
    now: Mapping[str, Any],
    *,
    changes: Mapping[str, Any] | None,
    version: int | None = None,
) -> None:
    """Allow the write unless somebody else has changed the same fields.

    `now` is the object as the caller sees it, `changes` what is to be written, field by field.
    `changes` is None for a step that names no fields: it requires nothing, and compares the whole
    object with `If-Match`. Raises VersionMissing (428), NotWhatWasRead (412), SomebodyWasQuicker (409).
    """
    tag = request.headers.get("If-Match", "").strip()
    if tag == "*":
        return
    if tag:
        _compare(Version.parse(tag.removeprefix("W/").strip('"')), now, changes)
    elif version is not None:
        if version != now.get("version"):
            raise SomebodyWasQuicker(
                f"Somebody changed this since you read version {version}. It is now version "
                f"{now.get('version')}. Nothing was written. Read it again and compare."
            )
    elif changes is not None:
        raise VersionMissing


def _compare(read: Version, now: Mapping[str, Any], changes: Mapping[str, Any] | None) -> None:
    if changes is None:
        if not read.says(WHOLE, now):
            raise NotWhatWasRead({})
        return
    known = {name: value for name, value in changes.items() if name in now}
    if changes and not known:  # nothing that the tag names by itself
        _compare(read, now, None)
    if known and not read.marks:
        raise NotWhatWasRead({})
    differing = {
        name: {"yours": value, "now": now[name]}
        for name, value in known.items()
        if value != now[name] and not read.says(name, now[name])
    }
    if differing:
        raise NotWhatWasRead(differing)
