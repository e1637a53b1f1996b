"""The metrics and segments that past experiments name: as they are, or made for the pod."""

from backlog.flows.imports.known import plain
from backlog.models import Pod, User
from experiments.flows.past.past_row import PastRow
from experiments.flows.promotion import metric_named
from experiments.flows.segmenting import save_segment
from experiments.models import Metric, Segment


class Catalogue:
    """`made`: the ids of what had to be made, so that an undo can take it out again."""

    def __init__(self, by: User) -> None:
        self.by = by
        self.made: dict[str, list[int]] = {"metrics": [], "segments": []}
        self._metrics: dict[tuple[int, str], Metric] = {}
        self._segments: dict[tuple[int, str], Segment | None] = {}
        self._newest = Metric.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def metric(self, pod: Pod, row: PastRow) -> Metric | None:
        """The metric of that name; one that the catalogue lacks becomes a metric of the pod."""
        if not row.metric:
            return None
        key = (pod.pk, plain(row.metric))
        if key not in self._metrics:
            directions = Metric.Direction
            direction = directions.INCREASE if row.is_increase_good else directions.DECREASE
            metric = metric_named(pod, {"name": row.metric, "direction": direction})
            self._metrics[key] = metric
            if metric.pk > self._newest and metric.pk not in self.made["metrics"]:
                self.made["metrics"].append(metric.pk)
        return self._metrics[key]

    def segment(self, pod: Pod, name: str) -> Segment | None:
        """The segment of that name. A new one is made for those who may; otherwise it stays words."""
        if not name:
            return None
        key = (pod.pk, plain(name))
        if key not in self._segments:
            known = (
                Segment.objects.open_to(pod).filter(name__iexact=name).order_by("pod_id").first()
            )
            if known is None and self.by.has_perm("experiments.change_segment", Segment(pod=pod)):
                known = save_segment(Segment(), by=self.by, pod=pod, name=name)
                self.made["segments"].append(known.pk)
            self._segments[key] = known
        return self._segments[key]
