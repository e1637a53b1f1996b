"""What forms say of a wrong value where a field has no sentence of its own: Floe's words, not Django's."""

from typing import Any

from django import forms

SENTENCES: dict[type[forms.Field], dict[str, Any]] = {
    forms.Field: {
        "min_value": "Enter %(limit_value)s or more.",
        "max_value": "Enter at most %(limit_value)s.",
        "max_length": "Shorten it to at most %(limit_value)d characters. It has %(show_value)d.",
    },
    forms.ChoiceField: {"invalid_choice": "“%(value)s” can’t be chosen here. Choose again."},
    forms.MultipleChoiceField: {"invalid_choice": "“%(value)s” can’t be chosen here. Choose again."},
    forms.ModelChoiceField: {"invalid_choice": "This can’t be chosen any more. Choose again."},
    forms.ModelMultipleChoiceField: {
        "invalid_choice": "One of them can’t be chosen any more. Choose again."
    },
}  # fmt: skip


def use_plain_sentences() -> None:
    """Once, before the first form is made. A field's own `error_messages` still come first."""
    for field, sentences in SENTENCES.items():
        field.default_error_messages = {**field.default_error_messages, **sentences}
