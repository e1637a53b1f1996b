"""What the viewsets of both apps share."""

from typing import Any, TypeVar, cast

from django.db.models import Model, QuerySet
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from backlog.models import User
from backlog.permissions import get_for

M = TypeVar("M", bound=Model)


def caller(request: Request) -> User:
    """The signed-in person; the default permissions let nobody else in."""
    return cast(User, request.user)


class Nouns(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """A list and one, of what the caller may see: `queryset` narrowed by `visible_to`."""

    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset().none()
        everything: Any = super().get_queryset()
        seen: QuerySet[Any] = everything.visible_to(caller(self.request))
        return seen

    def fetch(self, perm: str) -> Any:
        """The object of the address, for somebody who may `perm` it: 404 or 403 otherwise."""
        return get_for(caller(self.request), perm, self.get_queryset().model, pk=self.kwargs["pk"])

    def said(self, serializer: type[BaseSerializer[Any]], **options: Any) -> dict[str, Any]:
        """What was sent, checked; a mistake is a 400 with a sentence beside its field."""
        checked = serializer(
            data=self.request.data, context=self.get_serializer_context(), **options
        )
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)
