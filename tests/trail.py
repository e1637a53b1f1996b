"""Worlds that are kept between tests: each fixture that fills the database leaves a savepoint.

The next test goes back no further than to the first fixture that it does not share with the one
before. What it gets of the fixtures that stay are copies, so nothing lasts that an experiment does to them.

A fixture stays if it leans on nothing but the database and others that stay, and its value can be
pickled. All others, and all that come after them, run for each test. A test that commits
(`transactional_db`, `live_server`, `django_db(transaction=True)`) ends the trail, and so does a module
whose fixture holds a transaction of its own.
"""

import inspect
import pickle
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from tests.databases import write_first_rows

OPENS = "_django_db_helper"  # pytest-django's fixture behind `db` and the marker
OF_PYTEST_DJANGO = (OPENS, "_django_db_marker", "db")


class Kind(Enum):
    """What a fixture turned out to be when it first ran."""

    APART = auto()  # it asks the database nothing, and is made of nothing that does
    STAYS = auto()
    EACH_TIME = auto()


class Step(NamedTuple):
    name: tuple[Any, ...]  # the fixture, and those before it that may have changed settings
    savepoint: transaction.Atomic
    world: bytes  # the values of this step and of all before it, which may hold one another


class Trail:
    def __init__(self) -> None:
        self.base: transaction.Atomic | None = None
        self.steps: list[Step] = []
        self.kinds: dict[Any, Kind] = {}
        self.queries = self.begun = 0
        self.day = timezone.localdate()
        # Of the test that runs:
        self.is_on = False
        self.own: transaction.Atomic | None = None  # what it does beyond the trail
        self.values: dict[Any, Any] = {}  # of its steps, by fixture
        self.names: dict[Any, tuple[Any, ...]] = {}

    def begin(self, item: pytest.Item) -> None:
        """Go back to where this test's fixtures part from those of the one before."""
        self.begun += 1
        if self.day != timezone.localdate():  # rows made yesterday are other rows
            self.end()
        if self.base is None:
            self.day, self.base = timezone.localdate(), _opened()
            if self._count not in connection.execute_wrappers:
                connection.execute_wrappers.append(self._count)
        stay = list(self._stay(item))
        shared = 0
        while shared < min(len(stay), len(self.steps)) and stay[shared] == self.steps[shared].name:
            shared += 1
        self._go_back(shared)
        values = pickle.loads(self.steps[-1].world) if self.steps else ()
        self.values = {step.name[0]: value for step, value in zip(self.steps, values, strict=True)}
        self.is_on = True

    def _stay(self, item: Any) -> Iterator[tuple[Any, ...]]:
        """The test's fixtures that stay, up to the first that runs each time; names all of them."""
        self.names, changing, is_open, is_over = {}, (), False, False
        for definition in in_order(item):
            function = definition.func
            self.names[function] = (function, *changing)
            is_open = is_open or definition.argname == OPENS
            if definition.argname in OF_PYTEST_DJANGO:
                continue
            if _is_ours(definition) and not _leans_on_nothing_else(definition, item):
                changing += (function,)
            kind = self.kinds.get(function, Kind.EACH_TIME if is_open else Kind.APART)
            is_over = is_over or kind is Kind.EACH_TIME
            if kind is Kind.STAYS and not is_over:
                yield self.names[function]

    def _go_back(self, length: int) -> None:
        while len(self.steps) > length:
            _undo(self.steps.pop().savepoint)

    def finish(self) -> None:
        """Undo what the test did, and keep the trail."""
        own = self.own or _opened()
        try:
            if not connection.needs_rollback and connection.is_usable():
                connection.check_constraints()
        finally:
            self.is_on, self.own, self.values = False, None, {}
            _undo(own)
            if connection.closed_in_transaction:
                self.end()

    def end(self) -> None:
        self._go_back(0)
        if self.base is not None:
            base, self.base = self.base, None
            _undo(base)

    def _count(self, execute: Any, *arguments: Any) -> Any:
        self.queries += 1
        return execute(*arguments)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        function = fixturedef.func
        if fixturedef.scope != "function":
            if _is_ours(fixturedef) and "django_db_blocker" in fixturedef.argnames:
                with request.getfixturevalue("django_db_blocker").unblock():
                    self.end()  # it may begin a transaction of its own
            return (yield)
        if not self.is_on or self.own is not None or self.kinds.get(function) is Kind.APART:
            return (yield)
        if function not in self.names:  # asked for by name, in the middle of a fixture
            self.own = _opened()
            return (yield)
        if function in self.values:
            fixturedef.func = lambda **_: self.values[function]
            try:
                return (yield)
            finally:
                fixturedef.func = function
        return (yield from self._run(fixturedef, request.node))

    def _run(self, fixturedef: Any, item: Any) -> Iterator[None]:
        """Run a fixture on a savepoint of its own, and find out of which kind it is."""
        self.own, queries, sent = _opened(), self.queries, len(mail.outbox)
        value = yield
        function, arguments = fixturedef.func, _of_names(fixturedef, item)
        is_apart = all(self.kinds.get(one.func, Kind.APART) is Kind.APART for one in arguments)
        if self.queries == queries and is_apart:
            self.kinds[function] = Kind.APART
            savepoint, self.own = self.own, None
            _undo(savepoint)
            return value
        leaves_more = len(mail.outbox) > sent or settings.MEDIA_ROOT.exists()
        world = None
        if _leans_on_nothing_else(fixturedef, item) and not leaves_more:
            world = _pickled([*self.values.values(), value])
        if world is None:
            self.kinds[function] = Kind.EACH_TIME
        else:
            self.kinds[function], self.values[function] = Kind.STAYS, value
            self.steps.append(Step(self.names[function], self.own, world))
            self.own = None
        return value

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        if self.is_on and self.own is None:
            self.own = _opened()


def in_order(item: Any) -> list[Any]:
    """The definitions of a test's fixtures in the order in which pytest sets them up."""
    known, seen = item._fixtureinfo.name2fixturedefs, {}

    def visit(name: str, back: int = 1) -> None:
        definitions = known.get(name, ())
        if back > len(definitions) or definitions[-back] in seen:
            return
        for argument in definitions[-back].argnames:
            visit(argument, back + 1 if argument == name else 1)
        seen[definitions[-back]] = None

    for name in item.fixturenames:
        visit(name)
    return [one for one in seen if one.scope == "function"]


def _of_names(definition: Any, item: Any) -> list[Any]:
    known = item._fixtureinfo.name2fixturedefs
    return [known[name][-1] for name in definition.argnames if name in known]


def _is_ours(definition: Any) -> bool:
    return definition.func.__module__.split(".")[0] in ("tests", "conftest")


def _leans_on_nothing_else(definition: Any, item: Any) -> bool:
    """On no settings, folders, clock or the like, and not on this very test."""
    if definition.argname == "db":
        return True
    arguments = [one for one in _of_names(definition, item) if one.argname != definition.argname]
    return (
        _is_ours(definition)
        and definition.scope == "function"
        and definition.params is None
        and "request" not in definition.argnames
        and not inspect.isgeneratorfunction(definition.func)
        and all(_leans_on_nothing_else(one, item) for one in arguments)
    )


def _pickled(values: list[Any]) -> bytes | None:
    try:
        return pickle.dumps(values)
    except Exception:  # whatever the value says to it
        return None


def _opened() -> transaction.Atomic:
    atomic = transaction.atomic()
    atomic._from_testcase = True  # a `durable` one of ours may open inside it, as in Django's tests
    atomic.__enter__()
    return atomic


def _undo(atomic: transaction.Atomic) -> None:
    transaction.set_rollback(True)
    atomic.__exit__(None, None, None)


TRAIL = Trail()


@pytest.fixture
def _django_db_helper(request, django_db_setup, django_db_blocker):
    """pytest-django's, but for tests that roll back what they do."""
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    with django_db_blocker.unblock():
        is_within_another = TRAIL.base is None and connection.in_atomic_block  # of its module
        if commits or (marker and marker.kwargs.get("transaction")) or is_within_another:
            TRAIL.end()
            if not is_within_another:
                request.node.addfinalizer(lambda: _after_a_flush(django_db_blocker))
            request.getfixturevalue("_django_db_helper")
            yield
        else:
            TRAIL.begin(request.node)
            yield
            TRAIL.finish()


def _after_a_flush(blocker: Any) -> None:
    with blocker.unblock():
        write_first_rows()
