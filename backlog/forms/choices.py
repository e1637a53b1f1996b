"""What a form offers to choose from."""

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)


def with_present(offered: "QuerySet[M]", *present: int | None) -> "QuerySet[M]":
    """What is offered, and what stands there now: a form that left it out would empty the field.

    Somebody may have left the pod since, a quarter be over, a segment be another pod's by now.
    """
    here = Q(pk__in=offered.order_by().values("pk")) | Q(pk__in=[pk for pk in present if pk])
    rows = offered.model._default_manager.filter(here)
    return rows.order_by(*(offered.query.order_by or offered.model._meta.ordering or ()))
