"""How many people two segments share: declared by somebody, or estimated from lists of ids.

Of a list only a sketch is kept, made with a secret of this installation: it holds no id.
"""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from backlog.models import Event, User
from backlog.refusals import Refused
from experiments.flows.segmenting import require_for
from experiments.models import Segment, SegmentOverlap, SegmentSketch
from experiments.quarter.sketch import OverlapEstimate, overlap_of, size_of_list, sketch_of

S = SegmentOverlap.Source


def may_change(by: User, segment: Segment) -> bool:
    try:
        require_for(by, segment)
    except PermissionDenied:
        return False
    return True


def require_for_either(by: User, first: Segment, second: Segment) -> None:
    """Who may change one of the two segments may say what it shares with the other."""
    if not may_change(by, first):
        require_for(by, second)


@transaction.atomic
def declare_overlap(
    *,
    by: User,
    first: Segment,
    second: Segment,
    share: float,
    share_of_second: float | None = None,
    is_new: bool = True,
) -> SegmentOverlap:
    """Say which share (0 to 1) of the first segment is in the second too.

    The other way round follows from the sizes where `share_of_second` is None.
    Raises PermissionDenied, ValidationError, Refused.
    """
    _require_pair(by, first, second)
    if share_of_second is None:
        share_of_second = _the_other_way(first, second, share)
    shares = {first.pk: share, second.pk: share_of_second}
    if is_new and _present(first, second):
        raise Refused(
            f"“{first}” and “{second}” already have an overlap. Change that one on the page of segments."
        )
    overlap = _written(by, first, second, shares, S.DECLARED, None)
    sentence = (
        f"{by} declared that {share * 100:.3g} % of “{first}” and {share_of_second * 100:.3g} % of "
        f"“{second}” are in both segments."
    )
    Event.record(overlap, "declare", sentence, by=by)
    return overlap


def _require_pair(by: User, first: Segment, second: Segment) -> None:
    if first == second:
        raise ValidationError({"second": "Choose two different segments."})
    require_for_either(by, first, second)


def _the_other_way(first: Segment, second: Segment, share: float) -> float:
    """The same people as a share of the second segment, by the sizes of both."""
    without = next((one for one in (first, second) if not one.size), None)
    if without is not None:
        raise ValidationError(
            {
                "share_of_second": f"“{without}” has no size, so Floe can’t work this out. Enter it, "
                "or give the segment a size."
            }
        )
    people = share * (first.size or 0)
    if people > (second.size or 0):
        raise ValidationError(
            {
                "share": f"{share * 100:.3g} % of “{first}” are {people:,.0f} people, but “{second}” "
                f"has only {second.size:,}. Enter a smaller share, or correct the sizes."
            }
        )
    return people / (second.size or 1)


def _present(first: Segment, second: Segment) -> SegmentOverlap | None:
    older, newer = sorted((first, second), key=lambda one: one.pk)
    return SegmentOverlap.objects.filter(first=older, second=newer).first()


def _written(
    by: User,
    first: Segment,
    second: Segment,
    shares: Mapping[int, float],
    source: str,
    bounds: Mapping[int, tuple[float, float]] | None,
) -> SegmentOverlap:
    """The row of the pair, the older segment first; `bounds` are of the share of each."""
    older, newer = sorted((first, second), key=lambda one: one.pk)
    overlap = _present(first, second) or SegmentOverlap(first=older, second=newer)
    overlap.share_of_first, overlap.share_of_second = shares[older.pk], shares[newer.pk]
    overlap.low, overlap.high = bounds[older.pk] if bounds else (None, None)
    overlap.source, overlap.by, overlap.at = source, by, timezone.now()
    overlap.full_clean(exclude=["low", "high"])
    overlap.save()
    return overlap


@transaction.atomic
def estimate_overlap(
    *,
    by: User,
    first: Segment,
    second: Segment,
    first_ids: Sequence[str] = (),
    second_ids: Sequence[str] = (),
) -> tuple[SegmentOverlap, OverlapEstimate]:
    """Estimate from a list of each; without a list the sketch of the last one counts.

    Raises PermissionDenied, ValidationError.
    """
    _require_pair(by, first, second)
    sketches = {
        "first_list": _sketch(by, first, first_ids, "first_list"),
        "second_list": _sketch(by, second, second_ids, "second_list"),
    }
    try:
        estimate = overlap_of(*(bytes(one.content) for one in sketches.values()))
    except ValueError as stale:
        raise ValidationError(
            "An earlier list can’t be compared any more, because the secret of this installation has "
            "changed. Send both lists again."
        ) from stale
    shares, bounds = _shares_of(estimate, first, second, sketches)
    overlap = _written(by, first, second, shares, S.ESTIMATED, bounds)
    sentence = (
        f"{by} estimated from lists that {shares[first.pk] * 100:.3g} % of “{first}” and "
        f"{shares[second.pk] * 100:.3g} % of “{second}” are in both segments."
    )
    Event.record(overlap, "estimate", sentence, by=by)
    return overlap, estimate


def _sketch(by: User, segment: Segment, ids: Sequence[str], field: str) -> SegmentSketch:
    """The sketch of this list, kept in place of the last one; without ids the last one.

    Of a segment that `by` may not change, the last one stays: other pairs are estimated from it.
    """
    present = SegmentSketch.objects.filter(segment=segment).first()
    if not ids:
        if present is None:
            raise ValidationError({field: f"Send a list of “{segment}” with at least one id."})
        return present
    sketch = present or SegmentSketch(segment=segment)
    sketch.content = sketch_of(ids, sketch_key())
    sketch.ids = round(size_of_list(sketch.content))
    sketch.by, sketch.at = by, timezone.now()
    if may_change(by, segment):
        sketch.save()
    return sketch


def sketch_key() -> bytes:
    """The secret of the sketches, made from the one of the installation."""
    return salted_hmac("experiments.overlapping", "sketch", algorithm="sha256").digest()


def _shares_of(
    estimate: OverlapEstimate,
    first: Segment,
    second: Segment,
    sketches: Mapping[str, SegmentSketch],
) -> tuple[dict[int, float], dict[int, tuple[float, float]]]:
    shares = {
        first.pk: estimate.first_in_second or 0.0,
        second.pk: estimate.second_in_first or 0.0,
    }
    ids = {first.pk: sketches["first_list"].ids, second.pk: sketches["second_list"].ids}
    bounds = {
        pk: (min(1.0, estimate.low / count), min(1.0, estimate.high / count))
        for pk, count in ids.items()
    }
    return shares, bounds


@transaction.atomic
def remove_overlap(overlap: SegmentOverlap, *, by: User) -> None:
    """Remove what was said of two segments. The sketches of their lists stay."""
    require_for_either(by, overlap.first, overlap.second)
    sentence = f"{by} removed the overlap of “{overlap.first}” and “{overlap.second}”."
    Event.record(overlap, "remove", sentence, by=by)
    overlap.delete()
