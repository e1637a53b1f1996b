"""Which objects a field of the API may refer to."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from backlog.forms.choices import with_present


def offer(
    fields: Mapping[str, Any], context: Mapping[str, Any], **offered: "QuerySet[Any]"
) -> None:
    """Let each field refer to what is offered, and to what the object refers to already."""
    present = context.get("present")
    for name, rows in offered.items():
        fields[name].queryset = with_present(rows, getattr(present, f"{name}_id", None))
