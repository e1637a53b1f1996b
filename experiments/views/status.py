"""Where an experiment stands, what happens next and who must do it: the head of each of its pages."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from backlog.flows.transitions import Transition
from backlog.htmx import render
from backlog.models import User
from backlog.views.asking import SignedIn
from experiments.flows.moves import missing_for_launch, open_moves
from experiments.flows.writing_up_opening import due_day
from experiments.models import Experiment, PostMortem

TABS = (
    ("plan", "Plan", "experiment_detail"),
    ("data", "Data", "experiment_data"),
    ("results", "Results", "experiment_results"),
    ("decision", "Decision", "experiment_decide"),
    ("postmortem", "Post-mortem", "postmortem_detail"),
    ("activity", "Activity", "experiment_activity"),
)
# Of an imported experiment: nothing of it was planned, counted or decided here.
TABS_OF_IMPORTED = (
    ("plan", "From the sheet", "experiment_detail"),
    ("postmortem", "Post-mortem", "postmortem_detail"),
    ("activity", "Activity", "experiment_activity"),
)
# These ask first, on a page of their own; the others are made by a click.
ASKS_FIRST = ("launch", "cancel")
# What the head reads of an experiment, fetched with it.
JOINED = ("pod", "objective__quarter", "owner", "launcher", "analyst", "author", "sealed_by", "idea",
          "decision__by", "post_mortem__author", "unveiling__by")  # fmt: skip
JOINED_OF = tuple(f"experiment__{name}" for name in JOINED)


class Step(NamedTuple):
    """One step of its life: `state` is done, now or later; `strong` is said in ink."""

    state: str
    icon: str
    strong: str
    text: str = ""
    late: bool = False


class Next(NamedTuple):
    """The one filled button: a link, or a form that posts; `tab` is where it leads."""

    label: str
    url: str
    tab: str = ""
    is_post: bool = False


def tab_page(
    request: SignedIn,
    template: str,
    experiment: Experiment,
    tab: str,
    context: Mapping[str, Any],
    *,
    partials: Collection[str] = (),
    status: int = 200,
) -> HttpResponse:
    """One of the pages of an experiment, with its head: steps, tabs, and the next step as a button."""
    user: User = request.user  # type: ignore[assignment]
    tabs = TABS_OF_IMPORTED if experiment.is_imported else TABS
    if experiment.is_imported and tab not in {name for name, _, _ in tabs}:
        return redirect(experiment)
    moves = open_moves(experiment, user)
    step = next_step(experiment, user, moves)
    head = {
        "experiment": experiment,
        "tab": tab,
        "tabs": [(n, title, reverse(f"experiments:{url}", args=[experiment.pk]))
                 for n, title, url in tabs],
        "steps": list(steps_of(experiment)),
        "next_step": step if step and step.tab != tab else None,
        "moves": [
            {"row": row, "why_not": why_not, "asks_first": row.name in ASKS_FIRST}
            for row, why_not in moves
            if not (step and step.url == _move_url(experiment, row.name))
        ],
    }  # fmt: skip
    return render(request, template, {**head, **context}, partials=partials, status=status)


def _move_url(experiment: Experiment, name: str) -> str:
    return reverse("experiments:experiment_move", args=[experiment.pk, name])


def written_of(experiment: Experiment) -> PostMortem | None:
    written: PostMortem | None = getattr(experiment, "post_mortem", None)
    return written


def next_step(
    experiment: Experiment, user: User, moves: list[tuple[Transition, str | None]]
) -> Next | None:
    """What this person is to do next, or None where it is somebody else's turn."""
    may_edit = user.has_perm("experiments.change_experiment", experiment)
    if not may_edit or experiment.is_imported:
        return None
    state, open_now = experiment.state, {row.name: why_not for row, why_not in moves}
    if state in ("draft", "planned"):
        return _plan_step(experiment, open_now)
    if state in ("running", "analysing"):
        return _evidence_step(experiment)
    return _write_up_step(experiment) if state == "decided" else None


def _plan_step(experiment: Experiment, open_now: Mapping[str, str | None]) -> Next | None:
    """Plan it, make it ready, launch it: the first of them that is open to this person."""
    name = "plan" if experiment.state == "draft" else "launch"
    if name in open_now and open_now[name] is None:
        label = "Mark as planned" if name == "plan" else "Launch"
        return Next(label, _move_url(experiment, name), is_post=name == "plan")
    if name == "launch" and name not in open_now:
        return None
    if name == "launch" and not missing_for_plan(experiment):
        url = reverse("experiments:experiment_ready", args=[experiment.pk])
        return Next("Before the launch", url, "ready")
    return Next("Finish the plan", reverse("experiments:experiment_edit", args=[experiment.pk]))


def missing_for_plan(experiment: Experiment) -> bool:
    """Something is missing that the plan's own form asks for."""
    return any(check.place == "edit" for check, _ in missing_for_launch(experiment))


def _evidence_step(experiment: Experiment) -> Next:
    latest, data = (
        experiment.latest_analysis,
        reverse("experiments:experiment_data", args=[experiment.pk]),
    )
    if latest is None:
        return Next("Bring in data", data, "data")
    if latest.outcome == "fix-data":
        return Next("Find out what is wrong with the data", _results_url(experiment), "results")
    if experiment.may_be_decided and latest.past.has_gap and experiment.deciding_analysis == latest:
        return Next("Bring in what was not measured", data, "data")
    if experiment.may_be_decided:
        return Next("Decide", reverse("experiments:experiment_decide", args=[experiment.pk]),
                    "decision")  # fmt: skip
    return Next("Bring in newer data", data, "data")


def _results_url(experiment: Experiment) -> str:
    return reverse("experiments:experiment_results", args=[experiment.pk])


def _write_up_step(experiment: Experiment) -> Next:
    if written_of(experiment):
        url = reverse("experiments:postmortem_edit", args=[experiment.pk])
        return Next("Go on with the post-mortem", url, "postmortem")
    url = reverse("experiments:postmortem_start", args=[experiment.pk])
    return Next("Write the post-mortem", url, "postmortem", is_post=True)


# --- Steps ------------------------------------------------------------------------------------


def steps_of(experiment: Experiment) -> Iterator[Step]:
    """At most five steps, one of them now; those to come name who has to do them."""
    if experiment.state == "cancelled":
        yield Step("now", "e-cancelled", "Cancelled", ", so its idea is open again")
        return
    if experiment.is_imported:
        yield from _brought_in(experiment)
        return
    yield _plan(experiment)
    yield _run(experiment)
    yield _result(experiment)
    yield _decision(experiment)
    yield _write_up(experiment)


def _brought_in(experiment: Experiment) -> Iterator[Step]:
    span = _span(experiment)
    yield Step(
        "done", "", "", f"Ran {span}, before Floe or elsewhere" if span else "Ran before Floe"
    )
    decided = timezone.localdate(experiment.decision.decided_at)
    yield Step("done", "", "", f"Decided, {decided:%-d %b %Y}")
    imported = timezone.localdate(experiment.created_at)
    yield Step("now", "check", "Imported", f", {imported:%-d %b %Y}")


def day(value: dt.date | None) -> str:
    return f"{value:%-d %b}" if value else ""


def _span(experiment: Experiment) -> str:
    first, last = experiment.starts_on, experiment.last_day
    if not first or not last:
        return ""
    same = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same else day(first)} to {day(last)}"


def _plan(experiment: Experiment) -> Step:
    if experiment.is_sealed and experiment.sealed_at:
        sealed = f"sealed {day(timezone.localdate(experiment.sealed_at))}"
        late = experiment.began_before
        tail = f", {late} day{'' if late == 1 else 's'} after it began" if late else ""
        return Step("done", "", "", f"Planned, {sealed}{tail}")
    if experiment.state == "draft":
        who = f"{experiment.owner} plans it" if experiment.owner else "no owner yet"
        return Step("now", "e-draft", "Draft", f", {who}")
    when = f" on {day(experiment.starts_on)}" if experiment.starts_on else ""
    is_late = bool(experiment.starts_on and experiment.starts_on < timezone.localdate())
    launcher = experiment.launcher or "a lead"
    return Step("now", "e-ready", "Planned", f", {launcher} launches it{when}", is_late)


def _run(experiment: Experiment) -> Step:
    span = _span(experiment)
    if not experiment.is_sealed:
        return Step("later", "", "", f"Runs {span}" if span else "Not on the calendar yet")
    if experiment.state == "running" and not experiment.is_over:
        return Step("now", "e-running", f"Running{_day_of(experiment)}")
    return Step("done", "", "", f"Ran {span}")


def _day_of(experiment: Experiment) -> str:
    if not experiment.starts_on or not experiment.ends_on:
        return ""
    number = (timezone.localdate() - experiment.starts_on).days + 1
    length = (experiment.ends_on - experiment.starts_on).days
    return f", day {number} of {length}" if number > 0 else f", starts {day(experiment.starts_on)}"


def _result(experiment: Experiment) -> Step:
    analysis = experiment.latest_analysis
    who = experiment.owner or "a member"  # not the analyst, who reads letters instead of arms
    if analysis and analysis.outcome == "fix-data":
        return Step("now", "e-due", "Fix the data", ": the arms are not as planned", True)
    is_early = analysis and (analysis.is_veiled or analysis.result.get("waiting"))
    if is_early and not experiment.ruling_analysis:
        verb = "open" if analysis.is_veiled else "are read"
        return Step("later", "", "", f"Results {verb}{_opening_of(experiment)}")
    if analysis:
        decision = getattr(experiment, "decision", None)
        if decision is None or decision.analysis_id != analysis.pk:
            analysis = experiment.deciding_analysis
        at = timezone.localtime(analysis.computed_at)
        return Step("done", "", "", f"The result is in, {at:%-d %b %H:%M}")
    if experiment.is_sealed and experiment.intakes.filter(state="counted").exists():
        return Step("now", "loader", "Reading the data")
    if not experiment.is_sealed or (experiment.state == "running" and not experiment.is_over):
        return Step("later", "", "", f"{experiment.owner or 'A member'} brings in the data")
    return Step("now", "e-due", "No data yet", f", {who} brings it in", True)


def _opening_of(experiment: Experiment) -> str:
    """When results open, after the verb."""
    if waiting := experiment.latest_analysis.result.get("waiting"):
        opens_on = max(dt.date.fromisoformat(row["opens_on"]) for row in waiting)
        return f" {day(opens_on)}, once outcomes are complete"
    return f" {day(experiment.ends_on)}" if experiment.ends_on else " at the planned end"


def _decision(experiment: Experiment) -> Step:
    decision = getattr(experiment, "decision", None)
    if decision:
        by = decision.by or "Somebody"
        sentence = f"{by} decided: {decision.get_choice_display().lower()}, "
        return Step("done", "", "", sentence + day(timezone.localdate(decision.decided_at)))
    author = experiment.author
    who = f"somebody other than {author.first_name}" if author else "somebody"
    latest = experiment.latest_analysis
    if not experiment.may_be_decided or (latest and latest.outcome == "fix-data"):
        return Step("later", "", "", f"{who[:1].upper()}{who[1:]} decides")
    late = (timezone.localdate() - experiment.ends_on).days if experiment.ends_on else 0
    tail = f", {late} day{'' if late == 1 else 's'} late" if late > 0 else ""
    return Step("now", "e-due", "Decide", f": {who}{tail}", late > 0)


def _write_up(experiment: Experiment) -> Step:
    written = written_of(experiment)
    if written and written.is_published and written.published_at:
        on = day(timezone.localdate(written.published_at))
        return Step("now", "check", "Written up", f", published {on}")
    if experiment.state not in ("decided", "closed"):
        return Step("later", "", "", "Post-mortem")
    if written and written.has_begun:
        return Step(
            "now", "lightbulb", "Post-mortem", f", {written.author or 'somebody'} writes it"
        )
    if not hasattr(experiment, "decision"):
        return Step("later", "", "", "Post-mortem")
    due = written.due_on if written else None
    due = due or due_day(timezone.localdate(experiment.decision.decided_at))
    return Step("now", "lightbulb", "Post-mortem", f", to be written by {day(due)}",
                due < timezone.localdate())  # fmt: skip
