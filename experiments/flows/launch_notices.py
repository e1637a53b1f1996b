"""Tell people that a planned experiment waits for them: for a check, then for its launch."""

from django.urls import reverse

from backlog.flows.notifying import tell
from backlog.models import Notification, User
from experiments.flows.guards import lines_of
from experiments.models import Approval, Experiment

Kind = Notification.Kind


def ask_for_a_check(experiment: Experiment, by: User | None) -> None:
    """Everybody in the pod but the author may check a plan; the first who does is enough."""
    people = [person for person in User.objects.working_with_pod(experiment.pod)
              if person.pk != experiment.author_id]  # fmt: skip
    author = experiment.author or "its author"
    sentence = (
        f"{experiment.key} {experiment.title} is planned. Somebody other than {author} checks it "
        "before the launch."
    )
    url = reverse("experiments:experiment_ready", args=[experiment.pk]) + "#approvals"
    tell(people, Kind.LAUNCH, sentence, url=url, pod=experiment.pod, by=by)


def tell_the_launcher(experiment: Experiment, approval: Approval) -> None:
    """The named launcher hears of it once the last thing that a launch asks for is there."""
    launcher = experiment.launcher
    if launcher is None or experiment.state != Experiment.State.PLANNED:
        return
    if any(line.state == "open" for line in lines_of(experiment, launcher)):
        return
    when = f" It is to start on {experiment.starts_on:%-d %b}." if experiment.starts_on else ""
    sentence = f"{experiment.key} {experiment.title} is checked and ready to launch.{when}"
    tell([launcher], Kind.LAUNCH, sentence, url=experiment.get_absolute_url(), pod=experiment.pod,
         by=approval.by)  # fmt: skip
