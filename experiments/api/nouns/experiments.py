"""Experiments: what the pages do with one, as actions."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backlog.api.views import caller
from experiments.api import serializers as s
from experiments.api.before_launch import BeforeLaunch
from experiments.api.nouns.intakes import receive_text
from experiments.api.units import AssignedUnits, UnitsInput
from experiments.flows import (
    amending,
    assigning,
    deciding,
    moves,
    promotion,
    scheduling,
    segmenting,
    templating,
    totals,
    veil,
    writing_up,
)
from experiments.flows.veil import note_look, row_for, see
from experiments.models import Experiment, Observation, Proposal


class ExperimentViewSet(BeforeLaunch):
    """Experiments. To promote an idea is to create one."""

    queryset = Experiment.objects.select_related("decision").prefetch_related(
        "variants", "ticks", "milestones"
    )
    serializer_class = s.ExperimentSerializer

    def _answer(self, experiment: Experiment, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=experiment.pk)
        return Response(self.get_serializer(fresh).data, status=code)

    @extend_schema(request=s.PlanInput, responses={201: s.ExperimentSerializer})
    def create(self, request: Request) -> Response:
        """Promote an idea."""
        values = self.inputs(s.PlanInput)
        values.pop("version", None)
        experiment = promotion.promote(values.pop("idea"), by=caller(request), **values)
        return self._answer(experiment, status.HTTP_201_CREATED)

    @extend_schema(request=s.PlanInput)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the plan until it is sealed."""
        with self.changing("experiments.change_experiment", s.PlanInput, partial=True) as (
            experiment, values,
        ):  # fmt: skip
            values.pop("idea", None)
            promotion.change_plan(experiment, by=caller(request), **values)
        return self._answer(experiment)

    @extend_schema(request=s.ExperimentMove)
    @action(detail=True, methods=["post"])
    def moves(self, request: Request, pk: str) -> Response:
        """Plan, launch, conclude, cancel and so on, by the transition table."""
        experiment = self.fetch("experiments.view_experiment")
        values = self.inputs(s.ExperimentMove)
        name = values.pop("transition")
        return self._answer(moves.move_experiment(experiment, name, by=caller(request), **values))

    @extend_schema(request=s.DatesInput)
    @action(detail=True, methods=["post"], changes_fields=True)
    def dates(self, request: Request, pk: str) -> Response:
        """Place it on the calendar; after the launch with a reason."""
        with self.changing("experiments.change_experiment", s.DatesInput) as (experiment, values):
            scheduling.change_dates(experiment, by=caller(request), **values)
        return self._answer(experiment)

    @extend_schema(request=s.CloneInput, responses={201: s.ExperimentSerializer})
    @action(detail=True, methods=["post"])
    def clone(self, request: Request, pk: str) -> Response:
        """The same plan once more, as a draft without dates."""
        experiment = self.fetch("experiments.clone_experiment")
        made = templating.clone(experiment, by=caller(request), **self.inputs(s.CloneInput))
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=s.DryRunInput, responses=s.DryRunSerializer)
    @action(detail=True, methods=["post"], url_path="dry-run")
    def dry_run(self, request: Request, pk: str) -> Response:
        """Count who of a list must not receive it, by rule; only the counts are kept."""
        experiment = self.fetch("experiments.change_experiment")
        values = self.inputs(s.DryRunInput)
        ids = [each.strip().casefold() for each in values["ids"]]
        lists = {rule: [each.strip().casefold() for each in listed]
                 for rule, listed in values["lists"].items()}  # fmt: skip
        counts = segmenting.try_ids(experiment, by=caller(request), ids=ids, forbidden=lists)
        return Response(s.DryRunSerializer(counts).data)

    @extend_schema(methods=["get"], responses=s.AmendmentSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"], request=s.AmendmentInput, responses={201: s.AmendmentSerializer}
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None, changes_fields=True)
    def amendments(self, request: Request, pk: str) -> Response:
        """What was changed after the launch; or one more change, with its reason."""
        if request.method == "POST":
            with self.changing("experiments.change_experiment", s.AmendmentInput) as (held, values):
                made = amending.amend(held, by=caller(request), **values)
            return Response(s.AmendmentSerializer(made).data, status=status.HTTP_201_CREATED)
        experiment = self.fetch("experiments.view_experiment")
        return Response(s.AmendmentSerializer(experiment.amendments.all(), many=True).data)

    @extend_schema(methods=["get"], responses=s.ObservationSerializer(many=True), filters=False)
    @extend_schema(
        methods=["post"], request=s.ObservationsInput, responses={201: s.IntakeSerializer}
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def observations(self, request: Request, pk: str) -> Response:
        """The data that counts; or new totals, which replace it and are analysed at once.

        Rows by day replace the days they name and leave the others."""
        if request.method == "POST":
            experiment = self.fetch("experiments.add_observation")
            values = self.inputs(s.ObservationsInput)
            taken = totals.receive_totals(experiment, by=caller(request), **values)
            shown_intake = s.IntakeSerializer(taken, context=self.get_serializer_context())
            return Response(shown_intake.data, status=status.HTTP_201_CREATED)
        experiment = self.fetch("experiments.view_experiment")
        counting = Observation.objects.filter(
            intake__experiment=experiment, intake__state__in=("counted", "analysed")
        ).select_related("variant", "metric__metric")
        rows = s.ObservationSerializer(counting.order_by("pk"), many=True).data
        if experiment.latest_analysis:
            note_look(see(experiment.latest_analysis, caller(request)), caller(request))
        shown = [row_for(row, experiment, caller(request)) for row in rows]
        return Response(sorted(shown, key=lambda row: (row["metric"], row["variant"])))

    @extend_schema(request=s.FileInput, responses={201: s.IntakeSerializer})
    @action(detail=True, methods=["post"])
    def files(self, request: Request, pk: str) -> Response:
        """Send a file with results as text. It says what is open; nothing counts before `confirm`."""
        experiment = self.fetch("experiments.add_observation")
        taken = receive_text(experiment, by=caller(request), **self.inputs(s.FileInput))
        shown = s.IntakeSerializer(taken, context=self.get_serializer_context()).data
        return Response(shown, status=status.HTTP_201_CREATED)

    @extend_schema(request=UnitsInput, responses=AssignedUnits)
    @action(detail=True, methods=["post"], changes_nothing=True)
    def assignments(self, request: Request, pk: str) -> Response:
        """The arm of each unit, up to 10,000 a call, by the sealed plan; nothing is kept."""
        experiment = self.fetch("experiments.assign_units")
        units = self.inputs(UnitsInput)["units"]
        return Response({"units": assigning.assign(experiment, units, by=caller(request))})

    @extend_schema(
        request=s.DecisionInput,
        responses={200: s.ExperimentSerializer, 202: s.ExperimentSerializer},
    )
    @action(detail=True, methods=["post"])
    def decision(self, request: Request, pk: str) -> Response:
        """Record the decision; the author needs a waiver. A departure (202) waits for a second person."""
        experiment = self.fetch("experiments.decide_experiment")
        made = deciding.decide(experiment, by=caller(request), **self.inputs(s.DecisionInput))
        code = status.HTTP_202_ACCEPTED if isinstance(made, Proposal) else status.HTTP_200_OK
        return self._answer(experiment, code)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], takes_nothing=True, url_path="decision/confirm")
    def confirm_decision(self, request: Request, pk: str) -> Response:
        """Confirm a proposed departure from the sealed rule, as a second person."""
        experiment = self.fetch("experiments.decide_experiment")
        deciding.confirm(experiment, by=caller(request))
        return self._answer(experiment)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], takes_nothing=True, url_path="decision/withdraw")
    def withdraw_decision(self, request: Request, pk: str) -> Response:
        """Take a proposed departure back."""
        experiment = self.fetch("experiments.decide_experiment")
        deciding.withdraw(experiment, by=caller(request))
        return self._answer(experiment)

    @extend_schema(request=s.UnveilInput)
    @action(detail=True, methods=["post"])
    def unveil(self, request: Request, pk: str) -> Response:
        """Open the results before their planned end, with a reason."""
        experiment = self.fetch("experiments.unveil_experiment")
        veil.unveil(experiment, by=caller(request), **self.inputs(s.UnveilInput))
        return self._answer(experiment)

    @extend_schema(request=None, responses={201: s.PostMortemSerializer})
    @action(detail=True, methods=["post"], takes_nothing=True, url_path="post-mortem")
    def post_mortem(self, request: Request, pk: str) -> Response:
        """Start the write-up, drafted by Floe."""
        experiment = self.fetch("experiments.write_postmortem")
        written = writing_up.start_post_mortem(experiment, by=caller(request))
        return Response(s.PostMortemSerializer(written).data, status=status.HTTP_201_CREATED)
