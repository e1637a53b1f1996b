"""The pages that the benchmark opens, by whom, and its writes: the rows of its tables."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from urllib.parse import urlencode

from django.conf import settings
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path, reverse
from measuring import Ask, client_of
from worlds import own_fields

from backlog.models import Idea, Objective, Round, RoundIdea
from backlog.orders import GROUPS, SORTS
from backlog.paging import PAGE
from experiments.models import Experiment

EMPTY = "/empty"
PART = {"HX-Request": "true", "HX-Target": "idea-table"}
BESIDE = {"HX-Request": "true", "HX-Target": "idea-peek"}
LIST = "/ideas/"


@dataclass(frozen=True)
class Row:
    name: str
    ask: Ask


def empty(request: HttpRequest) -> HttpResponse:
    """The yardstick: all that Floe does around a page for somebody signed in, but no page."""
    return HttpResponse(str(request.user.pk))


def add_the_empty_view() -> None:
    import_module(settings.ROOT_URLCONF).urlpatterns.append(path("empty", empty))
    clear_url_caches()


class Looker:
    """The three readers: Ines sees every pod, Aiko is in three, Maya leads one."""

    def __init__(self) -> None:
        self.ines = client_of("ines@harbour.example")
        self.aiko = client_of("aiko@harbour.example")
        self.maya = client_of("maya@harbour.example")

    @property
    def empty(self) -> Row:
        return Row("An empty view", get(self.ines, EMPTY))

    def rows(self) -> list[Row]:
        return [*self.lists(), *self.parts(), *self._ideas(), *self._experiments()]

    def lists(self) -> list[Row]:
        objective = Objective.objects.filter(ideas__isnull=False).first()
        queries = {
            "Backlog": {},
            **{f"Backlog by `{sort}`": {"sort": sort} for sort in SORTS
               if sort not in ("-ice", "match")},
            **{f"Backlog, grouped by {group}": {"group": group} for group in GROUPS},
            "Backlog, scored only": {"status": "scored"},
            "Backlog, one pod": {"pod": "LIF"},
            "Backlog, one objective": {"objective": objective.pk if objective else ""},
            "Backlog, one tag": {"tag": "newsletter"},
            "Backlog, younger than a month": {"younger": 30},
            "Backlog, ICE at least 8": {"ice_least": 8},
            "Backlog, split": {"agreement": "split"},
            "Backlog, one scorer or none": {"scorers_most": 1},
            "Backlog, search “subject”": {"q": "subject"},
            "Backlog, search without a hit": {"q": "zebra crossing"},
            "Backlog, page 2": {"after": _after("-ice", PAGE)},
            "Backlog, in the middle": {"after": _after("-ice", Idea.objects.in_play().count() // 2)},
            "Backlog by `title`, in the middle": {
                "sort": "title", "after": _after("title", Idea.objects.in_play().count() // 2)},
        }  # fmt: skip
        queries |= _own_queries()
        rows = [Row(name, get(self.ines, LIST, query)) for name, query in queries.items()]
        rows.append(Row("Backlog of a lead of one pod", get(self.maya, LIST)))
        rows.append(Row("Backlog of a member of three pods", get(self.aiko, LIST)))
        return rows

    def parts(self) -> list[Row]:
        best = Idea.objects.in_play().ranked()[0]
        peek = reverse("backlog:idea_peek", args=[best.pk])
        return [
            Row("Idea beside the list, with own fields", get(self.ines, peek, headers=BESIDE)),
            Row("More filters, with own fields", get(self.ines, reverse("backlog:idea_filter"))),
            Row("Part `idea-table`", get(self.ines, LIST, headers=PART)),
            Row("Board", get(self.ines, "/ideas/board/")),
            Row("Map", get(self.ines, "/ideas/map/")),
            Row("Part `idea-table`, search", get(self.ines, LIST, {"q": "sub"}, headers=PART)),
        ]

    def _ideas(self) -> list[Row]:
        idea = Idea.objects.exclude(ice=None).filter(state="open").ranked()[0]
        blind, shown = _item(blind=True), _item(blind=False)
        return [
            Row("Idea", get(self.ines, f"/ideas/{idea.pk}/")),
            Row("Idea, form", get(self.ines, f"/ideas/{idea.pk}/edit/")),
            Row("Scoring card, blind", get(self.maya, _card(blind))),
            Row("Scoring card, revealed", get(self.maya, _card(shown))),
            Row("Rounds", get(self.ines, reverse("backlog:round_list"))),
            Row("Agenda of an open round", get(self.maya, f"/scoring/{blind.round_id}/")),
            Row("Start a round", get(self.maya, reverse("backlog:round_new"))),
        ]

    def _experiments(self) -> list[Row]:
        one = Experiment.objects.filter(state="closed").order_by("pk")[0]
        here = f"/experiments/{one.pk}/"
        named = {
            "Today": "/", "Search for anything": "/search/?q=subject",
            "Experiments": "/experiments/", "Experiments, decided": "/experiments/?show=decided",
            "Experiment, plan": here, "Experiment, data": f"{here}data/",
            "Experiment, results": f"{here}results/", "Experiment, decision": f"{here}decide/",
            "Post-mortem": f"{here}postmortem/", "Calendar": "/calendar/", "Library": "/library/",
        }  # fmt: skip
        return [Row(name, get(self.ines, address)) for name, address in named.items()]

    def writes(self) -> list[Row]:
        """Each request writes another row: a new idea, or the score of an idea without a score."""
        numbers = count(1)
        open_round = Round.objects.open().latest("pk")
        items = list(
            open_round.round_ideas.filter(stage="blind").exclude(idea__author__name="Maya Okafor")
        )
        turns = count()

        def add() -> HttpResponse:
            data = {"title": f"One more idea, number {next(numbers)}", "pod": "LIF"}
            return self.maya.post(LIST, data)

        def score() -> HttpResponse:
            item, points = items[next(turns) % len(items)], 1 + next(numbers) % 10
            return self.maya.post(_card(item), {"impact": points, "confidence": 5, "ease": 7})

        return [Row("Add an idea", add), Row("Submit a score", score)]

    def reveal(self) -> Callable[[], HttpResponse]:
        """Reveal one idea of the open round after the other; each reveal ranks all ideas again."""
        waiting = Round.objects.open().latest("pk").round_ideas.filter(stage="blind")
        items = iter(waiting.filter(scores__is_skipped=False).distinct())
        return lambda: self.maya.post(f"{_card(next(items))}reveal/")


def _own_queries() -> dict[str, dict[str, object]]:
    """With three own columns, then by each of them, both ways, and narrowed by them."""
    market, effort, due = (field.slug for field in own_fields().values())
    shown = {"columns": f"rank,title,{market},{effort},{due}"}
    orders = {"market": market, "effort": effort, "day": due}
    return {
        "Backlog, three own columns": shown,
        **{f"Backlog by `{sign}own {name}`": {**shown, "sort": f"{sign}{slug}"}
           for name, slug in orders.items() for sign in ("", "-")},
        "Backlog, own market": {**shown, market: "West"},
        "Backlog, own effort from 28": {**shown, f"{effort}_from": 28},
        "Backlog, own market by `own effort`": {**shown, market: "West", "sort": effort},
        "Backlog, own market by `own market`": {**shown, market: "West", "sort": market},
        "Backlog, own market none by `own day`": {**shown, market: "none", "sort": due},
    }  # fmt: skip


def get(
    client: Client,
    page: str,
    query: dict[str, object] | None = None,
    headers: dict[str, str] | None = None,
) -> Ask:
    address = f"{page}?{urlencode(query)}" if query else page
    return lambda: client.get(address, headers=headers)


def _after(sort: str, place: int) -> str:
    """The key after the idea at this place, as in the link “More ideas”."""
    ideas = Idea.objects.in_play()
    ideas = ideas.order_by(Lower("title"), "pk") if sort == "title" else ideas.ranked()
    last = ideas[min(place, ideas.count()) - 1]
    return json.dumps([last.title.lower() if sort == "title" else last.ice_order, last.pk])


def _item(*, blind: bool) -> RoundIdea:
    stages = ("blind",) if blind else ("settled", "revealed")
    items = RoundIdea.objects.filter(
        stage__in=stages, round__pod__prefix="LIF", scores__isnull=False
    )
    return items.exclude(idea__author__name="Maya Okafor").order_by("-pk").distinct()[0]


def _card(item: RoundIdea) -> str:
    return f"/scoring/{item.round_id}/ideas/{item.pk}/"
