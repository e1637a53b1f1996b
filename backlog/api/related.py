"""What a field of the API that names something else may name."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from backlog.forms.choices import with_present


def offer(
    fields: Mapping[str, Any], context: Mapping[str, Any], **offered: "QuerySet[Any]"
) -> None:
    """Let each field name what is offered, and what the object of the address names already."""
    present = context.get("present")
    for name, rows in offered.items():
        fields[name].queryset = with_present(rows, getattr(present, f"{name}_id", None))
