"""By the clock: read every running test again, and look after its alarms."""

from celery import shared_task
from django.db.models import Prefetch

from backlog.ways_in import coming_by
from experiments.flows.alarming import check_all
from experiments.flows.analysing import read_many
from experiments.models import Experiment, Intake


@shared_task  # type: ignore[untyped-decorator]
def read_again() -> int:
    """Read what runs; the number of new analyses. The same inputs give no second row."""
    with coming_by("task"):
        analysed = Intake.objects.filter(
            state=Intake.State.ANALYSED, experiment__state__in=("running", "analysing")
        )
        made = read_many(analysed)
        check_running()
    return made


@shared_task  # type: ignore[untyped-decorator]
def check_running() -> int:
    """The alarms of all that runs; the number of new ones."""
    running = (
        Experiment.objects.filter(state__in=("running", "analysing"))
        .select_related("owner", "analyst", "pod")
        .prefetch_related(Prefetch("intakes", Intake.objects.only("experiment", "state",
                                                                  "received_at")))
    )  # fmt: skip
    return check_all(running)
