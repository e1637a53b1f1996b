"""The sample's calendar: limits, closed days, overlaps, tests in every state, a signed-off plan, a proposal."""

import datetime as dt
from typing import Any

from django.utils import timezone

from backlog.flows.ideas import add_idea
from backlog.models import Event, Objective, Quarter
from experiments.flows import moves, promotion
from experiments.flows.agreements import save_agreement
from experiments.flows.quarter.booking import change_booking
from experiments.flows.quarter.scenarios import LIMITS, solve_now
from experiments.flows.roadmap import save_roadmap_item
from experiments.flows.sample import quarter_content as content
from experiments.flows.sample.cast import Cast
from experiments.flows.sample.content import GUARDRAIL
from experiments.flows.sample.process import compare_ways_of_working
from experiments.flows.sample.trials import run_trial
from experiments.flows.scheduling import change_dates
from experiments.flows.signing_off import sign_off_baseline
from experiments.flows.standards import name_owner, review_standard
from experiments.models import (
    Agreement,
    Baseline,
    Blackout,
    Booking,
    CalendarMove,
    Deadline,
    Experiment,
    PodLimits,
    PodWeek,
    RoadmapItem,
    Scenario,
    Segment,
    SegmentOverlap,
    StandardOwner,
    StandardReview,
)

WEEK = dt.timedelta(days=7)


def run_past_trials(cast: Cast, write: Any, reveal: Any) -> None:
    """Decided and running experiments, through all flows; `write` and `reveal` make their scored idea."""
    segments = {
        "PUS": Segment.objects.create(
            name="Readers with push on", pod=cast.pods["PUS"], size=52_000, units_per_week=9_000
        ),
        "ONB": Segment.objects.create(
            name="New readers", pod=cast.pods["ONB"], size=17_000, units_per_week=4_000
        ),
    }
    for trial in (*content.PAST, *content.RUNNING):
        idea = write(cast, trial.sketch, trial.quarter)
        reveal(cast, idea, trial.sketch)
        run_trial(cast, trial, idea, segment=segments.get(trial.sketch.pod))


def fill_the_calendar(cast: Cast, write: Any, reveal: Any) -> None:
    """Everything about the quarter that has not happened yet."""
    segments = _segments(cast)
    _limits(cast)
    made = [_plan(cast, plan, segments, write, reveal) for plan in content.PLANS]
    _close_days(cast)
    placed = [
        test for test, plan in zip(made, content.PLANS, strict=True) if plan.starts is not None
    ]
    _sign_off_and_slip(cast, placed)
    _agree(cast)
    _own_the_standards(cast)
    _drop_ideas(cast)
    _propose(cast)
    compare_ways_of_working(cast)


def _this_week() -> dt.date:
    today = timezone.localdate()
    return today - dt.timedelta(days=today.weekday())


def _segments(cast: Cast) -> dict[str, Segment]:
    """Besides the lapsed readers, which the sample has already: two that overlap with them."""
    lapsed = Segment.objects.get(name__startswith="Readers lapsed")
    weekend = Segment.objects.create(
        name="Weekend readers", pod=cast.pods["LIF"], size=28_000, units_per_week=6_000
    )
    SegmentOverlap.objects.create(
        first=lapsed, second=weekend, share_of_first=0.14, share_of_second=0.2,
        by=cast.people["Maya"],
    )  # fmt: skip
    named = {one.name: one for one in Segment.objects.all()}
    return {"LIF": lapsed, "PUS": named["Readers with push on"], "ONB": named["New readers"]}


def _limits(cast: Cast) -> None:
    for prefix, days in (("LIF", 6), ("PAY", 5), ("GIV", 4), ("PUS", 3), ("ONB", 4)):
        PodLimits.objects.create(pod=cast.pods[prefix], people_days=days, tests_at_once=2)
    PodWeek.objects.create(
        pod=cast.pods["GIV"], starts_on=_this_week() + WEEK, people_days=2, reason="Two are away"
    )
    for objective in Quarter.objects.filter(is_sample=True):
        Objective.objects.create(
            quarter=objective, title="Fewer complaints", metric="Complaints per thousand mails",
            target="from 1.8 to 1.2",
        )  # fmt: skip


def _plan(
    cast: Cast, plan: content.Plan, segments: dict[str, Segment], write: Any, reveal: Any
) -> Experiment:
    """Promoted with a plan; placed and marked as ready where it has weeks."""
    idea = write(cast, plan.sketch, 0)
    reveal(cast, idea, plan.sketch)
    lead, pod = cast.lead_of(plan.sketch.pod), plan.sketch.pod
    segment = segments.get(pod) if pod != "LIF" or plan.on_lapsed else None
    name, kind, direction, unit, did = plan.metric
    test = promotion.promote(
        idea, by=lead, title=plan.short, objective=idea.objective, owner=lead,
        launcher=cast.people["Ben"], analyst=cast.people["Aiko"],
        audience=idea.audience[:1].upper() + idea.audience[1:], segment=segment,
        audience_size=segment.size if segment else None, channel=plan.sketch.channel,
        units_per_week=plan.units_per_week,
        arms=[{"name": "As it is", "is_control": True, "weight": 1},
              {"name": "Changed", "description": plan.sketch.title, "weight": 1, "differs": ["content"]}],
        metrics=[{"role": "primary", "name": name, "kind": kind, "direction": direction, "unit": unit,
                  "did": did, "baseline": plan.baseline, "smallest_effect": plan.smallest},
                 {"role": "guardrail", "name": GUARDRAIL[0], "kind": "proportion",
                  "direction": "decrease", "baseline": 0.012, "margin": 0.005}],
    )  # fmt: skip
    change_booking(
        Booking.objects.get(experiment=test), by=lead, share=plan.share, people_days=plan.people_days,
        messages_per_week=plan.messages,
    )  # fmt: skip
    if plan.starts is not None:
        start = _this_week() + plan.starts * WEEK
        change_dates(
            test, by=lead, starts_on=start, ends_on=start + plan.weeks * WEEK,
            reason=plan.reason or "Agreed in the planning of the quarter.",
        )  # fmt: skip
    if plan.is_ready:
        moves.move_experiment(test, "plan", by=lead)
    return test


def _close_days(cast: Cast) -> None:
    """Two weeks for everybody, some weeks ahead, and days of one pod last week."""
    freeze, last_week = _this_week() + 8 * WEEK, _this_week() - WEEK
    Blackout.objects.create(
        name="Release freeze", starts_on=freeze, ends_on=freeze + 2 * WEEK, is_sample=True
    )
    Blackout.objects.create(
        name="Election night", starts_on=last_week, ends_on=last_week + dt.timedelta(days=3),
        pod=cast.pods["PUS"], is_sample=True,
    )  # fmt: skip
    Deadline.objects.create(
        name="Last edits before the freeze", day=freeze - dt.timedelta(days=4), is_sample=True
    )


def _sign_off_and_slip(cast: Cast, placed: list[Experiment]) -> None:
    """The plan as it was signed off two weeks ago; one test has slipped by a week since."""
    ines, quarter = cast.people["Ines"], cast.quarters[0]
    baseline = sign_off_baseline(quarter, by=ines, note="Agreed with the pod leads.")
    at = timezone.now() - dt.timedelta(days=14, hours=2)
    type(baseline).objects.filter(pk=baseline.pk).update(at=at)
    slipped = next(test for test in placed if test.title == "Topics on the second visit")
    slipped.refresh_from_db()
    if slipped.starts_on and slipped.ends_on:
        lead = cast.lead_of("ONB")
        change_dates(
            slipped, by=lead, starts_on=slipped.starts_on + WEEK, ends_on=slipped.ends_on + WEEK,
            reason="The app release is a week late.",
        )  # fmt: skip
    _place_before(baseline, slipped, at - dt.timedelta(hours=1))


def _place_before(baseline: Baseline, slipped: Experiment, at: dt.datetime) -> None:
    """All places are older than the sign-off; only the slip is newer."""
    planned = list(baseline.rows.values_list("experiment", flat=True))
    moves = CalendarMove.objects.filter(experiment__in=planned)
    events = Event.objects.filter(subject="experiment", verb="dates", subject_id__in=planned)
    slip = moves.filter(experiment=slipped).order_by("pk").last()
    sentence = events.filter(subject_id=slipped.pk).order_by("pk").last()
    moves.exclude(pk=slip.pk if slip else 0).update(at=at)
    events.exclude(pk=sentence.pk if sentence else 0).update(at=at)


def _agree(cast: Cast) -> None:
    """Contact rules, the last day for edits, whom to call; and work that experiments wait for."""
    ines = cast.people["Ines"]
    rules: dict[str, tuple[str, list[dict[str, Any]]]] = {
        "contact": ("Customer care", [
            {"channel": "e-mail", "number": 3, "text": "Newsletters included."},
            {"channel": "push", "number": 10, "text": "Breaking news included."},
        ]),
        "final-edit": ("The desk", [{"channel": "e-mail", "number": 2}]),
        "escalation": ("Operations", [
            {"name": "Night desk", "role": "Stops any send", "reach": "extension 4400"},
            {"person": ines, "role": "Decides after that", "reach": "phone, at any hour"},
        ]),
    }  # fmt: skip
    for kind, (partner, terms) in rules.items():
        agreement = Agreement(kind=kind, is_sample=True)
        save_agreement(agreement, by=ines, terms=terms, partner=partner, owner=ines)
    for prefix, kind, title, weeks in (
        ("ONB", "process", "App release with the new topic screen", (0, 3)),
        ("LIF", "data", "Reason for leaving in the reader table", (1, 5)),
    ):
        start = _this_week() + weeks[0] * WEEK
        save_roadmap_item(
            RoadmapItem(), by=cast.lead_of(prefix), kind=kind, title=title, pod=cast.pods[prefix],
            quarter=cast.quarters[0], starts_on=start, ends_on=_this_week() + weeks[1] * WEEK,
            owner=cast.lead_of(prefix),
        )  # fmt: skip


def _own_the_standards(cast: Cast) -> None:
    """All kinds but one have an owner, and some were looked at when the quarter began."""
    for kind, name in content.OWNERS.items():
        name_owner(StandardOwner(kind=kind), by=cast.people["Ines"], owner=cast.people[name])
    began = timezone.make_aware(dt.datetime.combine(cast.quarters[0].starts_on, dt.time(10)))
    at = min(began, timezone.now())
    for kind, note in content.LOOKS.items():
        review = review_standard(kind, by=cast.people[content.OWNERS[kind]], note=note)
        StandardReview.objects.filter(pk=review.pk).update(at=at)
    Event.objects.filter(verb="review").update(at=at)


def _drop_ideas(cast: Cast) -> None:
    for prefix, titles in content.DROPPED.items():
        author = cast.people[content.AUTHORS[prefix]]
        for title in titles:
            add_idea(by=author, pod=cast.pods[prefix], title=title, owner=None)


def _propose(cast: Cast) -> None:
    """A proposal for the next quarter’s lead to look at, worked out as a worker would."""
    scenario = Scenario.objects.create(
        quarter=cast.quarters[1], name="First proposal", by=cast.people["Ines"],
        limits={**LIMITS, "tests_per_objective": 1}, queued_at=timezone.now(),
    )  # fmt: skip
    solve_now(scenario.pk)
