"""The warning signs of every pod: detected by the clock, muted by people with a reason."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from celery import shared_task
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlog.models import Event, Membership, Pod, Round, Score, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.health.work import Period, periods
from experiments.flows.quarter.bars import primary_of
from experiments.flows.sealing import sizing_by
from experiments.models import (
    CalendarMove,
    Experiment,
    Milestone,
    PodLimits,
    Waiver,
    WarningSign,
)

FEWEST_PEOPLE = 4  # under so many a sign about people would be about persons
LATE_STEPS = 3
DAYS_LATE = 3
STUCK_DAYS = 14
SAME_STEP_PLACES = 3
MOST_PUSHED = 0.3
MOST_WAIVED = 0.5
FEWEST_WAIVERS = 3
ROUNDS_LOOKED_AT = 2
MUTED_DAYS = 28
MOST_EVIDENCE = 20


@dataclass(frozen=True)
class Finding:
    """What a sign counts, and the experiments that show it."""

    count: int
    out_of: int = 0
    name: str = ""
    evidence: list[int] = field(default_factory=list)


Findings = Mapping[int, Finding]


@shared_task  # type: ignore[untyped-decorator]
def look_for_signs() -> int:
    """Look once at every pod; how many signs there are now. Looking twice changes nothing."""
    now, _ = periods()
    seen = {
        (pod, code): finding
        for code, detect in DETECTORS.items()
        for pod, finding in detect(now).items()
    }
    with transaction.atomic():
        for sign in WarningSign.objects.select_for_update():
            finding = seen.pop((sign.pod_id, sign.code), None)
            if finding is None:
                sign.delete()
            else:
                WarningSign.objects.filter(pk=sign.pk).update(**_values(finding))
        WarningSign.objects.bulk_create(
            WarningSign(pod_id=pod, code=code, **_values(finding))
            for (pod, code), finding in seen.items()
        )
    return WarningSign.objects.count()


def _values(finding: Finding) -> dict[str, object]:
    return {
        "count": finding.count,
        "out_of": finding.out_of,
        "name": finding.name[:200],
        "evidence": sorted(finding.evidence)[:MOST_EVIDENCE],
    }


@transaction.atomic
def mute_sign(sign: WarningSign, *, by: User, reason: str) -> WarningSign:
    """Leave it out for four weeks. Raises PermissionDenied, Refused without a reason."""
    require(by, "experiments.mute_sign", sign)
    reason = reason.strip()
    if not reason:
        raise Refused("Say why it may be left out for four weeks.")
    sign.muted_until = timezone.localdate() + dt.timedelta(days=MUTED_DAYS)
    sign.muted_by, sign.mute_reason = by, reason
    sign.full_clean()
    sign.save(update_fields=["muted_until", "muted_by", "mute_reason"])
    sentence = f"{by} muted “{sign.get_code_display()}” until {sign.muted_until:%-d %b}: {reason}"
    Event.record(sign.pod, "mute_sign", sentence, by=by)
    return sign


def _late(now: Period) -> Findings:
    """Milestones that are more than a few days late, in experiments that are not over."""
    late: dict[int, list[Milestone]] = defaultdict(list)
    for step in _late_steps():
        late[step.experiment.pod_id].append(step)
    return {
        pod: Finding(len(steps), evidence=list({step.experiment_id for step in steps}))
        for pod, steps in late.items()
        if len(steps) >= LATE_STEPS
    }


def _same_step(now: Period) -> Findings:
    """A milestone of one name that is late in several experiments, counted in each of their pods."""
    places: dict[str, list[Milestone]] = defaultdict(list)
    for step in _late_steps():
        places[str(step).strip().casefold()].append(step)
    findings: dict[int, Finding] = {}
    for steps in sorted(places.values(), key=len):
        tests = {step.experiment_id: step for step in steps}
        if len(tests) < SAME_STEP_PLACES:
            continue
        for pod in {step.experiment.pod_id for step in steps}:
            here = [pk for pk, step in tests.items() if step.experiment.pod_id == pod]
            findings[pod] = Finding(len(tests), name=str(steps[0]), evidence=here)
    return findings


def _late_steps() -> list[Milestone]:
    limit = timezone.localdate() - dt.timedelta(days=DAYS_LATE)
    steps = Milestone.objects.filter(
        done_at=None, experiment__state__in=("draft", "planned", "running", "analysing")
    ).select_related("experiment")
    return [step for step in steps if step.due_on and step.due_on < limit]


def _pushed(now: Period) -> Findings:
    """Experiments of the quarter whose start moved to a later day, by all their moves together."""
    moved: dict[int, dict[int, int]] = defaultdict(dict)
    moves = CalendarMove.objects.filter(
        at__date__gte=now.starts_on, from_starts_on__isnull=False, undoes=None, undone_by=None
    ).exclude(from_starts_on=F("starts_on"))
    for pod, test, was, new in moves.values_list(
        "experiment__pod", "experiment", "from_starts_on", "starts_on"
    ):
        days = (new - was).days if new and was else 7  # off the calendar
        moved[pod][test] = moved[pod].get(test, 0) + days
    planned = Counter(
        Experiment.objects.run_here()
        .exclude(state="cancelled")
        .filter(starts_on__lt=now.ends_on, ends_on__gt=now.starts_on)
        .values_list("pod", flat=True)
    )
    findings = {}
    for pod, tests in moved.items():
        later = [test for test, days in tests.items() if days > 0]
        whole = max(planned[pod], len(later))
        if len(later) >= 2 and len(later) > MOST_PUSHED * whole:
            findings[pod] = Finding(len(later), whole, evidence=later)
    return findings


def _too_many(now: Period) -> Findings:
    """More experiments that run, or wait for their decision, than the pod's limit."""
    running: dict[int, list[int]] = defaultdict(list)
    rows = Experiment.objects.filter(state__in=("running", "analysing"))
    for pod, pk in rows.values_list("pod", "pk"):
        running[pod].append(pk)
    return {
        limits.pod_id: Finding(len(here), limits.tests_at_once, evidence=here)
        for limits in PodLimits.objects.all()
        if (here := running.get(limits.pod_id, []))
        and limits.tests_at_once is not None
        and len(here) > limits.tests_at_once
    }


def _no_step(now: Period) -> Findings:
    """Experiments whose first day, end or decision is long past without the step that follows."""
    day = timezone.localdate() - dt.timedelta(days=STUCK_DAYS)
    stuck: dict[int, list[int]] = defaultdict(list)
    rows = Experiment.objects.run_here().exclude(state__in=("cancelled", "closed"))
    for pk, pod, state, first, after, decided_at in rows.values_list(
        "pk", "pod", "state", "starts_on", "ends_on", "decision__decided_at"
    ):
        waits_since = {
            "draft": first,
            "planned": first,
            "running": after,
            "analysing": after,
            "decided": decided_at.date() if decided_at else None,
        }[state]
        if waits_since and waits_since < day:
            stuck[pod].append(pk)
    return {pod: Finding(len(here), evidence=here) for pod, here in stuck.items() if len(here) >= 2}


def _waivers(now: Period) -> Findings:
    """Experiments launched in the quarter that departed from a standard."""
    launched: dict[int, set[int]] = defaultdict(set)
    rows = Experiment.objects.filter(sealed_at__date__gte=now.starts_on)
    for pod, pk in rows.values_list("pod", "pk"):
        launched[pod].add(pk)
    waived: dict[int, list[int]] = defaultdict(list)
    for pod, pk in Waiver.objects.filter(experiment__in=rows).values_list(
        "experiment__pod", "experiment"
    ):
        waived[pod].append(pk)
    return {
        pod: Finding(len(set(here)), len(launched[pod]), evidence=list(set(here)))
        for pod, here in waived.items()
        if len(here) >= FEWEST_WAIVERS and len(set(here)) > MOST_WAIVED * len(launched[pod])
    }


def _silent(now: Period) -> Findings:
    """Half of a pod's members gave no score in its last rounds; never of fewer than four people."""
    members: dict[int, set[int]] = defaultdict(set)
    seats = Membership.objects.filter(role__in=("member", "lead"), user__is_active=True)
    for pod, person in seats.values_list("pod", "user"):
        members[pod].add(person)
    findings = {}
    large = [pod for pod, people in members.items() if len(people) >= FEWEST_PEOPLE]
    for group in Pod.objects.filter(pk__in=large):
        rounds = list(Round.objects.filter(pod=group).order_by("-pk")[:ROUNDS_LOOKED_AT])
        if len(rounds) < ROUNDS_LOOKED_AT:
            continue
        scored = set(
            Score.objects.filter(round_idea__round__in=rounds).values_list("scorer", flat=True)
        )
        silent = members[group.pk] - scored
        if len(silent) * 2 >= len(members[group.pk]):
            findings[group.pk] = Finding(len(silent), len(members[group.pk]))
    return findings


def _out_of_reach(now: Period) -> Findings:
    """Open experiments whose plan asks for more units than there are people in their audience."""
    far: dict[int, list[int]] = defaultdict(list)
    rows = Experiment.objects.filter(state__in=("draft", "planned")).select_related("segment")
    for test in rows.prefetch_related("variants", "metrics__metric"):
        sizing = sizing_by(test, primary_of(test))
        size = (test.segment.size if test.segment else None) or test.audience_size
        if sizing and size and sizing.units > size:
            far[test.pod_id].append(test.pk)
    return {pod: Finding(len(here), evidence=here) for pod, here in far.items()}


Code = WarningSign.Code
DETECTORS: Mapping[str, Callable[[Period], Findings]] = {
    Code.LATE: _late,
    Code.PUSHED: _pushed,
    Code.TOO_MANY: _too_many,
    Code.NO_STEP: _no_step,
    Code.SAME_STEP: _same_step,
    Code.WAIVERS: _waivers,
    Code.SILENT: _silent,
    Code.OUT_OF_REACH: _out_of_reach,
}
