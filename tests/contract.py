"""The API asked by schemathesis: with what fits its description and with what does not."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
import yaml
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core import failures as core
from schemathesis.openapi import checks as found
from schemathesis.specs.openapi.coverage._operation import iter_coverage_cases

from backlog.api.nouns import NOUNS as INTENT
from backlog.api.validation import LONGEST_KEY, OWN, WHOLE_TAG
from backlog.flows.tokens import make_token
from backlog.models import OwnField, User
from experiments.api.nouns import NOUNS as EVIDENCE
from experiments.models import Milestone

WRITES = {"post", "put", "patch", "delete"}
METHODS = {"get", *WRITES}
KINDS = {
    "server errors": (core.ServerError,),
    "undocumented statuses": (found.UndefinedStatusCode,),
    "wrong inputs taken": (core.AcceptedNegativeData,),
    "valid inputs refused": (found.RejectedPositiveData,),
}
OTHER_KIND = "schema violations"
# All of schemathesis' checks hold. The first is told of the statuses by which the state of things
# answers a request that is described rightly: an If-Match or `version` that was made up. The second
# takes no other status for a refusal than those that say what was wrong with the request itself.
CONFIG = {
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "304", "401", "403", "404", "409", "412", "428"]
        },
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "405", "406", "413", "415"]
        },
    }
}
NAMED = {  # a field of a body → the noun whose id it is
    "pod": "pods", "idea": "ideas", "ideas": "ideas", "duplicate_of": "ideas", "owner": "people",
    "launcher": "people", "analyst": "people", "objective": "objectives", "quarter": "quarters",
    "segment": "segments", "template": "templates", "round_idea": "round-ideas",
    "post_mortem": "post-mortems", "milestone": "milestones",
}  # fmt: skip

FILTERED = {"objective": "objectives", "owner": "people", "author": "people"}  # of a list of ideas


def read_description() -> dict[str, Any]:
    """The committed description."""
    text = (settings.BASE_DIR / "docs" / "openapi.yaml").read_text()
    described: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)  # ten times as quick
    return described


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each operation."""
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


@dataclass
class Person:
    """Somebody who asks, with the ids of what they can see and a token that may write."""

    user: User
    dice: random.Random
    secret: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _, self.secret = make_token(by=self.user, name="contract", scope="write", days=1)
        self.headers = {"Authorization": f"Bearer {self.secret}", "Accept-Encoding": "identity"}

    def an_id(self, noun: str) -> int | None:
        """The id of one of those nouns that they can see."""
        ids = list(_seen_by(self.user, noun).order_by("pk").values_list("pk", flat=True))
        return self.dice.choice(ids) if ids else None


def _seen_by(user: User, noun: str) -> Any:
    if noun == "people":
        return User.objects.working_with(user)
    if noun == "milestones":
        return Milestone.objects.all()
    model: Any = {**INTENT, **EVIDENCE}[noun].queryset.model
    return model.objects.visible_to(user).distinct()


@dataclass
class Asking:
    """Cases by operation, sent in this process; what did not hold is kept by kind."""

    described: dict[str, Any]
    people: tuple[Person, ...]
    counts: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)
    taken: set[tuple[int, str]] = field(default_factory=set)  # whom an operation answered with 2xx

    def __post_init__(self) -> None:
        config = SchemathesisConfig.from_dict(CONFIG)
        self.schema = schemathesis.openapi.from_dict(self.described, config=config)
        self.schema.app = get_wsgi_application()

    def every_operation(self) -> list[Any]:
        return [result.ok() for result in self.schema.get_all_operations()]

    def at_the_edges(self, operation: Any, most: int | None = None) -> None:
        """The least and the most, each name left out, each kind mistaken; `most` drawn from them."""
        cases = list(_edges_of(operation))
        if most is not None and len(cases) > most:
            cases = self.people[0].dice.sample(cases, most)
        for case in cases:
            self.ask(case)

    def at_random(self, operation: Any, each: int, number: int = 0) -> None:
        """`each` cases that fit and as many that do not; `number` picks other ones."""
        for mode in GenerationMode:
            self._generate(operation.as_strategy(generation_mode=mode), each, number)

    def _generate(self, strategy: Any, each: int, number: int) -> None:
        chosen = hypothesis_settings(
            max_examples=each, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip

        def one(case: Any) -> None:
            self.ask(case)

        try:
            seed(number)(chosen(given(case=strategy)(one)))()
        except Unsatisfiable:  # nothing about it can be wrong
            return

    def plainly(self, operation: Any) -> None:
        """Once for each person, without parameters: what was drawn may be refused, and rightly."""
        names = {one.name for one in operation.path_parameters}
        for _ in self.people:
            self.ask(operation.Case(path_parameters=dict.fromkeys(names, "1")))

    def ask(self, case: Any) -> None:
        """Send one case, the people taking turns, and keep what did not hold."""
        person = self.people[self.counts["cases"] % len(self.people)]
        self._name_what_is_there(person, case)
        self.counts["cases"] += 1
        try:
            response = case.call(headers=person.headers)
            self.statuses[response.status_code] += 1
            if response.status_code < 300:
                self.taken.add((person.user.pk, case.operation.label))
            case.validate_response(response, headers=person.headers)
        except core.FailureGroup as group:
            for failure in group.exceptions:
                self._keep(case, failure, response.text)

    def _keep(self, case: Any, failure: Any, answer: str) -> None:
        kind = next((k for k, kinds in KINDS.items() if isinstance(failure, kinds)), OTHER_KIND)
        self.counts[kind] += 1
        about = f"{kind}: {case.method} {case.path}: {failure.title}"
        sent = f"{case.formatted_path} {dict(case.query or {})} {dict(case.headers or {})} {case.body!r}"
        self.wrong.setdefault(
            f"{about}: {failure.message[:160]}", f"{sent[:600]}\n    answered {answer[:300]}"
        )

    def _name_what_is_there(self, person: Person, case: Any) -> None:
        """Ids that were made up become those of things that this person can see."""
        noun = case.path.split("/")[3]
        if "id" in (case.path_parameters or {}) and _fits(case.path_parameters["id"]):
            case.path_parameters["id"] = person.an_id(noun) or 1
        if isinstance(case.body, dict):
            for name in NAMED.keys() & case.body.keys():
                case.body[name] = _named(person, NAMED[name], case.body[name])
        self._name_in_filters(person, case.query or {})
        key, tag = (
            str((case.headers or {}).get(name, "")) for name in ("Idempotency-Key", "If-Match")
        )
        if (
            re.fullmatch(WHOLE_TAG, key) and len(key) <= LONGEST_KEY
        ):  # a used one is a 409, and rightly
            case.headers["Idempotency-Key"] = f"{self.counts['cases']}-{key}"[:LONGEST_KEY].strip()
        if re.fullmatch(WHOLE_TAG, tag) and person.dice.random() < 0.5:
            case.headers["If-Match"] = "*"

    @staticmethod
    def _name_in_filters(person: Person, query: dict[str, Any]) -> None:
        for name in FILTERED.keys() & query.keys():
            if isinstance(query[name], list):
                query[name] = [
                    str(person.an_id(FILTERED[name]) or one)
                    if re.fullmatch(r"[0-9]{1,18}", one)
                    else one
                    for one in query[name]
                ]
        if _filters_own(query):
            query["own"] = [f"{one.name}=" for one in OwnField.objects.filter(kind="text")]


def _named(person: Person, noun: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_named(person, noun, one) for one in value]
    is_id = type(value) is int and 0 < value < 2**63
    return (person.an_id(noun) or value) if is_id else value


def _filters_own(query: Any) -> bool:
    """Whether a case filters by own fields, whose names were made up, as the description allows."""
    own = (query or {}).get("own")
    return isinstance(own, list) and all(isinstance(one, str) and OWN.fullmatch(one) for one in own)


def _fits(value: Any) -> bool:
    return str(value).isdigit() and len(str(value)) < 19


def _edges_of(operation: Any) -> Iterator[Any]:
    yield from iter_coverage_cases(
        operation=operation,
        generation_modes=list(GenerationMode),
        generate_duplicate_query_parameters=True,
        unexpected_methods=set(),
        generation_config=operation.schema.config.generation_for(operation=operation),
    )
