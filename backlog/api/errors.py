"""One answer for each kind of refusal: 400 if the request is wrong, 409 if a rule does not allow
it."""

import logging
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from backlog.refusals import Refused

OF_THE_STATE = {"does_not_exist", "unique"}

logger = logging.getLogger("floe")


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn a refusal of a flow or a model into JSON with its sentence. The rest is up to DRF."""
    if isinstance(error, Refused):
        return Response({"detail": str(error)}, status=error.status)
    if isinstance(error, ValidationError):
        return Response(_sentences(error), status=status.HTTP_409_CONFLICT)
    if isinstance(error, (OverflowError, RecursionError)):
        logger.warning("An API body could not be read: %r", error)
        sentence = "A number in the request is too large, or the request is nested too deeply."
        return Response({"detail": sentence}, status=status.HTTP_400_BAD_REQUEST)
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.ValidationError):
        if _stands_against_it(error.get_codes()):
            response.status_code = status.HTTP_409_CONFLICT
        response.data = _named(response.data)
    return response


def _sentences(error: ValidationError) -> dict[str, Any]:
    if not hasattr(error, "error_dict"):
        return {"detail": " ".join(error.messages)}
    fields: dict[str, Any] = dict(error.message_dict)
    if NON_FIELD_ERRORS in fields:
        fields["detail"] = fields.pop(NON_FIELD_ERRORS)
    return _named(fields)


def _named(data: Any) -> dict[str, Any]:
    """Sentences by field. What concerns the whole is one text in `detail`."""
    answer = dict(data) if isinstance(data, dict) else {"detail": data}
    whole = answer.get("detail")
    if isinstance(whole, list):
        answer["detail"] = " ".join(str(one) for one in whole)
    return answer


def _stands_against_it(codes: Any) -> bool:
    """Whether the request is well formed, and only names something that is missing or taken."""
    if isinstance(codes, dict):
        return all(_stands_against_it(one) for one in codes.values())
    if isinstance(codes, list):
        return all(_stands_against_it(one) for one in codes if one)
    return codes in OF_THE_STATE
