"""Show what a flow refuses in the form, beside the field or above all fields."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm

from backlog.refusals import Refused


@contextmanager
def refusals_in(form: BaseForm) -> Iterator[None]:
    """Turn a refusal inside the block into an error of `form`; ask `form.is_valid()` afterwards."""
    try:
        yield
    except Refused as refusal:
        form.add_error(None, form_error(refusal))
        form.mend = refusal.mend  # type: ignore[attr-defined]
    except ValidationError as error:
        for field, sentences in _by_field(error).items():
            form.add_error(field if field in form.fields else None, sentences)


def form_error(refusal: Refused) -> ValidationError:
    """A refusal as an error of a form, which keeps its status where that is one of its own."""
    code = "" if refusal.status == Refused.status else str(refusal.status)
    return ValidationError(str(refusal), code=code or "refused")


def status_of(form: BaseForm) -> int:
    """The HTTP status for an answer with this form: 422, or the status of a refusal."""
    errors = [error for listed in form.errors.as_data().values() for error in listed]
    codes = [int(error.code) for error in errors if error.code and error.code.isdecimal()]
    return max(codes, default=422 if errors else 200)


def sentences_in(form: BaseForm) -> str:
    """All errors of a small form, for a message on the page that it leads back to."""
    return " ".join(str(sentence) for errors in form.errors.values() for sentence in errors)


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return error.message_dict
    return {NON_FIELD_ERRORS: error.messages}
