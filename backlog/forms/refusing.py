"""What a flow refuses goes back into the form that asked for it, beside the field or above it."""

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
        form.add_error(None, str(refusal))
    except ValidationError as error:
        for field, sentences in _by_field(error).items():
            form.add_error(field if field in form.fields else None, sentences)


def said_by(form: BaseForm) -> str:
    """All that is wrong with a small form, for a message on the page that it leads back to."""
    return " ".join(str(sentence) for errors in form.errors.values() for sentence in errors)


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return error.message_dict
    return {NON_FIELD_ERRORS: error.messages}
