"""The JSON of assignments: ids in, arms out."""

from typing import Any

from rest_framework import serializers

from backlog.api.bounded import BoundedList
from experiments.flows.assigning import LONGEST_ID, MOST_AT_ONCE
from experiments.units.assignment import WHY


class UnitsInput(serializers.Serializer[Any]):
    units = BoundedList(
        child=serializers.CharField(max_length=LONGEST_ID),
        min_length=1,
        max_length=MOST_AT_ONCE,
        help_text="The ids of the units in your other tools, up to 10,000 per call.",
    )


class AssignedUnit(serializers.Serializer[Any]):
    unit = serializers.CharField()
    arm = serializers.CharField(allow_null=True)
    why = serializers.ChoiceField(choices=list(WHY.values()), allow_null=True)


class AssignedUnits(serializers.Serializer[Any]):
    units = AssignedUnit(many=True)
