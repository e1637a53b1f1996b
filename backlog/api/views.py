"""What the viewsets of both apps share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar, cast

from django.db import transaction
from django.db.models import Model, QuerySet
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from backlog.api.bounded import with_defaults
from backlog.api.pagination import PAGING
from backlog.api.repeating import once
from backlog.api.validation import (
    require_headers,
    require_known_parameters,
    require_nothing,
    require_shape,
)
from backlog.api.versions import is_as_read, require_as_read, tag_of
from backlog.flows.holding import held
from backlog.models import User
from backlog.permissions import get_for

M = TypeVar("M", bound=Model)


def caller(request: Request) -> User:
    """The signed-in person; the default permissions let nobody else in."""
    return cast(User, request.user)


class Nouns(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """A list and single objects, of what the caller may see: `queryset` narrowed by `visible_to`.

    `changes_fields=True` marks an action whose body names fields of an existing object. It goes
    through `changing`, which requires the version that was read. `changes_nothing=True` marks an
    action that only calculates, `takes_nothing=True` one without a body.
    """

    lookup_value_regex = r"\d{1,18}"
    changes_fields = False
    changes_nothing = False
    takes_nothing = False
    present: Any = None  # the object that a change names
    is_held_whole = False  # while a step runs whose If-Match is still to be compared
    filters: ClassVar[dict[str, dict[str, Any]]] = {}  # parameters of the list

    @property
    def is_change(self) -> bool:
        """Whether a write of this action must say what it builds on."""
        return self.changes_fields or self.action in ("update", "partial_update", "destroy")

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset().none()
        everything: Any = super().get_queryset()
        seen: QuerySet[Any] = everything.visible_to(caller(self.request))
        return seen

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "present": self.present}

    def parameters(self) -> dict[str, dict[str, Any]]:
        """The schemas of what the address may ask for, by name."""
        is_page = self.action == "list" and self.paginator is not None
        return {**PAGING, **self.filters} if is_page else {}

    def fetch(self, perm: str) -> Any:
        """The object of the address, for somebody who may `perm` it: 404 or 403 otherwise."""
        return get_for(caller(self.request), perm, self.get_queryset().model, pk=self.kwargs["pk"])

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Every write goes through `_write`, whatever its method and action."""
        super().initial(request, *args, **kwargs)
        require_headers(request)
        require_known_parameters(self.parameters(), request)
        name = str(request.method).lower()
        handler = getattr(self, name, None)
        if handler and request.method not in SAFE_METHODS and not self.changes_nothing:
            setattr(self, name, partial(self._write, handler))

    def _write(self, handler: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        step = partial(self._step, handler, request, *args, **kwargs)
        return once(request, step, keep=self._kept, show=self._shown)

    def _step(self, handler: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A step compares the whole object with `If-Match`, if it is sent. A change compares field
        by field.

        The body is checked first: `inputs` compares once it is valid.
        """
        if self.takes_nothing:
            require_nothing(request.data)
        if not self.detail or self.is_change or "If-Match" not in request.headers:
            return self._tagged(handler(request, *args, **kwargs))
        with transaction.atomic():
            held(self.get_object())
            self.is_held_whole = True
            if self.takes_nothing:
                self._require_whole()
            return self._tagged(handler(request, *args, **kwargs))

    def _require_whole(self) -> None:
        """Allow a step only if the object has not changed since it was read. Raises NotWhatWasRead
        (412)."""
        if self.is_held_whole:
            self.is_held_whole = False
            require_as_read(self.request, self._now(), changes=None)

    def _now(self) -> Any:
        """The object of the address as the caller sees it."""
        return self.get_serializer(self.get_queryset().get(pk=self.kwargs["pk"])).data

    def _is_noun(self, shown: Any) -> bool:
        return isinstance(getattr(shown, "serializer", None), self.serializer_class or ())

    def _kept(self, answer: Response) -> Any:
        """Of these objects only the id is stored: what they show may be hidden later, such as a
        score."""
        return {"id": answer.data["id"]} if self._is_noun(answer.data) else answer.data

    def _shown(self, kept: Any) -> Any:
        """The stored answer as it looks now, or None where the caller may no longer see it."""
        made = kept.get("id") if isinstance(kept, dict) else None
        is_noun = kept == {"id": made}
        pk = made if is_noun else self.kwargs.get("pk", made)
        seen = self.get_queryset().filter(pk=pk).first()
        if seen is None:
            return None
        return self.get_serializer(seen).data if is_noun else kept

    def _tagged(self, response: Response) -> Response:
        shown: Any = getattr(response, "data", None)
        if self._is_noun(shown):
            response["ETag"] = tag_of(shown)
        return response

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read one of them. Send its `ETag` in `If-Match` when you change it."""
        shown = self.get_serializer(self.get_object()).data
        if is_as_read(request, shown):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag_of(shown)})
        return Response(shown)

    def finalize_response(self, *args: Any, **kwargs: Any) -> Response:
        """Every answer that is one object of this noun carries its `ETag`."""
        response: Response = super().finalize_response(*args, **kwargs)
        return response if "ETag" in response else self._tagged(response)

    @contextmanager
    def changing(
        self,
        perm: str,
        serializer: type[BaseSerializer[Any]],
        *,
        names: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        """The locked object of the address, and the inputs, if they build on its present version.

        `names` maps names in the request to the object's own field names.
        """
        with transaction.atomic():
            obj = held(self.fetch(perm))
            self.present = obj
            values = self.inputs(serializer, **options)
            sent = cast(dict[str, Any], self.request.data)
            written = [name for name in values if name in sent and name != "version"]
            changes = {names.get(name, name): sent[name] for name in written}
            version = values.pop("version", None)
            require_as_read(self.request, self._now(), changes=changes, version=version)
            yield obj, values

    def inputs(self, serializer: type[BaseSerializer[Any]], **options: Any) -> dict[str, Any]:
        """The validated inputs, with the model's defaults for a new object. A mistake is a 400 with
        a sentence beside its field."""
        checked = serializer(
            data=self.request.data, context=self.get_serializer_context(), **options
        )
        require_shape(checked, self.request.data)
        checked.is_valid(raise_exception=True)
        self._require_whole()
        return dict(checked.validated_data) if options.get("partial") else with_defaults(checked)
