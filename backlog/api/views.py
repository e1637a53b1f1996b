"""What the viewsets of both apps share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from django.db import transaction
from django.db.models import Model, QuerySet
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from backlog.api.versions import is_as_read, require_as_read, tag_of
from backlog.flows.holding import held
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

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One of them. Its `ETag` goes into `If-Match` when you change it."""
        shown = self.get_serializer(self.get_object()).data
        if is_as_read(request, shown):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag_of(shown)})
        return Response(shown)

    def finalize_response(self, *args: Any, **kwargs: Any) -> Response:
        """Every answer that is one object of this noun carries its `ETag`."""
        response: Response = super().finalize_response(*args, **kwargs)
        shown: Any = getattr(response, "data", None)
        if isinstance(getattr(shown, "serializer", None), self.serializer_class or ()):
            response["ETag"] = tag_of(shown)
        return response

    @contextmanager
    def changing(
        self,
        perm: str,
        serializer: type[BaseSerializer[Any]],
        *,
        fields: bool = True,
        **options: Any,
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        """The object of the address, held, and what was sent, if it builds on what is there now.

        `fields` says that what was sent names fields of the object; otherwise it is a step that
        `If-Match` holds whole.
        """
        with transaction.atomic():
            obj = held(self.fetch(perm))
            said = self.said(serializer, **options)
            now = self.get_serializer(self.get_queryset().get(pk=obj.pk)).data
            sent = cast(dict[str, Any], self.request.data)
            changes = {name: sent[name] for name in said if name in sent and name != "version"}
            version = said.pop("version", None)
            require_as_read(self.request, now, changes=changes if fields else None, version=version)
            yield obj, said

    def said(self, serializer: type[BaseSerializer[Any]], **options: Any) -> dict[str, Any]:
        """What was sent, checked; a mistake is a 400 with a sentence beside its field."""
        checked = serializer(
            data=self.request.data, context=self.get_serializer_context(), **options
        )
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)
