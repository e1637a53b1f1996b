"""Files of results on their way: sent as text, mapped, asked about, confirmed; earlier ones again."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backlog.api.views import Nouns, caller
from backlog.refusals import Refused
from experiments.api import serializers as s
from experiments.flows import earlier_uploads
from experiments.flows import intake as flow
from experiments.flows.receiving import receive_file
from experiments.forms.mapping_filled import read_by_filling
from experiments.models import Experiment, Intake


def receive_text(
    experiment: Experiment, *, by: Any, filename: str, content: str, **given: Any
) -> Intake:
    """Keep a file that came as text, and read it as far as it is clear; else `problem` says what is
    missing."""
    taken = receive_file(experiment, SimpleUploadedFile(filename, content.encode()), by=by)
    try:
        read_by_filling(taken, by=by, **given)
    except Refused as no:
        Intake.objects.filter(pk=taken.pk).update(problem=str(no))
    return Intake.objects.get(pk=taken.pk)


class FileViewSet(Nouns):
    """Data that came in. A file is sent to its experiment."""

    queryset = Intake.objects.select_related("experiment")
    serializer_class = s.IntakeSerializer

    @extend_schema(request=s.FileMappingInput, responses=s.IntakeSerializer)
    @action(detail=True, methods=["post"])
    def answers(self, request: Request, pk: str) -> Response:
        """Say what the file means, and answer its questions; it is read again. Nothing counts yet."""
        taken = self.fetch("experiments.add_observation")
        values = self.inputs(s.FileMappingInput)
        read_by_filling(taken, by=caller(request), **values)
        return Response(self.get_serializer(Intake.objects.get(pk=taken.pk)).data)

    @extend_schema(request=s.ConfirmInput, responses={201: s.IntakeSerializer})
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Let the file count. A 409 says what is still open."""
        taken = self.fetch("experiments.add_observation")
        flow.count(taken, by=caller(request), **self.inputs(s.ConfirmInput))
        return Response(self.get_serializer(taken).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={201: s.IntakeSerializer})
    @action(detail=True, methods=["post"], takes_nothing=True)
    def again(self, request: Request, pk: str) -> Response:
        """Let data that was replaced count once more."""
        taken = self.fetch("experiments.add_observation")
        again = earlier_uploads.count_again(taken, by=caller(request))
        return Response(self.get_serializer(again).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=s.IntakeSerializer)
    @action(detail=True, methods=["post"], takes_nothing=True)
    def remove(self, request: Request, pk: str) -> Response:
        """Remove an upload with its content. The sender may, and a lead."""
        taken = self.fetch("experiments.view_experiment")
        earlier_uploads.remove(taken, by=caller(request))
        return Response(self.get_serializer(Intake.objects.get(pk=taken.pk)).data)
