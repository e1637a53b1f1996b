"""Arms side by side, three or more: put below each other, and nothing else is taken for that."""

import pytest
from django.urls import reverse

from backlog.tables.layout import Layout, rows_below
from experiments.flows.analysing import analyse_now
from experiments.models import Intake
from experiments.results_file import FileProblem, sniff, stack
from tests.experiments.posting import confirmed, upload
from tests.factories import launched, make_experiment

ARMS = ({"name": "As it is", "is_control": True}, {"name": "Shorter"}, {"name": "Longer"})


@pytest.fixture
def stacked(tmp_path):
    def of(content):
        source, target = tmp_path / "wide.csv", tmp_path / "long.csv"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        note = stack(source, target)
        return note, target.read_text().splitlines() if note else []

    return of


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        ("users_ctrl,users_b,users_c,paid_ctrl,paid_b,paid_c", ["ctrl", "b", "c"]),
        ("As it is users,As it is paid,Short users,Short paid,Long users,Long paid",
         ["As it is", "Short", "Long"]),
        ("Users (A),Users (B),Users (C),Paid (A),Paid (B),Paid (C)", ["A", "B", "C"]),
        ("users_as_it_is,users_very_short,users_long,paid_as_it_is,paid_very_short,paid_long",
         ["as_it_is", "very_short", "long"]),
        ("users:EXP-088_win-back_A,users:EXP-088_win-back_B,users:EXP-088_win-back_C,"
         "paid:EXP-088_win-back_A,paid:EXP-088_win-back_B,paid:EXP-088_win-back_C",
         [f"EXP-088_win-back_{letter}" for letter in "ABC"]),
    ],
)  # fmt: skip
def test_arms_are_found_however_their_columns_are_called(stacked, names, labels):
    note, lines = stacked(f"day,{names}\n2026-11-02,10,11,12,1,2,3\n")
    assert note == "3 arms side by side, rearranged as rows"
    measures = [word.lower() for word in lines[0].split(",")]
    assert measures[:2] == ["day", "arm"]
    assert sorted(measures[2:]) == ["paid", "users"]
    assert [line.split(",")[1] for line in lines[1:]] == labels
    assert all(line.startswith("2026-11-02,") for line in lines[1:])


def test_decimal_commas_gaps_and_a_spanish_hand_stay_as_they_are(stacked):
    head = "día;usuarios_a;usuarios_b;usuarios_c;media_a;media_b;media_c"
    content = f"{head}\n02/11/2026;10;11;12;1,5;2,5;3,5\n03/11/2026;20;;22;1,6;;3,6\n"
    note, lines = stacked(content.encode("cp1252"))
    assert note
    assert lines == [
        "día;arm;usuarios;media", "02/11/2026;a;10;1,5", "02/11/2026;b;11;2,5",
        "02/11/2026;c;12;3,5", "03/11/2026;a;20;1,6", "03/11/2026;c;22;3,6",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "arm,users,paid\nA,10,1\nB,10,2\nC,10,3\n",
        "count_c,count_t,mean_c,mean_t\n1,2,3,4\n",  # two arms have a shape of their own
        "userid,version,sum_gamerounds,retention_1,retention_7\n1,A,3,TRUE,FALSE\n",
        "group,n_1,n_7,n_30,paid_1,paid_7,paid_30\nA,1,2,3,4,5,6\n",  # three days, arms in rows
        "user id,n_1,n_7,n_30,paid_1,paid_7,paid_30\n7,1,2,3,4,5,6\n",
        "users_a,users_b,users_c,paid_a,paid_b\n1,2,3,4,5\n",
    ],
)
def test_other_files_are_left_alone(stacked, content):
    assert stacked(content) == ("", [])


def test_a_file_that_would_swell_is_left_alone(stacked):
    names = [f"{what}_{number}" for what in ("n", "paid") for number in range(51)]
    assert stacked(",".join(names) + "\n" + ",".join(["1"] * 102) + "\n") == ("", [])
    assert stacked(f"n_a,n_b,n_c{' ' * 900}x,paid_a,paid_b,paid_c\n1,2,3,4,5,6\n") == ("", [])
    head = "note,n_a,n_b,n_c,paid_a,paid_b,paid_c\n"
    assert stacked(head + ("x" * 100_000 + ",1,2,3,4,5,6\n") * 60) == ("", [])


def test_a_row_that_cannot_be_split_is_named(tmp_path):
    path = tmp_path / "wide.csv"
    unclosed = b'"' + b"x" * 11_000_000  # longer than any cell that is read
    path.write_bytes(b"n_a,n_b\n" + b"1,2\n" * 3 + unclosed)
    with pytest.raises(FileProblem, match=r"Row 5 could not be split into columns"):
        list(rows_below(path, Layout(",", ("n_a", "n_b"), (), 0)))


def test_three_arms_side_by_side_go_from_the_file_to_a_verdict(
    client_of, alice, bob, pod, objective
):
    running = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, arms=ARMS), alice
    )
    metric = running.measured[0].metric.name.lower().replace(" ", "-")
    names = [
        f"{what}_{arm}" for what in ("users", metric) for arm in ("as it is", "shorter", "longer")
    ]
    client = client_of(bob)
    upload(client, running, ",".join(names) + "\n9000,9010,8990,900,1100,910\n", "wide.csv")
    intake = Intake.objects.latest("pk")
    page = client.get(reverse("experiments:intake_map", args=[running.pk, intake.pk]))
    assert "3 arms side by side, rearranged as rows" in page.content.decode()
    form = page.context["form"]
    entries = {name: form[name].value() or "" for name in form.fields if name != "segments"}
    assert entries["shape"] == "totals"
    response = client.post(page.wsgi_request.path, entries | {"labels_of": entries["variant"]})
    assert response.status_code == 302, response.context["form"].errors
    confirmed(client, response.url)
    result = analyse_now(intake.pk).result
    assert result["units"] == {"As it is": 9000, "Shorter": 9010, "Longer": 8990}
    assert [row["variant"] for row in result["metrics"][0]["comparisons"]] == ["Shorter", "Longer"]
    assert sniff(intake.file.path).rows == 3
