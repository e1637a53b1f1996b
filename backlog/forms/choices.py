"""What a form offers to choose from."""

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)


def with_present(offered: "QuerySet[M]", *present: int | None) -> "QuerySet[M]":
    """The choices with the present value, because a form without it would empty the field.

    Somebody may have left the pod, or a quarter may be over, or a segment may belong to another pod.
    """
    here = Q(pk__in=offered.order_by().values("pk")) | Q(pk__in=[pk for pk in present if pk])
    rows = offered.model._default_manager.filter(here)
    return rows.order_by(*(offered.query.order_by or offered.model._meta.ordering or ()))
