"""What the experiments of the API offer before a launch."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backlog.api.views import Nouns, caller
from backlog.refusals import Refused
from experiments.api import agreements as s
from experiments.flows import agreeing, milestones
from experiments.flows.guards import lines_of


class BeforeLaunch(Nouns):
    """Actions of an experiment: readiness, answers, ticks, approvals, waivers, milestones."""

    @extend_schema(responses=s.CheckSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def readiness(self, request: Request, pk: str) -> Response:
        """What a launch by the caller asks, line by line."""
        experiment = self.fetch("experiments.view_experiment")
        return self._lines(experiment, request)

    @extend_schema(request=s.AnswersInput, responses=s.CheckSerializer(many=True), filters=False)
    @action(detail=True, methods=["post"], pagination_class=None, changes_fields=True)
    def answers(self, request: Request, pk: str) -> Response:
        """Answer some of the nine questions and of those about risk."""
        with self.changing("experiments.change_experiment", s.AnswersInput) as (experiment, values):
            agreeing.answer(experiment, by=caller(request), **values)
        return self._lines(experiment, request)

    @extend_schema(request=s.TicksInput, responses=s.CheckSerializer(many=True), filters=False)
    @action(detail=True, methods=["post"], pagination_class=None, changes_fields=True)
    def ticks(self, request: Request, pk: str) -> Response:
        """Tick these lines of the checklist, and no others: `ticks` of the experiment."""
        with self.changing(
            "experiments.change_experiment", s.TicksInput, names={"items": "ticks"}
        ) as (experiment, values):
            agreeing.tick(experiment, by=caller(request), **values)
        return self._lines(experiment, request)

    @extend_schema(methods=["get"], responses=s.ApprovalSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"], request=s.ApprovalSerializer, responses={201: s.ApprovalSerializer}
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def approvals(self, request: Request, pk: str) -> Response:
        """QA or the approval of a risk for the plan as it is; after an edit it is needed again."""
        experiment = self.fetch("experiments.view_experiment")
        if request.method == "GET":
            return Response(s.ApprovalSerializer(experiment.vouched, many=True).data)
        made = agreeing.approve(experiment, by=caller(request), **self.inputs(s.ApprovalSerializer))
        return Response(s.ApprovalSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(methods=["get"], responses=s.WaiverSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"], request=s.WaiverSerializer, responses={201: s.WaiverSerializer}
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def waivers(self, request: Request, pk: str) -> Response:
        """Depart from a standard, with a reason."""
        experiment = self.fetch("experiments.view_experiment")
        if request.method == "GET":
            return Response(s.WaiverSerializer(experiment.waivers.all(), many=True).data)
        values = self.inputs(s.WaiverSerializer)
        standard = values.pop("standard")
        agreeing.waive(experiment, by=caller(request), standards=[standard], **values)
        made = experiment.waivers.get(standard=standard)
        return Response(s.WaiverSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(methods=["get"], responses=s.MilestoneSerializer(many=True), filters=False)
    @extend_schema(methods=["post"], request=s.ReachedInput, responses=s.MilestoneSerializer)
    @action(detail=True, methods=["get", "post"], pagination_class=None, changes_fields=True)
    def milestones(self, request: Request, pk: str) -> Response:
        """The steps with role and date; or mark one as reached."""
        if request.method == "GET":
            experiment = self.fetch("experiments.view_experiment")
            return Response(s.MilestoneSerializer(experiment.milestones.all(), many=True).data)
        with self.changing(
            "experiments.change_experiment", s.ReachedInput,
            names={"milestone": "milestones", "is_done": "milestones"},
        ) as (experiment, values):  # fmt: skip
            row = experiment.milestones.filter(pk=values["milestone"]).first()
            if row is None:
                raise Refused("This experiment has no such milestone.")
            made = milestones.reach_milestone(row, by=caller(request), is_done=values["is_done"])
        return Response(s.MilestoneSerializer(made).data)

    def _lines(self, experiment: Any, request: Request) -> Response:
        lines = [line._asdict() for line in lines_of(experiment, caller(request))]
        return Response(s.CheckSerializer(lines, many=True).data)
