"""What tests/trail.py and tests/databases.py promise to every other test."""

from collections import Counter

import pytest
from django.db import IntegrityError, connection

from backlog.models import Idea, Pod, Rubric, User
from tests.databases import KEPT_IN, fingerprint, sources
from tests.factories import make_idea
from tests.trail import TRAIL

RUNS: Counter[str] = Counter()
TURNS = pytest.mark.parametrize("turn", [1, 2, 3, 4])


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod)


@pytest.fixture
def counted(idea):
    RUNS["counted"] += 1
    return idea


@pytest.fixture
def by_name(request):
    return [request.getfixturevalue(name) for name in ("pod", "other_pod")]


@pytest.fixture
def renamed(idea, pod):
    """Changes what a fixture before it made."""
    idea.title = "Renamed"
    idea.save(update_fields=["title"])
    pod.outcome = "Changed, not saved"


@pytest.fixture
def under_a_setting(settings, alice, pod):
    RUNS["under_a_setting"] += 1
    settings.SAYS = "changed"
    return make_idea(alice, pod, "Under a setting")


@pytest.fixture
def function_of(idea):
    RUNS["function_of"] += 1
    return lambda: idea


@TURNS
def test_a_world_is_kept_and_what_a_test_does_to_it_is_not(counted, idea, alice, pod, turn):
    is_first = not RUNS["at turn"] or TRAIL.begun > RUNS["at turn"] + 1  # workers share the turns
    assert RUNS["counted"] == RUNS["counted by then"] + is_first
    RUNS["at turn"], RUNS["counted by then"] = TRAIL.begun, RUNS["counted"]
    assert TRAIL.steps[-1].name[0].__name__ == "counted"
    assert counted is idea
    assert (idea.title, pod.name) == ("Name the series", "Lifecycle")
    assert Idea.objects.get() == idea
    assert idea.pod is pod
    assert User.objects.count() == 1
    idea.title = pod.name = alice.name = "Changed"
    idea.save()
    Pod.objects.create(name="Other", prefix="OTH")


def test_a_shorter_world_holds_nothing_of_a_longer_one(alice):
    assert not Idea.objects.exists()


@TURNS
def test_a_fixture_that_changes_others_is_kept_with_what_it_changed(pod, idea, renamed, turn):
    assert (idea.title, pod.outcome) == ("Renamed", "Changed, not saved")
    assert Idea.objects.get().title == "Renamed"


def test_what_it_changed_is_gone_without_it(pod, idea):
    assert (idea.title, pod.outcome) == ("Name the series", "More readers come back")


@TURNS
def test_what_leans_on_a_setting_or_holds_a_function_is_made_each_time(
    under_a_setting, function_of, settings, turn
):
    assert settings.SAYS == "changed"
    assert RUNS["under_a_setting"] == RUNS["function_of"]
    assert function_of().title == "Name the series"
    function_of().title = "Changed"
    assert Idea.objects.count() == 2


@TURNS
def test_a_fixture_may_ask_for_others_by_name(by_name, idea, pod, turn):
    assert [one.name for one in by_name] == ["Lifecycle", "Paywall"]
    assert Idea.objects.get().pod == by_name[0] == pod


@TURNS
def test_a_test_may_break_its_transaction(pod, turn):
    with pytest.raises(IntegrityError):
        Pod.objects.create(name=pod.name, prefix=pod.prefix)


@TURNS
def test_a_test_may_lose_its_connection(pod, turn):
    assert Pod.objects.get() == pod
    connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_commits_sees_the_first_rows_and_nothing_of_a_trail(turn):
    assert not connection.in_atomic_block
    assert Rubric.objects.get().bands.count() == 15
    assert not Pod.objects.exists()
    Pod.objects.create(name="Committed", prefix="COM")


def test_the_copied_database_follows_migrations_and_all_that_they_import():
    names = {str(path.relative_to(path.parents[1])) for path in sources()}
    assert {
        "migrations/0002_first_rows.py",
        "backlog/apps.py",
        "backlog/time_zones.py",
        "search_tables/__init__.py",
        "search_tables/sqlite.py",
        "search_tables/words.py",
    } <= names


def test_one_database_is_kept_for_all_runs(db):
    if connection.vendor == "sqlite":
        kept = [path.name for path in KEPT_IN.glob("*.sqlite3*")]
        assert kept == [f"{fingerprint()}.sqlite3"]
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database")
        assert (fingerprint(),) in cursor.fetchall()
