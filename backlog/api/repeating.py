"""A write that is sent twice counts once: `Idempotency-Key`, kept for a day for each person."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from backlog.api.views import caller
from backlog.models import KeptAnswer
from backlog.refusals import Refused

LONGEST = 200
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", location=OpenApiParameter.HEADER, required=False,
    description="A name of your choice for this write. Sent again with the same body within a day "
    "it answers as the first time and writes nothing; with another body it is a 409.",
)  # fmt: skip


def once(request: Request, write: Callable[[], Response]) -> Response:
    """The answer of `write`, or the one that was kept for this key. A refused write keeps nothing.

    The row is written in the transaction of the write, so two at once can not both count: the
    second meets the row, or waits for it.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return write()
    if len(key) > LONGEST or not key.isprintable():
        raise ValidationError({"detail": f"An Idempotency-Key has at most {LONGEST} letters."})
    digest = _digest_of(request)
    with transaction.atomic():
        kept, is_new = KeptAnswer.objects.select_for_update().get_or_create(
            user=caller(request), key=key, defaults={"digest": digest}
        )
        if not is_new and not kept.is_over:
            return _again(kept, digest)
        answer = write()
        kept.digest, kept.status, kept.kept_at = digest, answer.status_code, timezone.now()
        kept.body = json.loads(json.dumps(answer.data, cls=JSONEncoder))
        kept.save()
    return answer


def _again(kept: KeptAnswer, digest: str) -> Response:
    if kept.digest != digest:
        raise Refused(
            "This Idempotency-Key was used for another body. Nothing was written; send a new key."
        )
    return Response(kept.body, status=kept.status)


def _digest_of(request: Request) -> str:
    body: Any = request.data
    said = json.dumps([request.path, body], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()
