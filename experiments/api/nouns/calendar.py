"""The calendar, to be read: closed days, deadlines, moves, and what experiments take."""

from backlog.api.views import Nouns
from experiments.api.serializers import calendar as s
from experiments.models import Blackout, Booking, CalendarMove, Deadline


class BlackoutViewSet(Nouns):
    """Days on which no experiment runs."""

    queryset = Blackout.objects.all()
    serializer_class = s.BlackoutSerializer


class DeadlineViewSet(Nouns):
    """Days that pods work towards."""

    queryset = Deadline.objects.all()
    serializer_class = s.DeadlineSerializer


class CalendarMoveViewSet(Nouns):
    """Every change of an experiment’s days: from where to where, by whom, and why."""

    queryset = CalendarMove.objects.all()
    serializer_class = s.CalendarMoveSerializer


class BookingViewSet(Nouns):
    """What an experiment takes from its quarter, as somebody entered it."""

    queryset = Booking.objects.prefetch_related("after")
    serializer_class = s.BookingSerializer
