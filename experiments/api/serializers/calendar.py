"""The calendar as JSON: closed days, deadlines, moves, and what experiments take. To be read only."""

from typing import Any

from rest_framework import serializers

from backlog.models import User
from experiments.flows.quarter.sentences import may_see
from experiments.models import Blackout, Booking, CalendarMove, Deadline


class BlackoutSerializer(serializers.ModelSerializer[Blackout]):
    """No `pod` means every pod, no `channel` every channel. `ends_on` is the first day after."""

    class Meta:
        model = Blackout
        fields = ("id", "name", "starts_on", "ends_on", "pod", "channel", "is_hard")
        read_only_fields = fields


class DeadlineSerializer(serializers.ModelSerializer[Deadline]):
    class Meta:
        model = Deadline
        fields = ("id", "name", "day", "pod")
        read_only_fields = fields


class CalendarMoveSerializer(serializers.ModelSerializer[CalendarMove]):
    class Meta:
        model = CalendarMove
        fields = (
            "id", "experiment", "by", "at", "via", "from_starts_on", "from_ends_on", "starts_on",
            "ends_on", "reason", "undoes",
        )  # fmt: skip
        read_only_fields = fields


class BookingSerializer(serializers.ModelSerializer[Booking]):
    """Null means that it is worked out from the plan. `after` are experiments that you can see."""

    after = serializers.SerializerMethodField()

    class Meta:
        model = Booking
        fields = (
            "id", "experiment", "share", "people_days", "build_days", "readout_days", "days_taken",
            "messages_per_week", "surface", "after",
        )  # fmt: skip
        read_only_fields = fields

    def get_after(self, booking: Booking) -> list[int]:
        request: Any = self.context.get("request")
        user = request.user if request else None
        return [
            one.pk
            for one in booking.after.all()
            if isinstance(user, User) and may_see(user, one.pod_id)
        ]
