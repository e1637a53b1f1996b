"""A new version of the rubric. Earlier versions stay, as rounds were scored with them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from backlog.models import Event, Rubric, RubricBand, User
from backlog.models.rubrics import DIMENSIONS
from backlog.permissions import require

Bands = Mapping[str, Sequence[Mapping[str, Any]]]


@transaction.atomic
def publish_rubric(*, by: User, bands: Bands, note: str = "") -> Rubric:
    """Write the next version, which new rounds will use.

    `bands` holds for each dimension five of `words`, `range_words`, `low` and `high`, lowest score
    first. Raises ValidationError.
    """
    require(by, "backlog.change_rubric")
    latest = Rubric.objects.select_for_update().latest()
    _check_order(bands)
    rubric = Rubric(version=latest.version + 1, note=note.strip(), made_by=by)
    rubric.full_clean()
    rubric.save()
    for dimension in DIMENSIONS:
        for number, values in enumerate(bands[dimension], start=1):
            band = RubricBand(rubric=rubric, dimension=dimension, band=number, **values)
            band.full_clean()
            band.save()
    why = f": {rubric.note}" if rubric.note else "."
    Event.record(
        rubric, "publish", f"{by} wrote version {rubric.version} of the rubric{why}", by=by
    )
    return rubric


def _check_order(bands: Bands) -> None:
    """Each band claims a range, and a higher score claims more lift, more chance, fewer days."""
    for dimension in DIMENSIONS:
        name, rows = dimension.capitalize(), list(bands[dimension])
        if any(row["low"] > row["high"] for row in rows):
            raise ValidationError(f"{name}: enter the smaller number of each range first.")
        lows = [row["low"] for row in rows]
        in_order = sorted(lows, reverse=dimension == "ease")
        if lows != in_order:
            more = "fewer days" if dimension == "ease" else "more"
            raise ValidationError(f"{name}: a higher score must claim {more} than a lower one.")
