"""Results out of a database: made known by an admin, asked read-only, counted like a file."""

import datetime as dt
import sqlite3

import duckdb
import pytest
import time_machine
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from backlog.models import Event, Notification
from experiments.databases.query import SourceProblem, checked_sql, rows_from, shown
from experiments.flows import connecting
from experiments.flows import intake as intakes
from experiments.models import Connector, Feed, Intake, Look
from tests.factories import analysed, launched, make_experiment, totals

SQL = "SELECT arm, users, came FROM results ORDER BY arm"


@pytest.fixture
def shop(tmp_path):
    """A database of somebody's with totals for both arms."""
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE results (arm TEXT, users INT, came INT)")
        connection.executemany(
            "INSERT INTO results VALUES (?, ?, ?)", [("A", 5000, 500), ("B", 5000, 600)]
        )
    return path


@pytest.fixture
def connector(adam, shop):
    return connecting.save_connector(
        Connector(), by=adam, name="Shop", address=f"sqlite://{shop}", seconds=5, most_rows=1000
    )


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


def feed_url(experiment) -> str:
    return reverse("experiments:experiment_feed", args=[experiment.pk])


def rows_of(address, sql, **more):
    return list(rows_from(address, sql, **{"most_rows": 1000, "seconds": 5.0, **more}))


def test_sqlite_duckdb_and_any_module_give_the_same_rows(shop, tmp_path):
    expected = [["arm", "users", "came"], ["A", "5000", "500"], ["B", "5000", "600"]]
    assert rows_of(f"sqlite://{shop}", SQL) == expected
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE results AS SELECT * FROM (VALUES ('A', 5000, 500), ('B', 5000, 600)) v (arm, users, came)"
        )
    assert rows_of(f"duckdb://{path}", SQL) == expected
    assert rows_of(f"dbapi+sqlite3:///?database={shop}", SQL, modules=["sqlite3"]) == expected


def test_nothing_can_be_written_whatever_the_query_says(shop):
    for sql in (
        "INSERT INTO results VALUES ('C', 1, 1)",
        "SELECT 1; DROP TABLE results",
        "WITH x AS (SELECT 1) DELETE FROM results",
        "PRAGMA query_only = OFF",
        "ATTACH 'x' AS y",
        "",
    ):
        with pytest.raises(SourceProblem):
            rows_of(f"sqlite://{shop}", sql)
    assert len(rows_of(f"sqlite://{shop}", SQL)) == 3
    assert checked_sql("SELECT 'drop; it' AS \"update\"") == "SELECT 'drop; it' AS \"update\""


def test_limits_hold_and_say_what_to_do(shop):
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n"
    with pytest.raises(SourceProblem, match="more than 1,000 rows"):
        rows_of(f"sqlite://{shop}", many)
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    )
    with pytest.raises(SourceProblem, match="took longer"):
        rows_of(f"sqlite://{shop}", endless, seconds=0.3)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("nonsense", "Write the address as"),
        ("mysql://a:b@host/x", "does not know addresses that begin with mysql"),
        ("dbapi+os://host", "The module “os” is not allowed"),
        ("sqlite:////nowhere/at/all", "There is no file all"),
        (
            "postgresql://ada:s3cret@127.0.0.1:1/shop",
            "The database at postgresql://127.0.0.1:1/shop",
        ),
        ("postgresql://host:port/x", "not the address of a database"),
    ],
)
def test_an_address_that_does_not_do_is_said_without_its_secret(address, sentence):
    with pytest.raises(SourceProblem) as problem:
        rows_of(address, "SELECT 1")
    assert sentence in str(problem.value)
    assert "s3cret" not in str(problem.value)
    assert "s3cret" not in (shown(address) if "://" in address and "port" not in address else "")


def test_the_address_is_sealed_and_no_page_shows_it(
    client_of, adam, olive, connector, shop, settings
):
    row = Connector.objects.values_list().get()
    assert str(shop) in connector.place
    sealed = connecting.save_connector(
        connector, by=adam, name="Shop", address="postgresql://ada:s3cret@db/shop",
        seconds=5, most_rows=9,
    )  # fmt: skip
    assert "s3cret" not in str(Connector.objects.values_list().get()) + str(row)
    for name, args in (("connector_list", []), ("connector_edit", [sealed.pk])):
        body = client_of(adam).get(reverse(f"experiments:{name}", args=args)).content.decode()
        assert "s3cret" not in body
        assert "postgresql://db/shop" in body
    settings.SECRET_KEY = "another"
    with pytest.raises(connecting.Refused, match="secret key of this installation"):
        connecting.try_query(sealed, "SELECT 1", by=olive)


def test_floes_own_files_are_not_read(adam, olive, tmp_path, settings):
    settings.VAR_DIR = tmp_path
    (tmp_path / "floe.sqlite3").touch()
    own = connecting.save_connector(
        Connector(),
        by=adam,
        name="Own",
        address=f"sqlite://{tmp_path}/floe.sqlite3",
        seconds=5,
        most_rows=9,
    )
    with pytest.raises(connecting.Refused, match="belongs to Floe itself"):
        connecting.try_query(own, "SELECT 1", by=olive)


def test_it_is_tried_then_mapped_once_then_counts_by_the_clock(
    client_of, olive, running, connector, shop
):
    form = {"connector": connector.pk, "sql": SQL, "hour": 5}
    body = client_of(olive).post(feed_url(running), {**form, "try": "1"}).content.decode()
    assert "<td>5000</td>" in body
    assert not Feed.objects.exists()
    client_of(olive).post(feed_url(running), form)
    feed = Feed.objects.get()
    taken = connecting.bring_in(feed)
    assert taken.state == Intake.State.RECEIVED
    intakes.understand(
        taken, by=olive, labels={"A": "As it is", "B": "Series named"},
        mapping={"shape": "totals", "variant": "arm", "count": "users",
                 "metrics": [{"name": "Reactivated", "kind": "proportion", "column": "came"}]},
    )  # fmt: skip
    intakes.count(taken, by=olive, acknowledged=["lacks:Opened", "lacks:Unsubscribed"])
    with sqlite3.connect(shop) as connection:
        connection.execute("UPDATE results SET users = 6000")
    tomorrow = timezone.localtime() + dt.timedelta(days=1)
    with time_machine.travel(tomorrow.replace(hour=4), tick=False):
        assert connecting.bring_in_due() == 0
    with time_machine.travel(tomorrow.replace(hour=6), tick=False):
        assert connecting.bring_in_due() == 1
        assert connecting.bring_in_due() == 0
        connecting.bring_in_feed(feed.pk)
    newest = running.intakes.order_by("-pk").first()
    assert newest.state in (Intake.State.COUNTED, Intake.State.ANALYSED)
    assert newest.understood["units"] == {"As it is": 6000, "Series named": 6000}
    feed.refresh_from_db()
    assert (feed.has_failed, feed.message) == (False, "It came in and counts.")


def test_seeing_rows_of_a_veiled_experiment_is_a_look(
    client_of, bob, olive, running, connector, shop
):
    """A query may answer with the outcome of each arm, which the veil hides everywhere else."""
    made = analysed(running, bob, totals(n=2_000))
    form = {"connector": connector.pk, "sql": SQL, "hour": 5, "try": "1"}
    page = client_of(olive).get(feed_url(running)).content.decode()
    assert "counts as a look" in page
    for _ in range(2):
        assert client_of(olive).post(feed_url(running), form).status_code == 200
    look = Look.objects.get()
    assert (look.user, look.analysis, look.is_early) == (olive, made, True)
    sentences = [event.sentence for event in Event.objects.about(running).filter(verb="look")]
    assert sentences == ["Olive saw the first rows of a query while the results were veiled."] * 2


def test_an_answer_that_exchanges_the_arms_waits_for_a_person(
    client_of, olive, running, connector, shop
):
    form = {"connector": connector.pk, "sql": SQL, "hour": 5}
    client_of(olive).post(feed_url(running), form)
    feed = Feed.objects.get()
    taken = connecting.bring_in(feed)
    intakes.understand(
        taken, by=olive, labels={"A": "As it is", "B": "Series named"},
        mapping={"shape": "totals", "variant": "arm", "count": "users",
                 "metrics": [{"name": "Reactivated", "kind": "proportion", "column": "came"}]},
    )  # fmt: skip
    intakes.count(taken, by=olive, acknowledged=["lacks:Opened", "lacks:Unsubscribed"])
    with sqlite3.connect(shop) as connection:
        connection.execute("UPDATE results SET arm = CASE arm WHEN 'A' THEN 'B' ELSE 'A' END")
    connecting.bring_in_feed(feed.pk)
    feed.refresh_from_db()
    assert feed.has_failed
    assert "The arms look swapped compared with the last upload." in feed.message
    assert running.intakes.counting().get() == taken
    assert running.intakes.first().state == "understood"


def test_what_went_wrong_stands_on_the_page_and_the_owner_hears_of_it_once(
    client_of, olive, bob, running, connector, shop
):
    feed = connecting.save_feed(
        running,
        by=olive,
        connector=connector,
        sql="SELECT absent FROM results",
        hour=5,
        is_paused=False,
    )
    running.owner = bob
    running.save(update_fields=["owner"])
    for _ in range(2):
        connecting.bring_in_feed(feed.pk)
    feed.refresh_from_db()
    assert "no such column: absent" in feed.message
    body = client_of(olive).get(feed_url(running)).content.decode()
    assert "no such column: absent" in body
    assert (
        Notification.objects.filter(to=bob, sentence__contains="the query to Shop failed").count()
        == 1
    )
    assert client_of(bob).get(feed_url(running)).status_code == 403
    answer = client_of(olive).post(
        feed_url(running), {"connector": connector.pk, "sql": "DROP TABLE x", "hour": 5}
    )
    assert answer.status_code == 422
    with pytest.raises(connecting.Refused, match="read from Shop"):
        connecting.remove_connector(connector, by=connector.by)


@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="needs PostgreSQL"
)
def test_postgresql_is_read_only_and_stopped_in_time(db):
    place = settings.DATABASES["default"]
    address = (
        f"postgresql://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}/postgres"
    )
    assert rows_of(address, "SELECT 1 AS one") == [["one"], ["1"]]
    with pytest.raises(SourceProblem, match="took longer"):
        rows_of(address, "SELECT pg_sleep(3)", seconds=0.5)


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("SELECT a.arm, printf('%.*c', 900, 'x') FROM results a, results b", "more than 0 MB"),
        (
            "SELECT arm, printf('%.*c', 2000000, 'x') FROM results",
            "a value of 2,000,000 characters",
        ),
        ("SELECT arm, zeroblob(20000000) FROM results", "too big"),
        (
            "SELECT " + ", ".join(f"{n} AS c{n}" for n in range(1001)) + " FROM results",
            "more than 1,000 columns",
        ),
    ],
)
def test_an_answer_is_taken_up_to_its_bytes(shop, sql, sentence):
    with pytest.raises(SourceProblem, match=sentence):
        rows_of(f"sqlite://{shop}", sql, most_bytes=3000)


def test_an_answer_within_its_bytes_is_taken_whole(shop):
    size = len("A5000500" + "B5000600") + 2 * 3
    assert len(rows_of(f"sqlite://{shop}", SQL, most_bytes=size)) == 3
    with pytest.raises(SourceProblem, match="The answer has more than"):
        rows_of(f"sqlite://{shop}", SQL, most_bytes=size - 1)


def test_a_large_answer_says_so_on_the_feed_and_leaves_nothing(running, connector, olive, settings):
    settings.RESULTS_FILE_MAX_BYTES = 5
    feed = connecting.save_feed(
        running, by=olive, connector=connector, sql=SQL, hour=6, is_paused=False
    )
    connecting.bring_in_feed(feed.pk)
    feed.refresh_from_db()
    assert feed.has_failed
    assert "The answer has more than" in feed.message
    assert not Intake.objects.exists()
    assert not list(settings.FILE_UPLOAD_TEMP_DIR.glob("desk-*"))
