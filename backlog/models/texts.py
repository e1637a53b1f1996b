"""Long text with a limit that applies everywhere: in forms, in the API and in `full_clean`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxLengthValidator
from django.db import models

SENTENCE = 10_000  # letters of what Floe says itself

if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:
    TextField = models.TextField


class Text(TextField):
    """Django checks the `max_length` of a TextField only in forms. Here the model checks it, too.

    A migration sees a plain TextField, as nothing changes in the database.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest = kwargs["max_length"]
        sentence = f"At most {longest:,} characters; this has %(show_value)d."
        self._cap = MaxLengthValidator(longest, sentence)

    @property
    def validators(self) -> Sequence[Any]:  # type: ignore[override]
        return [*super().validators, self._cap]

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
