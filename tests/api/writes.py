"""Every write of the API, found by its description, and what makes each ready to be sent."""

import datetime as dt
from hashlib import sha256

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from backlog.flows import scoring
from backlog.models import Idea
from experiments.flows import deciding
from experiments.flows.guards import checklist_of
from experiments.flows.receiving import receive_file
from experiments.flows.totals import receive_totals
from experiments.forms.mapping_filled import read_by_filling
from experiments.models import DraftReading, Experiment, Metric, PostMortem, Waiver
from tests.contract import WRITES, operations, read_description
from tests.factories import launched, make_experiment, make_idea, make_round, totals
from tests.test_permissions import world  # noqa: F401  (the fixture)

V1 = "/api/v1"
# Rows that tell of requests and not of what was asked for.
OF_REQUESTS = {"KeptAnswer", "ApiToken", "Look", "Heartbeat"}
DESCRIBED = read_description()
EVERY = {
    f"{method.upper()} {path}": operation
    for path, method, operation in operations(DESCRIBED)
    if method in WRITES and not path.endswith("/assignments/")  # it writes nothing
}
WHOLE = "user,group,Reactivated\nr1,A,1\nr2,B,0\nr3,A,0\nr4,B,1\nr5,C,1\n"
NEXT_YEAR = timezone.localdate() + dt.timedelta(days=365)


class Ready:
    """The world, made ready for one write: who sends it, to which id, what, and what instead."""

    def __init__(self, world, people):  # noqa: F811
        self.world, self.people = world, people
        self.draft, self.running, self.decided = (
            Experiment.objects.get(idea__title=title) for title in ("Drafted", "Running", "Decided")
        )
        self.idea = Idea.objects.get(title="Scored")
        self.blind, self.shown = world["round_score"]["item"], world["round_note"]["item"]

    def by(self, name):
        return self.people[name]

    def open_idea(self):
        return make_idea(self.by("alice"), self.draft.pod, "One more")

    def open_round(self):
        return make_round(self.by("alice"), self.draft.pod, self.open_idea(), title="Open").pk

    def live_round(self):
        first, second = self.open_idea(), make_idea(self.by("alice"), self.draft.pod, "And one")
        return make_round(
            self.by("alice"), self.draft.pod, first, second, title="Live", kind="live"
        )

    def proposed(self):
        deciding.decide(self.running, by=self.by("bob"), choice="roll-back", reason="It annoys.")
        return self.running.pk

    def veiled(self):
        alice, bob = self.by("alice"), self.by("bob")
        made = make_experiment(
            alice, self.draft.pod, objective=self.draft.objective, analyst=bob, idea_title="Veiled"
        )
        return launched(made, alice).pk

    def ended(self):
        deciding.decide(self.running, by=self.by("bob"), choice="ship")
        return self.running.pk

    def written(self):
        texts = ("summary", "surprises", "went_well", "went_badly", "next_steps")
        PostMortem.objects.update(**dict.fromkeys(texts, "Said."))
        written = PostMortem.objects.exclude(experiment=None).get()
        DraftReading.objects.create(post_mortem=written, user=self.by("olive"))
        return written.pk

    def revealed_round(self):
        item = self.world["round"]["pk"]
        scoring.reveal(scoring_item(self.blind), by=self.by("alice"))
        return item

    def defined(self):
        Metric.objects.update(definition="Who came back")
        return self.world["metric"]["pk"]

    def understood(self):
        """A file that waits to be confirmed."""
        bob = self.by("bob")
        upload = SimpleUploadedFile("r.csv", WHOLE.encode())
        taken = receive_file(self.running, upload, by=bob)
        labels = {"A": "As it is", "B": "Series named", "C": "-"}
        read_by_filling(taken, by=bob, columns={}, labels=labels, answers={})
        return taken.pk

    def replaced(self):
        first = receive_totals(self.running, by=self.by("bob"), observations=totals(n=9_000))
        receive_totals(self.running, by=self.by("bob"), observations=totals(n=9_500))
        return first.pk

    def waivable(self):
        return next(one for one in Waiver.Standard.values
                    if one not in set(self.draft.waivers.values_list("standard", flat=True)))  # fmt: skip


def scoring_item(pk):
    return apps.get_model("backlog", "RoundIdea").objects.select_related("idea", "round").get(pk=pk)


def an(noun):
    return lambda ready: ready.world[noun]["pk"]


def drafted(ready):
    return ready.draft.pk


def running(ready):
    return ready.running.pk


def nothing(_):
    return None


# label → who, the id in its address, a body, another body (None where it reads none)
READY = {
    "POST /api/v1/alarms/{id}/mute/": (
        "alice", lambda r: r.world["alarm"]["alarm"],
        lambda r: {"reason": "Known", "days": 3}, lambda r: {"reason": "Known", "days": 4}),
    "POST /api/v1/experiments/": (
        "alice", nothing, lambda r: {"idea": r.idea.pk}, lambda r: {"idea": r.idea.pk, "title": "B"}),
    "PATCH /api/v1/experiments/{id}/": (
        "alice", drafted, lambda r: {"title": "A"}, lambda r: {"title": "B"}),
    "POST /api/v1/experiments/{id}/amendments/": (
        "alice", running, lambda r: {"reason": "More", "units_per_week": 12_000},
        lambda r: {"reason": "More", "units_per_week": 13_000}),
    "POST /api/v1/experiments/{id}/answers/": (
        "alice", drafted, lambda r: {"answers": {"goal": "A"}}, lambda r: {"answers": {"goal": "B"}}),
    "POST /api/v1/experiments/{id}/approvals/": (
        "bob", drafted, lambda r: {"kind": "qa", "note": "A"}, lambda r: {"kind": "qa", "note": "B"}),
    "POST /api/v1/experiments/{id}/clone/": (
        "alice", drafted, lambda r: {"title": "A"}, lambda r: {"title": "B"}),
    "POST /api/v1/experiments/{id}/dates/": (
        "alice", drafted, lambda r: {"starts_on": str(NEXT_YEAR), "ends_on": str(NEXT_YEAR + dt.timedelta(28))},
        lambda r: {"starts_on": str(NEXT_YEAR), "ends_on": str(NEXT_YEAR + dt.timedelta(35))}),
    "POST /api/v1/experiments/{id}/decision/": (
        "bob", running, lambda r: {"choice": "ship"}, lambda r: {"choice": "ship", "reason": "B"}),
    "POST /api/v1/experiments/{id}/decision/confirm/": ("carol", Ready.proposed, None, None),
    "POST /api/v1/experiments/{id}/decision/withdraw/": ("bob", Ready.proposed, None, None),
    "POST /api/v1/experiments/{id}/dry-run/": (
        "alice", drafted, lambda r: {"ids": ["a"], "lists": {}}, lambda r: {"ids": ["b"], "lists": {}}),
    "POST /api/v1/experiments/{id}/files/": (
        "bob", running, lambda r: {"filename": "a.csv", "content": WHOLE},
        lambda r: {"filename": "b.csv", "content": WHOLE}),
    "POST /api/v1/experiments/{id}/milestones/": (
        "alice", drafted, lambda r: {"milestone": r.world["milestone_reach"]["milestone"]},
        lambda r: {"milestone": r.world["milestone_reach"]["milestone"], "is_done": False}),
    "POST /api/v1/experiments/{id}/moves/": (
        "alice", drafted, lambda r: {"transition": "plan"}, lambda r: {"transition": "cancel"}),
    "POST /api/v1/experiments/{id}/observations/": (
        "bob", running, lambda r: {"observations": totals(n=16_000)},
        lambda r: {"observations": totals(n=17_000)}),
    "POST /api/v1/experiments/{id}/post-mortem/": ("bob", Ready.ended, None, None),
    "POST /api/v1/experiments/{id}/ticks/": (
        "alice", drafted, lambda r: {"items": checklist_of(r.draft)[:1]}, lambda r: {"items": []}),
    "POST /api/v1/experiments/{id}/unveil/": (
        "alice", Ready.veiled, lambda r: {"reason": "A"}, lambda r: {"reason": "B"}),
    "POST /api/v1/experiments/{id}/waivers/": (
        "alice", drafted, lambda r: {"standard": r.waivable(), "reason": "A"},
        lambda r: {"standard": r.waivable(), "reason": "B"}),
    "POST /api/v1/files/{id}/again/": ("bob", Ready.replaced, None, None),
    "POST /api/v1/files/{id}/answers/": (
        "bob", Ready.understood, lambda r: {"labels": {"A": "-", "B": "Series named", "C": "As it is"}},
        lambda r: {"labels": {"A": "As it is", "B": "Series named", "C": "-"}}),
    "POST /api/v1/files/{id}/confirm/": (
        "bob", Ready.understood, lambda r: {"acknowledged": ["lacks:Opened", "lacks:Unsubscribed"]},
        lambda r: {"acknowledged": []}),
    "POST /api/v1/files/{id}/remove/": ("bob", Ready.understood, None, None),
    "POST /api/v1/ideas/": (
        "bob", nothing, lambda r: {"pod": r.draft.pod_id, "title": "A"},
        lambda r: {"pod": r.draft.pod_id, "title": "B"}),
    "PATCH /api/v1/ideas/{id}/": (
        "alice", lambda r: r.idea.pk, lambda r: {"title": "A"}, lambda r: {"title": "B"}),
    "POST /api/v1/ideas/{id}/moves/": (
        "alice", lambda r: r.idea.pk, lambda r: {"transition": "reject", "reason": "A"},
        lambda r: {"transition": "reject", "reason": "B"}),
    "POST /api/v1/learnings/": (
        "bob", nothing,
        lambda r: {"post_mortem": PostMortem.objects.exclude(experiment=None).get().pk, "claim": "New", "scope": "B", "expires_on": str(NEXT_YEAR)},
        lambda r: {"post_mortem": PostMortem.objects.exclude(experiment=None).get().pk, "claim": "Newer", "scope": "B", "expires_on": str(NEXT_YEAR)}),
    "POST /api/v1/metrics/": (
        "alice", nothing, lambda r: {"name": "A", "pod": r.draft.pod_id, "numerator": "orders"},
        lambda r: {"name": "B", "pod": r.draft.pod_id, "numerator": "orders"}),
    "PATCH /api/v1/metrics/{id}/": (
        "alice", an("metric"), lambda r: {"unit": "guests"}, lambda r: {"unit": "hosts"}),
    "POST /api/v1/metrics/{id}/certificate/": (
        "olive", Ready.defined, lambda r: {"is_certified": True}, lambda r: {"is_certified": False}),
    "POST /api/v1/objectives/": (
        "alice", nothing,
        lambda r: {"quarter": r.draft.objective.quarter_id, "pod": r.draft.pod_id, "title": "A"},
        lambda r: {"quarter": r.draft.objective.quarter_id, "pod": r.draft.pod_id, "title": "B"}),
    "POST /api/v1/post-mortems/": (
        "olive", nothing,
        lambda r: {"about": "quarter", "id": r.draft.objective.quarter_id},
        lambda r: {"about": "quarter", "id": r.draft.objective.quarter_id, "pod": r.draft.pod_id}),
    "PATCH /api/v1/post-mortems/{id}/": (
        "bob", Ready.written, lambda r: {"summary": "A"}, lambda r: {"summary": "B"}),
    "POST /api/v1/post-mortems/{id}/follow-ups/": (
        "bob", Ready.written, lambda r: {"title": "A"}, lambda r: {"title": "B"}),
    "POST /api/v1/post-mortems/{id}/publish/": ("bob", Ready.written, None, None),
    "POST /api/v1/post-mortems/{id}/read/": ("alice", Ready.written, None, None),
    "POST /api/v1/quarters/": (
        "olive", nothing, lambda r: {"day": "2031-01-01"}, lambda r: {"day": "2032-01-01"}),
    "POST /api/v1/round-ideas/{id}/ask-again/": (
        "alice", lambda r: r.shown, lambda r: {"dimensions": ["impact"]},
        lambda r: {"dimensions": ["ease"]}),
    "POST /api/v1/round-ideas/{id}/note/": (
        "alice", lambda r: r.shown, lambda r: {"note": "A"}, lambda r: {"note": "B"}),
    "POST /api/v1/round-ideas/{id}/reveal/": ("alice", lambda r: r.blind, None, None),
    "POST /api/v1/round-ideas/{id}/score/": (
        "carol", lambda r: r.blind, lambda r: {"impact": 5, "confidence": 5, "ease": 5},
        lambda r: {"impact": 6, "confidence": 5, "ease": 5}),
    "POST /api/v1/rounds/": (
        "alice", nothing, lambda r: {"pod": r.draft.pod_id, "title": "A", "ideas": [r.open_idea().pk]},
        lambda r: {"pod": r.draft.pod_id, "title": "B", "ideas": [r.open_idea().pk]}),
    "POST /api/v1/rounds/{id}/ideas/": (
        "alice", Ready.open_round, lambda r: {"ideas": [r.open_idea().pk]},
        lambda r: {"ideas": [r.open_idea().pk]}),
    "POST /api/v1/rounds/{id}/close/": (
        "alice", Ready.revealed_round, lambda r: {"hidden": "keep"}, lambda r: {"hidden": "reveal"}),
    "POST /api/v1/rounds/{id}/go-to/": (
        "alice", lambda r: r.live_round().pk,
        lambda r: {"round_idea": last_of_live().pk}, lambda r: {"round_idea": first_of_live().pk}),
    "POST /api/v1/segments/": (
        "alice", nothing, lambda r: {"name": "A", "pod": r.draft.pod_id},
        lambda r: {"name": "B", "pod": r.draft.pod_id}),
    "PATCH /api/v1/segments/{id}/": (
        "alice", an("segment"), lambda r: {"name": "A"}, lambda r: {"name": "B"}),
}  # fmt: skip


# Steps, which add a row or go from one state to the next: they change no field that somebody wrote.
# Everything else that is sent to something that exists is a change and says what it builds on.
STEPS = {
    f"POST {V1}/{tail}/"
    for tail in (
        "experiments/{id}/approvals", "experiments/{id}/clone", "experiments/{id}/decision",
        "experiments/{id}/decision/confirm", "experiments/{id}/decision/withdraw",
        "experiments/{id}/dry-run", "experiments/{id}/files", "experiments/{id}/moves", "experiments/{id}/observations",
        "experiments/{id}/post-mortem", "experiments/{id}/unveil", "experiments/{id}/waivers",
        "files/{id}/again", "files/{id}/answers", "files/{id}/confirm", "files/{id}/remove",
        "ideas/{id}/moves", "post-mortems/{id}/follow-ups", "post-mortems/{id}/publish", "post-mortems/{id}/read",
        "round-ideas/{id}/ask-again", "round-ideas/{id}/reveal", "round-ideas/{id}/score",
        "rounds/{id}/close", "rounds/{id}/go-to", "rounds/{id}/ideas",
    )
}  # fmt: skip


def last_of_live():
    return apps.get_model("backlog", "RoundIdea").objects.filter(round__title="Live").last()


def first_of_live():
    return apps.get_model("backlog", "RoundIdea").objects.filter(round__title="Live").first()


class Write:
    """One write that can be sent again and again, by whom and to where it was made ready."""

    def __init__(self, label, ready):
        who, at, body, other = READY[label]
        self.label, self.method, path = label, *label.split()
        self.pk = at(ready)
        self.path = path.replace("{id}", str(self.pk))
        self.body, self.other = (one(ready) if one else None for one in (body, other))
        self.client = APIClient()
        self.client.force_authenticate(ready.by(who))

    def send(self, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(self.client, self.method.lower())(
            self.path, self.body if body is None else body, format="json", headers=named
        )

    def tag(self):
        noun = self.path.split("/")[3]
        return self.client.get(f"{V1}/{noun}/{self.pk}/")["ETag"]


def rows() -> str:
    """A digest of everything that is kept, but for what tells of requests."""
    digest = sha256()
    for model in (
        *apps.get_app_config("backlog").get_models(),
        *apps.get_app_config("experiments").get_models(),
    ):
        if model.__name__ not in OF_REQUESTS:
            digest.update(f"{list(model.objects.order_by('pk').values_list())}".encode())
    return digest.hexdigest()
