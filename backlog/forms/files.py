"""The fields for uploaded files."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from backlog.file_kinds import HEAD, Unreadable, encoding_of, kind_of
from backlog.flows.incoming import FEWER, require_size
from backlog.forms.refusing import form_error
from backlog.refusals import Refused


class SentField(forms.FileField):
    """A file that arrived completely and is small enough.

    `setting` names the setting with its most bytes, `advice` says what to do with a larger one.
    """

    def __init__(self, *, setting: str, advice: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.setting, self.advice = setting, advice

    def to_python(self, data: Any) -> Any:
        upload: Any = super().to_python(data)
        if upload is None:
            return None
        try:
            if refusal := getattr(upload, "refusal", None):
                raise refusal
            require_size(upload, getattr(settings, self.setting), advice=self.advice)
        except Refused as refusal:
            raise form_error(refusal) from refusal
        return upload


class TableField(SentField):
    """A sent file that is text or of a supported kind: `kinds` are those of `file_kinds` that the
    reader knows besides text."""

    def __init__(self, *, kinds: Sequence[str] = (), advice: str = FEWER, **kwargs: Any) -> None:
        super().__init__(advice=advice, **kwargs)
        self.kinds = kinds

    def to_python(self, data: Any) -> Any:
        upload = super().to_python(data)
        if upload is None:
            return None
        kind = kind_of(upload.read(HEAD))
        upload.seek(0)
        if kind and kind.code not in self.kinds:
            raise ValidationError(kind.sentence)
        return upload


def text_in(upload: Any) -> str:
    """The text of a short list. Raises Unreadable if it is not text."""
    data = upload.read()
    encoding = encoding_of(data[:HEAD])
    if encoding is None or (b"\0" in data and encoding.startswith("utf-8")):
        raise Unreadable("This is not a text file. Save the list as CSV (UTF-8).")
    return str(data.decode(encoding, errors="replace").removeprefix("\ufeff"))
