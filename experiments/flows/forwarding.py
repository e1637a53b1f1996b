"""A decision to pass on: in words, and by e-mail to those who should know."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from backlog.flows.notifying import watchers_of
from backlog.flows.outbox import put_mail
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.models import Decision, Experiment

AUDIENCES = {
    "owner": "The owner and the analyst",
    "watchers": "Everybody who follows the idea",
    "programme": "The programme owners",
}


def people_of(experiment: Experiment, audience: str) -> list[User]:
    """Who belongs to one of AUDIENCES and may see the experiment."""
    if audience == "owner":
        people = [person for person in (experiment.owner, experiment.analyst) if person]
    elif audience == "watchers":
        people = watchers_of(experiment.idea)
    else:
        people = list(User.objects.filter(role=User.Role.OWNER))
    return [person for person in people
            if person.is_active and person.has_perm("experiments.view_experiment", experiment)]  # fmt: skip


def decision_text(decision: Decision) -> tuple[str, str]:
    """Subject and text of a mail that can be forwarded as it is."""
    experiment, analysis = decision.experiment, decision.analysis
    choice = decision.done.lower()
    page = f"{settings.SITE_URL}{experiment.get_absolute_url()}"
    lines = [f"{experiment.key} {experiment.title}", "",
             f"Decided by {decision.by or 'somebody'} on {decision.decided_at:%-d %B %Y}: {choice}."]  # fmt: skip
    if decision.departs:
        lines.append(f"It departs from the sealed rule; {decision.confirmed_by or 'a second person'} "
                     "confirmed it.")  # fmt: skip
    if decision.reason:
        lines.append(f"Why: {decision.reason}")
    if analysis:
        verdict = analysis.verdict
        lines += ["", "Result", f"{verdict.head} {verdict.sentence}"]
        lines += [f"- {reason}" for reason in verdict.reasons]
    if experiment.hypothesis:
        lines += ["", "Hypothesis", experiment.hypothesis]
    lines += ["", f"One page: {page}summary/", f"Results: {page}results/", ""]
    return f"{experiment.key} decided: {choice}. {experiment.title}"[:200], "\n".join(lines)


@transaction.atomic
def send_decision(experiment: Experiment, *, by: User, audiences: Iterable[str]) -> int:
    """Put the mail into the outbox, once for each person; how many get it.

    Raises PermissionDenied, Refused.
    """
    require(by, "experiments.decide_experiment", experiment)
    decision = Decision.objects.filter(experiment=experiment).first()
    if decision is None:
        raise Refused("It is not decided yet, so there is nothing to send.")
    chosen = [audience for audience in AUDIENCES if audience in set(audiences)]
    people = {person.pk: person for name in chosen for person in people_of(experiment, name)}
    if not people:
        raise Refused("None of the people you chose can see this experiment. Choose others.")
    subject, text = decision_text(decision)
    for person in people.values():
        key = f"decision {decision.pk} {person.pk}"
        put_mail(key=key, to=person, subject=subject, text=text, pods={experiment.pod_id})
    names = ", ".join(AUDIENCES[name].lower() for name in chosen)
    Event.record(experiment, "send", f"{by} sent the decision by e-mail to {names}.", by=by)
    return len(people)
