"""The resources: pods, quarters, objectives, ideas, rounds and what is on their agenda."""

from typing import Any, ClassVar

from django.forms import Form
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from backlog.api import serializers as s
from backlog.api.own import OWN_FILTER, own_filtered, own_inputs
from backlog.api.validation import schemas_of
from backlog.api.views import Nouns, caller
from backlog.filters import IdeaFilter
from backlog.flows import ideas, moves, planning, scoring
from backlog.models import Idea, Objective, Pod, Quarter, Round, RoundIdea


class PodViewSet(Nouns):
    """The pods that you can see."""

    queryset = Pod.objects.all()
    serializer_class = s.PodSerializer


class QuarterViewSet(Nouns):
    """The planning periods. `ends_on` is the first day after the quarter."""

    queryset = Quarter.objects.all()
    serializer_class = s.QuarterSerializer

    @extend_schema(request=s.QuarterInput, responses={201: s.QuarterSerializer})
    def create(self, request: Request) -> Response:
        quarter = planning.open_quarter(by=caller(request), **self.inputs(s.QuarterInput))
        return Response(self.get_serializer(quarter).data, status=status.HTTP_201_CREATED)


class ObjectiveViewSet(Nouns):
    """The business goals of a quarter."""

    queryset = Objective.objects.all()
    serializer_class = s.ObjectiveSerializer

    @extend_schema(responses={201: s.ObjectiveSerializer})
    def create(self, request: Request) -> Response:
        values = self.inputs(s.ObjectiveSerializer)
        objective = planning.save_objective(Objective(), by=caller(request), **values)
        return Response(self.get_serializer(objective).data, status=status.HTTP_201_CREATED)


class IdeaViewSet(Nouns):
    """The backlog."""

    queryset = Idea.objects.prefetch_related("tags", "own_values__field")
    serializer_class = s.IdeaSerializer
    filters: ClassVar[dict[str, Any]] = {**schemas_of(IdeaFilter.base_filters), "own": OWN_FILTER}

    def filter_queryset(self, queryset: Any) -> Any:
        """The list takes the page’s filters, and finds everything that matches."""
        if self.action != "list":
            return queryset
        query, own = own_filtered(self.request.query_params)
        narrowed = IdeaFilter(query, queryset, request=self.request, is_whole=False, own=own)
        narrowed.most = None
        if not narrowed.form.is_valid():
            raise ValidationError(_not_there(narrowed.form))
        return narrowed.qs

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The ideas that you can see, newest first, with the page’s filters."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=s.IdeaInput, responses={201: s.IdeaSerializer})
    def create(self, request: Request) -> Response:
        """Add an idea to the backlog."""
        values = self.inputs(s.IdeaInput)
        values.pop("version", None)
        with own_inputs(values) as inputs:
            idea = ideas.add_idea(by=caller(request), **inputs)
        return Response(self.get_serializer(idea).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=s.IdeaInput)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an idea. Say which version you are changing."""
        with self.changing("backlog.change_idea", s.IdeaInput, partial=True) as (idea, values):
            values.pop("pod", None)
            with own_inputs(values) as inputs:
                ideas.edit_idea(idea, by=caller(request), **inputs)
        return Response(self.get_serializer(idea).data)

    @extend_schema(request=s.IdeaMove)
    @action(detail=True, methods=["post"])
    def moves(self, request: Request, pk: str) -> Response:
        """Snooze, reject, reopen or mark as a duplicate."""
        idea = self.fetch("backlog.move_idea")
        values = self.inputs(s.IdeaMove)
        name = values.pop("transition")
        moves.move_idea(idea, name, by=caller(request), **values)
        return Response(self.get_serializer(idea).data)


def _not_there(form: Form) -> dict[str, list[ErrorDetail]]:
    """What the description can't express: filters with ids that do not exist or may not be seen, and
    values that an own field does not take."""
    wrong: dict[str, list[ErrorDetail]] = {}
    for name, errors in form.errors.as_data().items():
        is_own = name not in IdeaFilter.base_filters
        wrong.setdefault("own" if is_own else name, []).extend(
            ErrorDetail(
                sentence,
                "does_not_exist" if is_own or one.code == "invalid_choice" else one.code,
            )
            for one in errors
            for sentence in one.messages
        )
    return wrong


class RoundViewSet(Nouns):
    """Scoring rounds. The ideas on their agenda are under `round-ideas`."""

    queryset = Round.objects.prefetch_related("ideas")
    serializer_class = s.RoundSerializer

    @extend_schema(request=s.RoundInput, responses={201: s.RoundSerializer})
    def create(self, request: Request) -> Response:
        opened = scoring.open_round(by=caller(request), **self.inputs(s.RoundInput))
        return Response(self.get_serializer(opened).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=s.MoreIdeasInput)
    @action(detail=True, methods=["post"])
    def ideas(self, request: Request, pk: str) -> Response:
        """Put more ideas at the end of the agenda of an open round."""
        round_ = self.fetch("backlog.view_round")
        scoring.require_conductor(round_, caller(request))
        inputs = self.inputs(s.MoreIdeasInput)
        held = scoring.add_to_round(round_, by=caller(request), **inputs)
        return Response(self.get_serializer(held).data)

    @extend_schema(request=s.CloseInput)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close the round. If scores are not revealed, say what becomes of them."""
        round_ = self.fetch("backlog.view_round")
        scoring.require_conductor(round_, caller(request))
        closed = scoring.close_round(round_, by=caller(request), **self.inputs(s.CloseInput))
        return Response(self.get_serializer(closed).data)

    @extend_schema(request=s.GoToInput)
    @action(detail=True, methods=["post"], url_path="go-to")
    def go_to(self, request: Request, pk: str) -> Response:
        """Show everybody this idea of a live session."""
        round_ = self.fetch("backlog.view_round")
        scoring.require_conductor(round_, caller(request))
        values = self.inputs(s.GoToInput)
        moved = scoring.go_to(round_, values["round_idea"], by=caller(request))
        return Response(self.get_serializer(moved).data)


class RoundIdeaViewSet(Nouns):
    """The agenda: an idea in a round. Scores are blind until the reveal, here as well."""

    queryset = (
        RoundIdea.objects.with_progress()
        .select_related("idea", "round__facilitator", "round__pod")
        .prefetch_related("scores")
    )
    serializer_class = s.RoundIdeaSerializer

    def _led(self) -> RoundIdea:
        """The item, for the person who runs its round. The body is checked after that."""
        item: RoundIdea = self.fetch("backlog.view_round")
        scoring.require_conductor(item.round, caller(self.request))
        return item

    def _answer(self, item: RoundIdea) -> Response:
        fresh = self.get_queryset().get(pk=item.pk)
        return Response(self.get_serializer(fresh).data)

    @extend_schema(request=s.ScoreInput)
    @action(detail=True, methods=["post"])
    def score(self, request: Request, pk: str) -> Response:
        """Give, change or skip your score."""
        item = self.fetch("backlog.score_round")
        scoring.submit_score(item, by=caller(request), **self.inputs(s.ScoreInput))
        return self._answer(item)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], takes_nothing=True)
    def reveal(self, request: Request, pk: str) -> Response:
        """Show the scores to everybody in the pod."""
        return self._answer(scoring.reveal(self.fetch("backlog.view_round"), by=caller(request)))

    @extend_schema(request=s.AskAgainInput)
    @action(detail=True, methods=["post"], url_path="ask-again")
    def ask_again(self, request: Request, pk: str) -> Response:
        """Open the one re-vote, on all three dimensions or on those you name."""
        item = self._led()
        values = self.inputs(s.AskAgainInput)
        return self._answer(scoring.ask_again(item, by=caller(request), **values))

    @extend_schema(request=s.NoteInput)
    @action(detail=True, methods=["post"], changes_fields=True)
    def note(self, request: Request, pk: str) -> Response:
        """Note why the scores moved, or why they stayed."""
        self._led()
        with self.changing("backlog.view_round", s.NoteInput) as (item, values):
            scoring.keep_note(item, by=caller(request), **values)
        return self._answer(item)


NOUNS: dict[str, type[Any]] = {
    "pods": PodViewSet,
    "quarters": QuarterViewSet,
    "objectives": ObjectiveViewSet,
    "ideas": IdeaViewSet,
    "rounds": RoundViewSet,
    "round-ideas": RoundIdeaViewSet,
}
