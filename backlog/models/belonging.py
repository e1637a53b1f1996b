"""Objects of a pod refer only to objects of the same pod or of every pod, and to the pod's people.

The rule is in the model, so forms, cells, bulk steps, imports and the API all follow it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from backlog.models.people import Pod, User


def _has(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)


class OfAPod(models.Model):
    """Something that belongs to one pod, or to every pod if it has none.

    `PARTS` are the fields for people with a role in it, chosen by somebody.
    """

    PARTS: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:
        pod: Pod | None
        pod_id: int | None

    class Meta:
        abstract = True

    @classmethod
    def things(cls) -> list[models.ForeignKey[Any, Any]]:
        """The fields that refer to other objects of a pod."""
        return [
            field
            for field in cls._meta.concrete_fields
            if isinstance(field, models.ForeignKey)
            and field.editable
            and _has(field.related_model, "pod")
        ]

    def clean(self) -> None:
        """Raise ValidationError for newly chosen objects that do not belong to the pod.

        Earlier choices stay: somebody may have left the pod since.
        """
        super().clean()
        if self.pod_id is None and not self._meta.get_field("pod").null:
            return  # a form whose pod is yet to be chosen
        stored = self._stored()
        has_moved = stored.get("pod_id", self.pod_id) != self.pod_id
        wrong: dict[str, str] = {}
        for name in (*(field.name for field in self.things()), *self.PARTS):
            column = f"{name}_id"
            if has_moved or getattr(self, column) != stored.get(column):
                wrong |= self._wrong_with(name)
        if has_moved and self.pod_id is not None:
            wrong |= self._wrong_with_moving()
        if wrong:
            raise ValidationError(wrong)

    def _stored(self) -> dict[str, Any]:
        if self.pk is None:
            return {}
        columns = [field.attname for field in self.things()]
        columns += [f"{name}_id" for name in self.PARTS]
        rows = type(self)._base_manager.filter(pk=self.pk)
        return rows.values("pod_id", *columns).first() or {}

    def _wrong_with(self, name: str) -> dict[str, str]:
        """The field with its sentence, if its choice belongs to another pod."""
        chosen = getattr(self, name)
        if chosen is None:
            return {}
        if isinstance(chosen, User):
            here = User.objects.working_with_pod(self.pod)
            if here.filter(pk=chosen.pk).exists():
                return {}
            why = f"is not in {self.pod}" if self.pod else "is no longer active"
            return {name: f"{chosen} {why}. Choose somebody else."}
        if chosen.pod_id in (None, self.pod_id):
            return {}
        return {name: f"“{chosen}” belongs to another pod. Choose another."}

    def _wrong_with_moving(self) -> dict[str, str]:
        """Objects that other pods use must stay shared."""
        if any(rows.exists() for rows in self._uses_elsewhere()):
            return {"pod": f"Other pods use “{self}”, so it can’t belong to {self.pod} only."}
        return {}

    def _uses_elsewhere(self) -> Iterator[models.QuerySet[Any]]:
        for rows in self.rows_pointing_here():
            path = "pod" if _has(rows.model, "pod") else "experiment__pod"
            if path == "pod" or _has(rows.model, "experiment"):
                yield rows.exclude(**{path: self.pod}).exclude(**{path: None})

    def rows_pointing_here(
        self, kind: type[models.Model] = models.Model
    ) -> Iterator[models.QuerySet[Any]]:
        """The rows of other models, of this kind, that point at it."""
        for relation in self._meta.related_objects:
            user = relation.related_model
            is_model = isinstance(user, type) and issubclass(user, kind)
            if is_model and user is not type(self):
                yield user._base_manager.filter(**{relation.field.name: self})
