"""What the frame around every page shows: where you are, your pods, what waits for you.

At most two queries, and none on a page without the frame: the values are read when used.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from backlog.flows.readiness import as_last_seen
from backlog.models import Membership, Pod, RoundIdea, User


@dataclass(frozen=True)
class Entry:
    """A line of the rail; `bar` is its place in the bottom bar of a phone, "" where it has none."""

    name: str
    label: str
    url_name: str
    icon: str
    bar: str = ""


ENTRIES = (
    Entry("today", "Today", "backlog:today", "inbox", "1"),
    Entry("backlog", "Backlog", "backlog:idea_list", "list", "2"),
    Entry("scoring", "Scoring", "backlog:round_list", "sliders-vertical", "4"),
    Entry("calendar", "Calendar", "experiments:calendar", "calendar"),
    Entry("experiments", "Experiments", "experiments:experiment_list", "flask-conical"),
    Entry("library", "Library", "experiments:library", "library"),
    Entry("health", "Health", "experiments:health", "activity"),
)
# Below the others, above Settings.
BELOW = (
    Entry("standards", "Standards", "experiments:standards", "pencil-ruler"),
    Entry("settings", "Settings", "backlog:settings", "settings-2"),
)
# The start of a view's name → the entry it belongs to; the first that fits.
STANDARDS = (
    "standard", "metric", "segment", "template", "milestone", "naming", "agreement", "holdout",
    "waiver", "overlap",
)  # fmt: skip
BELONGS = (
    ("backlog:today", "today"),
    ("backlog:idea", "backlog"),
    ("backlog:import", "backlog"),
    ("backlog:attachment", "backlog"),
    ("backlog:round", "scoring"),
    ("backlog:scor", "scoring"),
    ("experiments:calendar", "calendar"),
    ("experiments:scenario", "calendar"),
    ("experiments:blackout", "calendar"),
    ("experiments:deadline", "calendar"),
    ("experiments:quarter_sign_off", "calendar"),
    ("experiments:quarter_limits", "settings"),
    ("experiments:pod_limits", "settings"),
    ("experiments:pod_newcomer", "settings"),
    ("experiments:library", "library"),
    ("experiments:collection", "library"),
    ("experiments:health", "health"),
    ("experiments:process_experiment", "health"),
    ("experiments:process_", "library"),
    ("experiments:sign_mute", "health"),
    ("experiments:expected_value", "health"),
    ("experiments:report", "health"),
    ("experiments:idea_cite", "backlog"),
    ("experiments:citation", "backlog"),
    ("experiments:evidence", "library"),
    ("experiments:learning", "library"),
    ("experiments:search", ""),
    ("experiments:roadmap", "calendar"),
    ("experiments:quarter_turn", "settings"),
    ("experiments:template_keep", "experiments"),
    ("experiments:milestone_edit", "experiments"),
    ("experiments:milestone_reach", "experiments"),
    *((f"experiments:{start}", "standards") for start in STANDARDS),
    ("backlog:rubric", "standards"),
    ("experiments:", "experiments"),
    ("backlog:view_", "backlog"),
    ("backlog:comment", "backlog"),
    ("backlog:notification", "me"),
    ("backlog:profile", "me"),
    ("backlog:token", "me"),
    ("backlog:", "settings"),
)


# Pages that the palette (Ctrl K) also goes to; they have no line in the rail.
FURTHER = (
    Entry("idea_new", "New idea", "backlog:idea_new", "plus"),
    Entry("idea_board", "Board of ideas", "backlog:idea_board", "square-kanban"),
    Entry("idea_map", "Map of ideas", "backlog:idea_map", "chart-scatter"),
    Entry("round_new", "Start a round", "backlog:round_new", "sliders-vertical"),
    Entry("quarters", "Quarters and objectives", "backlog:quarter_list", "target"),
    Entry("blackouts", "Blackouts and deadlines", "experiments:blackout_list", "calendar"),
    Entry("fields", "Own fields", "backlog:own_field_list", "sliders-vertical"),
    Entry("pods", "Pods", "backlog:pod_list", "users"),
    Entry("metrics", "Metrics", "experiments:metric_list", "ruler"),
    Entry("past_new", "Import past experiments", "experiments:past_new", "upload"),
    Entry("segments", "Segments", "experiments:segment_list", "users"),
    Entry("collections", "Collections of learnings", "experiments:collection_list", "library"),
    Entry("naming", "Naming", "experiments:naming", "tag"),
    Entry("agreements", "Agreements", "experiments:agreement_list", "handshake"),
    Entry("credit", "Credit", "experiments:library_credit", "library"),
    Entry("process", "Process experiments", "experiments:process_experiment_list", "activity"),
    Entry("postmortem", "New process post-mortem", "experiments:process_postmortem_new", "library"),
    Entry("roadmap", "Operations roadmap", "experiments:roadmap", "milestone"),
    Entry("notifications", "Notifications", "backlog:notification_list", "bell"),
    Entry("profile", "Profile", "backlog:profile", "user"),
    Entry("tokens", "API tokens", "backlog:token_list", "key-round"),
)


class Place(NamedTuple):
    label: str
    url: str
    icon: str


def places_called(words: str) -> list[Place]:
    """The pages whose name holds all of these words, each at the start of a word of it."""
    words_typed = words.lower().split()
    return [
        Place(entry.label, reverse(entry.url_name), entry.icon)
        for entry in (*ENTRIES, *BELOW, *FURTHER)
        if all(
            any(own.startswith(one) for own in entry.label.lower().split()) for one in words_typed
        )
    ]


class Shell:
    """The frame's values for one request of a signed-in person."""

    entries, below = ENTRIES, BELOW

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.request, self.user = request, user

    @cached_property
    def active(self) -> str:
        match = self.request.resolver_match
        name = match.view_name if match else ""
        return next((entry for start, entry in BELONGS if name.startswith(start)), "")

    @cached_property
    def pods(self) -> list[Pod]:
        """The pods that this person sees; of a member they came with the roles."""
        if self.user.stands_above_pods:
            return list(Pod.objects.all())
        return [place.pod for place in self.user.places]

    @cached_property
    def pods_to_add_to(self) -> list[Pod]:
        """The pods to which this person may add ideas, without another query."""
        if self.user.stands_above_pods:
            return self.pods
        return [place.pod for place in self.user.places if place.role != Membership.Role.VIEWER]

    @cached_property
    def pod(self) -> Pod | None:
        """The pod that lists are narrowed to; None stands for all of them."""
        chosen = self.request.session.get("pod")
        return next((pod for pod in self.pods if pod.pk == chosen), None)

    @property
    def pod_name(self) -> str:
        """What the switcher says: the pod looked at, or the only one there is."""
        if self.pod is None and len(self.pods) == 1:
            return self.pods[0].name
        return self.pod.name if self.pod else "All pods"

    @cached_property
    def to_score(self) -> int:
        """Ideas that wait for this person's score. Usually no round is open, so there is no
        query."""
        may_be_asked = getattr(self.user, "has_seat", True)
        return RoundIdea.objects.waiting_for(self.user).count() if may_be_asked else 0

    @property
    def in_trouble(self) -> list[str]:
        """What has stopped, for an admin, as the web process last saw it."""
        is_admin = self.user.role == User.Role.ADMIN
        return as_last_seen().sentences() if is_admin else []

    @property
    def work_stands_still(self) -> str:
        """A sentence for people who wait for background work, or "" while it is running."""
        return as_last_seen().background_stands_still()

    @cached_property
    def has_sample(self) -> bool:
        return any(pod.is_sample for pod in self.pods)


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {"shell": Shell(request, user) if isinstance(user, User) else None} if user else {}
