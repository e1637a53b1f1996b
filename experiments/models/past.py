"""What a spreadsheet said about an experiment that ran before Floe, or elsewhere."""

from django.db import models
from django.utils import timezone

from backlog.models import Pod
from backlog.models.visibility import SeenInPods
from experiments.models.design import Experiment


class PastRecordQuerySet(SeenInPods["PastRecord"]):
    pod_path = "experiment__pod"


class PastRecord(models.Model):
    """The row of the sheet that an imported experiment was made from, word for word.

    `cells` are pairs of a column's name and its text. `arms` have a name, units and conversions, the
    control first; `arm` is the one whose lift counts as evidence.
    """

    experiment = models.OneToOneField(Experiment, models.CASCADE, related_name="past")
    source = models.CharField(max_length=200)
    row = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    arms = models.JSONField(default=list)
    arm = models.CharField(max_length=60, blank=True)
    imported_at = models.DateTimeField(default=timezone.now)

    objects = PastRecordQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.experiment.key}, row {self.row} of “{self.source}”"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod
