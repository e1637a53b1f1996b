"""One answer for each kind of no: 400 what was sent is wrong, 409 a rule stands against it."""

import logging
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from backlog.refusals import Refused

logger = logging.getLogger("floe")


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """A refusal of a flow or of a model becomes JSON with its sentence; the rest is DRF's."""
    if isinstance(error, Refused):
        return Response({"detail": str(error)}, status=error.status)
    if isinstance(error, ValidationError):
        if not hasattr(error, "error_dict"):
            return Response({"detail": " ".join(error.messages)}, status=400)
        fields = dict(error.message_dict)
        if NON_FIELD_ERRORS in fields:
            fields["detail"] = [" ".join(fields.pop(NON_FIELD_ERRORS))]
        return Response(fields, status=status.HTTP_400_BAD_REQUEST)
    if isinstance(error, (OverflowError, RecursionError)):
        logger.warning("An API body could not be read: %r", error)
        sentence = "A number in it is too large, or it is nested too deeply."
        return Response({"detail": sentence}, status=status.HTTP_400_BAD_REQUEST)
    return exception_handler(error, context)
