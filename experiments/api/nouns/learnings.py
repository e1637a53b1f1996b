"""Post-mortems and learnings."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backlog.api.serializers import IdeaSerializer
from backlog.api.views import Nouns, caller
from backlog.models import Pod, Quarter, User
from backlog.permissions import get_for
from backlog.refusals import Refused
from experiments.api import serializers as s
from experiments.flows import learnings, writing_up, writing_up_after
from experiments.flows.writing_up_processes import (
    THINGS,
    ProcessSubject,
    start_process_post_mortem,
    subject_of,
)
from experiments.models import Learning, PostMortem

WRITE = "experiments.write_postmortem"


class PostMortemViewSet(Nouns):
    """Write-ups; published ones are for everybody and can't be changed."""

    queryset = PostMortem.objects.with_subject().prefetch_related("learnings", "follow_ups")
    serializer_class = s.PostMortemSerializer

    def _answer(self, post_mortem: PostMortem) -> Response:
        fresh = self.get_queryset().get(pk=post_mortem.pk)
        return Response(self.get_serializer(fresh).data)

    @extend_schema(request=s.ProcessPostMortemInput, responses={201: s.PostMortemSerializer})
    def create(self, request: Request) -> Response:
        """Start one about a process, drafted by Floe. An experiment has a route of its own for it."""
        by, named = caller(request), self.inputs(s.ProcessPostMortemInput)
        written = start_process_post_mortem(_subject(by, **named), by=by)
        return Response(self.get_serializer(written).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=s.PostMortemInput)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change its texts, built on what you read."""
        with self.changing(WRITE, s.PostMortemInput, partial=True) as (
            written, values,
        ):  # fmt: skip
            writing_up.edit_post_mortem(written, by=caller(request), **values)
        return self._answer(written)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], takes_nothing=True)
    def read(self, request: Request, pk: str) -> Response:
        """Say that you have read the draft. Somebody other than its author has to, once."""
        post_mortem = self.fetch("experiments.read_postmortem")
        writing_up_after.mark_read(post_mortem, by=caller(request))
        return self._answer(post_mortem)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], takes_nothing=True)
    def publish(self, request: Request, pk: str) -> Response:
        """Publish it for everybody, and close its experiment if it is of one."""
        post_mortem = self.fetch(WRITE)
        return self._answer(writing_up.publish(post_mortem, by=caller(request)))

    @extend_schema(request=s.FollowUpInput, responses={201: IdeaSerializer})
    @action(detail=True, methods=["post"], url_path="follow-ups")
    def follow_ups(self, request: Request, pk: str) -> Response:
        """Add an idea that comes out of it."""
        post_mortem = self.fetch(WRITE)
        values = self.inputs(s.FollowUpInput)
        idea = writing_up.add_follow_up(post_mortem, by=caller(request), **values)
        return Response(IdeaSerializer(idea).data, status=status.HTTP_201_CREATED)


def _subject(by: User, about: str, id: int, pod: int | None = None) -> ProcessSubject:
    if about != "quarter":
        if pod:
            raise Refused("Leave out the pod. Only a post-mortem of a quarter takes one.")
        model, join = THINGS[about]
        thing: Any = get_for(by, WRITE, model, join=join, pk=id)
        return subject_of(**{about: thing})
    quarter = get_for(by, "backlog.view_quarter", Quarter, pk=id)
    return subject_of(quarter=quarter, of_pod=get_for(by, WRITE, Pod, pk=pod) if pod else None)


class LearningViewSet(Nouns):
    """The library's claims, with scope, grade and expiry."""

    queryset = Learning.objects.all()
    serializer_class = s.LearningSerializer

    @extend_schema(responses={201: s.LearningSerializer})
    def create(self, request: Request) -> Response:
        values: dict[str, Any] = self.inputs(s.LearningSerializer)
        post_mortem = get_for(
            caller(request),
            WRITE,
            PostMortem,
            pk=values.pop("post_mortem").pk,
        )
        learning = learnings.add_learning(post_mortem, by=caller(request), **values)
        return Response(self.get_serializer(learning).data, status=status.HTTP_201_CREATED)
