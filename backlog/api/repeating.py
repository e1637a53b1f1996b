"""A write that is sent twice counts once: `Idempotency-Key`, kept for a day for each person."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from backlog.models import KeptAnswer, User
from backlog.refusals import Refused

USED = "This Idempotency-Key was used for another body or address. Nothing was written. Send a new key."
OUT_OF_SIGHT = "This was done when you first sent it. You may no longer see the result."


def once(
    request: Request,
    write: Callable[[], Response],
    *,
    keep: Callable[[Response], Any],
    show: Callable[[Any], Any],
) -> Response:
    """The answer of `write`, or the one stored for this key. A refused write stores nothing.

    The row is written in the transaction of the write, so two at once cannot both count: the second
    finds the row, or waits for it. `keep` picks what to store of an answer. `show` makes the body
    from it again, or None where the caller may no longer see it.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return write()
    digest = _digest_of(request)
    with transaction.atomic():
        kept, is_new = KeptAnswer.objects.select_for_update().get_or_create(
            user=cast(User, request.user), key=key, defaults={"digest": digest}
        )
        if not is_new and not kept.is_over:
            return _again(kept, digest, show)
        answer = write()
        kept.digest, kept.status, kept.kept_at = digest, answer.status_code, timezone.now()
        kept.body = json.dumps(keep(answer), cls=JSONEncoder)
        kept.save()
    return answer


def _again(kept: KeptAnswer, digest: str, show: Callable[[Any], Any]) -> Response:
    if kept.digest != digest:
        raise Refused(USED)
    body = show(json.loads(kept.body))
    if body is None:
        raise Refused(OUT_OF_SIGHT)
    return Response(body, status=kept.status)


def _digest_of(request: Request) -> str:
    """What makes it the same write: method, address, body, and what it was built on."""
    built_on = request.headers.get("If-Match", "")
    parts: list[Any] = [request.method, request.get_full_path(), request.data, built_on]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
