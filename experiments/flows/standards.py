"""The standards as one room: what each kind is for, who owns it, and when it was looked at."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from backlog.models import Event, Quarter, User, Workspace
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.models import Agreement, StandardKind, StandardOwner, StandardReview, Waiver
from experiments.plan.reviews import why_due

S = Waiver.Standard


@dataclass(frozen=True)
class Standard:
    """One kind: its page, what it is for, where it bites, and which launch checks it backs."""

    kind: StandardKind
    page: str
    purpose: str
    bites: str
    bites_at: str
    waivers: tuple[str, ...] = ()


STANDARDS = (
    Standard(
        StandardKind.METRICS, "experiments:metric_list",
        "What is counted, out of what, and which way is better.",
        "A plan picks its metrics here", "experiments:experiment_list",
    ),
    Standard(
        StandardKind.SEGMENTS, "experiments:segment_list",
        "Named audiences, with who must not receive.",
        "A plan takes its audience from here", "experiments:experiment_list",
    ),
    Standard(
        StandardKind.TEMPLATES, "experiments:template_list",
        "Plans to begin with: arms, metrics, rules, checklist.",
        "Offered when an idea is promoted", "backlog:idea_list",
        (S.METRICS, S.CHECKLIST, S.ONE_THING),
    ),
    Standard(
        StandardKind.RUBRIC, "backlog:rubric_list",
        "The words behind the scores, and what each score claims.",
        "Shown under every scale in a round", "backlog:round_list",
    ),
    Standard(
        StandardKind.MILESTONES, "experiments:milestone_list",
        "The steps on the way to a launch, with roles and days.",
        "Every new experiment starts with them", "experiments:experiment_list",
    ),
    Standard(
        StandardKind.NAMING, "experiments:naming",
        "How campaigns, links and files are called.",
        "Names of arms on each experiment, and the reading of files", "experiments:data_drop",
    ),
    Standard(
        StandardKind.AGREEMENTS, "experiments:agreement_list",
        "What was agreed with stakeholders and technical partners.",
        "Checked before every launch", "experiments:experiment_list",
        (S.CONTACT, S.FINAL_EDIT, S.RISK_LIMIT, S.ESCALATION),
    ),
    Standard(
        StandardKind.HOLDOUTS, "experiments:holdout_list",
        "Who is kept out of every experiment of a quarter.",
        "Held back whenever a list is split", "experiments:experiment_list",
    ),
    Standard(
        StandardKind.WAIVERS, "experiments:waiver_list",
        "Where an experiment departed from a standard, and why.",
        "A lead can waive a standard before a launch", "experiments:experiment_list",
        tuple(S.values),
    ),
)  # fmt: skip
BY_KIND = {standard.kind.value: standard for standard in STANDARDS}


@dataclass(frozen=True)
class ReviewClock:
    """What a due mark is held against: the quarter that is on, and the workspace's first day."""

    quarter: tuple[str, dt.date] | None
    since: dt.date

    def why_due(self, looked_on: dt.date | None, *people: User | None) -> str:
        gone = [str(person) for person in people if person and not person.is_active]
        return why_due(looked_on=looked_on, since=self.since, quarter=self.quarter, gone=gone)


def clock_of_today() -> ReviewClock:
    today = timezone.localdate()
    quarter = Quarter.objects.around(today).first()
    first = User.objects.order_by("joined_at").values_list("joined_at", flat=True).first()
    since = timezone.localdate(first) if first else today
    return ReviewClock((quarter.name, quarter.starts_on) if quarter else None, since)


def last_looks() -> dict[str, StandardReview]:
    """The newest look at each kind as a whole."""
    rows = StandardReview.objects.filter(agreement=None).select_related("by").order_by("at", "pk")
    return {row.kind: row for row in rows}


def owners() -> dict[str, StandardOwner]:
    return {row.kind: row for row in StandardOwner.objects.select_related("owner")}


def kinds_owned_by(user: User) -> list[str]:
    return list(StandardOwner.objects.filter(owner=user).values_list("kind", flat=True))


def may_review(user: User, owner: User | None) -> bool:
    """Programme owners may look after every standard, and its owner after this one."""
    return user.has_perm("experiments.change_standard") or (owner is not None and user == owner)


@transaction.atomic
def review_standard(
    kind: str, *, by: User, note: str = "", agreement: Agreement | None = None
) -> StandardReview:
    """Say that a kind of standards, or one agreement, was looked at and stands.

    Raises PermissionDenied, ValidationError.
    """
    row = StandardOwner.objects.filter(kind=kind).select_related("owner").first()
    owner = agreement.owner if agreement else (row.owner if row else None)
    if not may_review(by, owner):
        require(by, "experiments.change_standard")
    review = StandardReview(kind=kind, agreement=agreement, by=by, note=note.strip())
    review.full_clean()
    review.save()
    name = f"agreement “{agreement}”" if agreement else f"standard “{review.get_kind_display()}”"
    tail = f": {review.note}" if review.note else "."
    Event.record(Workspace.current(), "review", f"{by} looked at the {name}{tail}", by=by)
    return review


@transaction.atomic
def name_owner(standard: StandardOwner, *, by: User, owner: User | None) -> StandardOwner:
    """Say who looks after a kind of standards. Raises PermissionDenied, ValidationError, Refused."""
    require(by, "experiments.change_standard")
    if owner is not None and not owner.is_active:
        raise Refused(f"{owner} can’t sign in any more. Choose somebody else.")
    if standard.owner == owner:
        return standard
    standard.owner = owner
    standard.full_clean()
    standard.version += 1
    standard.save()
    what = standard.get_kind_display().lower()
    sentence = f"{by} made {owner or 'nobody'} the owner of the standard “{what}”."
    Event.record(Workspace.current(), "standard", sentence, by=by)
    return standard
