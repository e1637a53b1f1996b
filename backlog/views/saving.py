"""Save an edit: the row is held while two people's changes are merged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.contrib import messages
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest

from backlog.flows.holding import held
from backlog.forms.merging import MergingForm, merge

M = TypeVar("M", bound=Model)


@contextmanager
def saving(request: HttpRequest, form: MergingForm, obj: M) -> Iterator[M]:
    """Hold the row of `obj`, merge, and give the row as it is now to the block that writes.

    Stands inside `refusals_in(form)`. Raises SomebodyWasQuicker; `form.conflict` then shows both.
    """
    if obj.pk is None:  # nobody else can have changed what is not there yet
        yield obj
        return
    with transaction.atomic():
        fresh = held(obj)
        merged = merge(form, form.of_now(obj, fresh))
        yield fresh
        if merged:
            names = ", ".join(f"“{name}”" for name in merged)
            messages.info(
                request, f"Somebody else changed {names}. Their changes are kept as well."
            )
