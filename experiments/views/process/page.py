"""Health as one frozen object: of all pods, of one pod, or of the reader’s own scores."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from backlog.models import Pod, User, Workspace
from experiments.flows.health.decided import Decided, decided_experiments, with_own_scores
from experiments.flows.health.work import (
    STAGES,
    Period,
    Work,
    all_work,
    months_until,
    periods,
    stays_of,
)
from experiments.flows.quizzing import Answers, answers_of, is_of_quiz, with_quiz_answers
from experiments.learning.calibration import Calibration, calibrate, calibrate_pod
from experiments.learning.evidence import TrialOutcome
from experiments.learning.records import DecidedExperiment, Estimate, shrunk_lifts
from experiments.learning.suggestions import (
    Suggestion,
    SuggestionCode,
    ranking_gain,
    suggestions,
)
from experiments.learning.throughput import (
    Percentiles,
    Stay,
    cycle_times,
    lead_times,
    learning_rate,
    share_inconclusive,
    throughput,
    work_in_progress,
)
from experiments.models import Experiment, WarningSign
from experiments.views.process import plots, words
from experiments.views.process.parts import (
    Days,
    Decisions,
    HealthPage,
    LearningRate,
    Panel,
    PodLoad,
    SignRow,
    StageDays,
    ValueSwitch,
)

MONTHS = 6
OUTCOMES = {"won": TrialOutcome.WON, "lost": TrialOutcome.LOST, "flat": TrialOutcome.INCONCLUSIVE}
SHOWN_SIGNS = 12
NONE_LEFT = Percentiles(0)


def health_page(
    user: User, pods: list[Pod], pod: Pod | None, *, is_own: bool = False
) -> HealthPage:
    """Of `pod`, else of everything; `is_own` calibrates by the reader’s scores alone.

    Figures of all pods rest on every pod’s experiments; names, signs and loads only on `pods`, which
    are those that the reader sees.
    """
    workspace = Workspace.current()
    now, before = periods(workspace)
    keys = {pod.pk} if pod else None
    # One’s own page shows nothing of how work flows.
    work = [] if is_own else [one for one in all_work() if keys is None or one.pod in keys]
    decided = decided_experiments()
    answers = answers_of(user) if is_own else Answers([], 0.0)
    rows, calibration, gain = _calibrated(user, decided, pod, answers, is_own=is_own)
    stays = stays_of(work)
    shown = [pod] if pod else pods
    suggested = suggestions(calibration, gain)
    signs = [] if is_own else _signs(user, shown)
    return HealthPage(
        now=now,
        before=before,
        pods=pods,
        pod=pod,
        is_own=is_own,
        decisions=_decisions(work, stays, now, before),
        days=_days(stays_of(one for one in work if not one.is_imported), now, before),
        signs=[row for row in signs if not row.sign.is_muted][:SHOWN_SIGNS],
        muted=[row for row in signs if row.sign.is_muted],
        confidence=_confidence(calibration),
        impact=_impact(calibration, rows),
        ease=_ease(calibration, rows),
        n=len(rows),
        n_scored=len(rows) - sum(is_of_quiz(row) for row in rows if is_own),
        ranks=words.rank_rows(calibration),
        suggestions=[words.suggestion_words(one) for one in suggested],
        value=_value_switch(user, workspace, suggested, is_shown=pod is None and not is_own),
        loads=_loads(work, shown),
        learning=_learning(work, now, before),
        quiz=answers.result if answers.rows else None,
    )


def _calibrated(
    user: User,
    decided: list[Decided],
    pod: Pod | None,
    answers: Answers,
    *,
    is_own: bool,
) -> tuple[list[DecidedExperiment], Calibration, Estimate | None]:
    every = [one.row for one in decided]
    if is_own:
        own = with_quiz_answers(with_own_scores(decided, user), decided, answers.rows)
        return own, calibrate(own, shrunk=shrunk_lifts(every)), None
    if pod is None:
        return every, calibrate(every), ranking_gain(every)
    rows = [row for row in every if row.pod == str(pod.pk)]
    return rows, calibrate_pod(every, str(pod.pk)), None


def _value_switch(
    user: User, workspace: Workspace, suggested: Sequence[Suggestion], *, is_shown: bool
) -> ValueSwitch:
    """On the page of all pods: it can be turned on where it is suggested, and off at any time."""
    is_used = is_shown and workspace.uses_expected_value
    is_suggested = any(one.code == SuggestionCode.USE_EXPECTED_VALUE for one in suggested)
    may = is_shown and user.has_perm("experiments.use_expected_value")
    return ValueSwitch(is_used, may and (is_used or is_suggested))


def _decisions(
    work: Sequence[Work], stays: Iterable[Stay], now: Period, before: Period
) -> Decisions:
    today = timezone.localdate()
    months = months_until(today, MONTHS)
    listed = list(stays)
    counts = throughput(listed, "decided", months)
    both = [(now.starts_on, now.ends_on), (before.starts_on, before.ends_on)]
    of_now, of_before = throughput(listed, "decided", both)
    imported = sum(
        one.is_imported
        and one.decided_on is not None
        and now.starts_on <= one.decided_on < now.ends_on
        for one in work
    )
    outcomes = [
        OUTCOMES[one.outcome]
        for one in work
        if one.outcome in OUTCOMES and one.decided_on and one.decided_on >= before.starts_on
    ]
    columns = plots.columns(
        counts,
        [f"{first:%b}" for first, _ in months],
        [first >= now.starts_on for first, _ in months],
    )
    return Decisions(columns, of_now, of_before, share_inconclusive(outcomes), imported)


def _days(stays: list[Stay], now: Period, before: Period) -> Days:
    of_now = cycle_times(stays, now.starts_on, now.ends_on)
    of_before = cycle_times(stays, before.starts_on, before.ends_on)
    stages = [
        (label, of_now[stage], of_before.get(stage))
        for stage, label in STAGES.items()
        if stage in of_now
    ]
    whole = lead_times(stays, "published", now.starts_on, now.ends_on)
    was = lead_times(stays, "published", before.starts_on, before.ends_on)
    here = work_in_progress(stays, timezone.localdate())
    table = [
        StageDays(
            label, of_now.get(stage, NONE_LEFT), of_before.get(stage, NONE_LEFT),
            *here.get(stage, (0, None)),
        )
        for stage, label in STAGES.items()
        if stage != "published" and (stage in here or stage in of_now or stage in of_before)
    ]  # fmt: skip
    return Days(plots.stage_rows(stages), table, whole.median, was.median)


def _confidence(calibration: Calibration) -> Panel:
    one = calibration.confidence
    return Panel(
        words.confidence_headline(calibration),
        plots.reliability(one.groups),
        words.brier_words(calibration),
        words.missing(one.bias),
    )


def _impact(calibration: Calibration, rows: list[DecidedExperiment]) -> Panel:
    gap = words.missing(calibration.impact.ratio)
    return Panel(
        words.impact_headline(calibration),
        plots.impact([] if gap else rows),
        words.impact_words(calibration),
        gap,
    )


def _ease(calibration: Calibration, rows: list[DecidedExperiment]) -> Panel:
    gap = words.missing(calibration.days)
    return Panel(words.days_headline(calibration), plots.days([] if gap else rows), "", gap)


def _loads(work: Iterable[Work], pods: Sequence[Pod]) -> list[PodLoad]:
    limits = {pod.pk: pod.limits.tests_at_once for pod in pods if hasattr(pod, "limits")}
    running = [one for one in work if one.state in ("running", "analysing")]
    counts = {pod.pk: sum(one.pod == pod.pk for one in running) for pod in pods}
    most = max([*counts.values(), *(limits.get(pk) or 0 for pk in counts), 1])
    rows = []
    for n, pod in enumerate(pods):
        limit = limits.get(pod.pk)
        rows.append(
            PodLoad(
                pod, counts[pod.pk], limit, 9 + 27 * n, round(50 * counts[pod.pk] / most, 2),
                round(28 + 50 * limit / most, 2) if limit is not None else None,
            )
        )  # fmt: skip
    return rows


def _signs(user: User, pods: Iterable[Pod]) -> list[SignRow]:
    rows = list(WarningSign.objects.filter(pod__in=list(pods)).select_related("pod", "muted_by"))
    keys = {pk for row in rows for pk in row.evidence}
    tests = {
        one.pk: one for one in Experiment.objects.visible_to(user).filter(pk__in=keys).only("number", "title")
    }  # fmt: skip
    return [
        SignRow(
            row,
            words.sign_words(row),
            [tests[pk] for pk in row.evidence if pk in tests],
            user.has_perm("experiments.mute_sign", row),
        )
        for row in rows
    ]


def _learning(work: Sequence[Work], now: Period, before: Period) -> LearningRate:
    def of(period: Period) -> list[Work]:
        return [
            one for one in work
            if one.decided_on and period.starts_on <= one.decided_on < period.ends_on
        ]  # fmt: skip

    rate, share = learning_rate([one.learnings for one in of(now)])
    was, _ = learning_rate([one.learnings for one in of(before)])
    lost = [
        one
        for one in work
        if one.outcome == "lost" and one.decided_on and one.decided_on >= before.starts_on
    ]
    expiring = sum(one.expiring for one in work)
    return LearningRate(
        rate, was, share, len(lost), sum(bool(one.learnings) for one in lost), expiring
    )
