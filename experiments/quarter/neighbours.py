"""The bars that one bar may get in the way of. Pure."""

from collections.abc import Iterable

from experiments.quarter.bars import Bar, Overlaps


class Neighbours:
    """All bars but one, sorted once for however many places are tried."""

    def __init__(self, bar: Bar, others: Iterable[Bar]) -> None:
        self.by_key = {other.key: other for other in others if other.key != bar.key}
        self.in_pod = [other for other in self.by_key.values() if other.pod == bar.pod]
        self._in_segment: dict[int, list[Bar]] = {}
        for other in self.by_key.values():
            if other.segment is not None:
                self._in_segment.setdefault(other.segment, []).append(other)

    def beside(self, bar: Bar, overlaps: Overlaps) -> list[Bar]:
        """Those of the bar's segment, and of segments that count as overlapping with it."""
        if bar.segment is None:
            return []
        near = (bar.segment, *overlaps.neighbours(bar.segment))
        return [other for one in near for other in self._in_segment.get(one, ())]

    def booking_with(self, bar: Bar, overlaps: Overlaps) -> list[Bar]:
        """Those that book people of some segment in which the bar has people."""
        if bar.segment is None:
            return []
        reached = [one for one, _ in overlaps.of(bar.segment)]
        reaching = {one: None for key in reached for one, _ in overlaps.of(key)}
        return [other for one in reaching for other in self._in_segment.get(one, ())]
