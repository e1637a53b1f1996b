"""Every filter with every order: the same ideas in the same order, however they are looked for."""

import datetime as dt
import random

import pytest
from django.http import QueryDict
from django.utils import timezone

from backlog import filters, walking
from backlog.filters import IdeaFilter
from backlog.models import Idea, Objective, Tag, User
from backlog.orders import SORTS
from backlog.paging import page_of

NOW = timezone.now()
ALIKE = ("confidence", "ease", "channel")  # led by a column of the same kind as another
ORDERS = [sort for sort in SORTS if sort.strip("-") not in (*ALIKE, "match")]
STATES = ("open", "open", "open", "scoring", "promoted", "snoozed", "rejected", "duplicate")
AGREEMENTS = {"close": 0, "mixed": 1, "split": 2, "alone": 3, "": 4}


@pytest.fixture
def world(alice, bob, charlie, pod, other_pod, objective, quarter):
    """Forty ideas in which most things go with the pod, as they do at work."""
    dice = random.Random(7)
    shared = Objective.objects.create(quarter=quarter, title="Shared")
    ideas = [_idea(dice, number, ((pod, alice, bob, objective), (other_pod, charlie, charlie, shared)))
             for number in range(1, 41)]  # fmt: skip
    Idea.objects.bulk_create(ideas)
    for idea in ideas:
        Idea.objects.filter(pk=idea.pk).update(updated_at=idea.created_at)
    common, rare = (Tag.objects.create(name=name) for name in ("common", "rare"))
    common.ideas.set([idea for idea in ideas if idea.number % 2])
    rare.ideas.set(ideas[3:5])
    return list(Idea.objects.select_related("pod", "objective", "owner").prefetch_related("tags"))


def _idea(dice, number, places) -> Idea:
    pod, author, owner, objective = places[dice.random() < 0.3]
    state = dice.choice(STATES)
    idea = Idea(
        pod=pod, number=number, key=f"{pod.prefix}-{number}", author=author, state=state,
        title=dice.choice(("zeal", "Apple", "apple", "Bread")), snoozed_until=NOW.date(),
        owner=dice.choice((owner, owner, None)), objective=dice.choice((objective, None)),
        lever=dice.choice(("Timing", "timing", "Copy", "")), channel=dice.choice(("Push", "")),
        reason="Tried.", created_at=NOW - dt.timedelta(days=dice.choice((1, 20, 50, 90))),
    )  # fmt: skip
    if state != "scoring" and dice.random() < 0.6:
        idea.impact, idea.confidence, idea.ease = (float(dice.randint(1, 9)) for _ in range(3))
        idea.ice = idea.ice_order = (idea.impact + idea.confidence + idea.ease) / 3
        idea.scorer_count = dice.randint(1, 4) if pod.prefix == "PAY" else dice.randint(1, 2)
        if dice.random() < 0.8:
            idea.expected_value = dice.choice((0.0, 0.001, 0.002))
        one = idea.scorer_count == 1
        idea.agreement = "alone" if one else dice.choice(("close", "mixed", "split"))
    return idea


def days(idea, at) -> float:
    return (NOW - at).total_seconds() / 86_400


FILTERS = {
    "status=any": lambda idea: True,
    "": lambda idea: idea.state not in ("rejected", "duplicate"),
    "status=new": lambda idea: idea.state == "open" and idea.ice is None,
    "status=scored": lambda idea: idea.state == "open" and idea.ice is not None,
    "status=in_round": lambda idea: idea.state == "scoring",
    "status=promoted": lambda idea: idea.state == "promoted",
    "status=snoozed": lambda idea: idea.state == "snoozed",
    "status=rejected": lambda idea: idea.state == "rejected",
    "status=duplicate": lambda idea: idea.state == "duplicate",
    "status=any&pod=pay": lambda idea: idea.pod.prefix == "PAY",
    "status=any&objective=Shared": lambda idea: str(idea.objective) == "Shared",
    "status=any&owner=Bob": lambda idea: str(idea.owner) == "Bob",
    "status=any&author=Alice": lambda idea: str(idea.author) == "Alice",
    "status=any&lever=TIMING": lambda idea: idea.lever.lower() == "timing",
    "status=any&channel=push": lambda idea: idea.channel == "Push",
    "status=any&tag=common": lambda idea: idea.number % 2,
    "status=any&tag=rare": lambda idea: "rare" in [tag.name for tag in idea.tags.all()],
    "status=any&ice_least=5": lambda idea: (idea.ice or 0) >= 5,
    "status=any&scorers_most=1": lambda idea: idea.scorer_count <= 1,
    "status=any&scorers_most=0": lambda idea: idea.scorer_count == 0,
    "status=any&agreement=alone": lambda idea: idea.agreement == "alone",
    "status=any&agreement=split": lambda idea: idea.agreement == "split",
    "status=any&younger=30": lambda idea: days(idea, idea.created_at) <= 30,
    "status=any&older=30": lambda idea: days(idea, idea.created_at) >= 30,
    "status=any&untouched=60": lambda idea: days(idea, idea.updated_at) >= 60,
    "agreement=close&ice_least=3": lambda idea: (
        idea.agreement == "close" and idea.ice >= 3 and idea.state not in ("rejected", "duplicate")
    ),
    "status=new&pod=PAY&lever=copy": lambda idea: (
        idea.state == "open" and idea.ice is None and idea.pod.prefix == "PAY"
        and idea.lever == "Copy"
    ),
    "status=any&q=apple": lambda idea: idea.title.lower() == "apple",
}  # fmt: skip
PLACES = ("new", "scoring", "open", "promoted", "snoozed", "rejected", "duplicate")
# Order → by what it goes; what an idea lacks is None and comes last in both directions.
FALLING = {
    "ice": lambda idea: idea.ice_order,
    "impact": lambda idea: -1 if idea.impact is None else idea.impact,
    "scorers": lambda idea: idea.scorer_count,
}
RISING = {
    "title": lambda idea: idea.title.lower(),
    "-age": lambda idea: idea.created_at,
    "-touched": lambda idea: idea.updated_at,
}
BEST_FIRST_BY = {
    "-expected": lambda idea: -(-1 if idea.expected_value is None else idea.expected_value),
    "pod": lambda idea: idea.pod.name,
    "objective": lambda idea: idea.objective and idea.objective.title,
    "owner": lambda idea: idea.owner and idea.owner.name,
    "lever": lambda idea: idea.lever.lower() or None,
    "status": lambda idea: PLACES.index("new" if idea.status == "new" else idea.state),
    "agreement": lambda idea: AGREEMENTS[idea.agreement],
}


def turned(sort: str) -> str:
    return sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"


def in_order(ideas, sort: str) -> list[int]:
    """What the order means, without a database."""
    if turned(sort) in FALLING:
        lead = FALLING[turned(sort)]
        return [idea.pk for idea in sorted(ideas, key=lambda idea: (-lead(idea), idea.pk))]
    if sort in RISING:
        return [idea.pk for idea in sorted(ideas, key=lambda idea: (RISING[sort](idea), idea.pk))]
    if sort in BEST_FIRST_BY:
        lead = BEST_FIRST_BY[sort]
        best = sorted(ideas, key=lambda idea: (-idea.ice_order, idea.pk))
        having = sorted((i for i in best if lead(i) is not None), key=lead)
        return [idea.pk for idea in [*having, *(i for i in best if lead(i) is None)]]
    forward = in_order(ideas, turned(sort))
    lacking = {idea.pk for idea in ideas if turned(sort) in BEST_FIRST_BY
               and BEST_FIRST_BY[turned(sort)](idea) is None}  # fmt: skip
    backward = forward[::-1]
    return [pk for pk in backward if pk not in lacking] + [pk for pk in backward if pk in lacking]


def pages(rf, user, query: str, sort: str):
    """Ids of the first two pages, as the list asks for them."""
    names = {str(one): one.pk for one in (*Objective.objects.all(), *User.objects.all())}
    query_dict = QueryDict(query, mutable=True)
    for name in ("objective", "owner", "author"):
        if name in query_dict:
            query_dict[name] = names[query_dict[name]]
    query_dict.setdefault("status", "in_play")
    request = rf.get("/")
    request.user, after, ids = user, "", []
    for _ in range(2):
        idea_filter = IdeaFilter(
            query_dict, Idea.objects.visible_to(user), request=request, is_whole=False
        )
        assert idea_filter.is_valid(), idea_filter.errors
        page = page_of(idea_filter.qs, sort=sort, after=after, rows=6, implied=idea_filter.implied)
        ids, after = ids + [idea.pk for idea in page.ideas], page.after
        if not after:
            break
    return ids


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_and_an_order_show_what_fits_in_order(rf, olive, world, monkeypatch, query):
    monkeypatch.setattr(walking, "WALKED", 9)
    monkeypatch.setattr(filters, "FEW", 5)
    fitting = [idea for idea in world if FILTERS[query](idea)]
    for sort in ORDERS:
        expected = in_order(fitting, sort)
        assert pages(rf, olive, query, sort) == expected[:12], sort


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_members_see_their_own_pods_in_every_order(rf, request, world, monkeypatch, person):
    monkeypatch.setattr(walking, "WALKED", 9)
    user = request.getfixturevalue(person)
    for query in ("status=any", "status=any&scorers_most=1", "status=any&tag=common"):
        fitting = [i for i in world if i.pod_id in user.pod_roles and FILTERS[query](i)]
        for sort in ORDERS:
            assert pages(rf, user, query, sort) == in_order(fitting, sort)[:12], (query, sort)
