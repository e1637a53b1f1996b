"""Which column is what: guessed, shown, mended."""

import pytest
from django.urls import reverse

from experiments.models import Intake, Observation
from tests.experiments.posting import mapped, upload
from tests.factories import launched, make_experiment

UNITS = (
    "\ufeffuser,Variant,Reactivated,Unsubscribed\n"
    "r1,control,TRUE,0\nr2,Series named,FALSE,0\nr3,control,false,1\nr4,Series named,true,0\n"
    "r5,control,FALSE,0\nr6,Series named,TRUE,1\n"
)
PART = {"HX-Request": "true", "HX-Target": "labels"}


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


@pytest.fixture
def sent(client_of, bob, running):
    upload(client_of(bob), running, UNITS)
    return Intake.objects.get()


@pytest.fixture
def url(running, sent):
    return reverse("experiments:intake_map", args=[running.pk, sent.pk])


def test_it_guesses_columns_and_arms(client_of, bob, running, url):
    form = client_of(bob).get(url).context["form"]
    assert form["variant"].value() == "Variant"
    assert form["unit"].value() == "user"
    assert [field.value() for field in form.label_fields()] == ["As it is", "Series named"]
    primary = running.primary
    assert form[f"metric_{primary.pk}"].value() == "Reactivated"


def test_it_shows_the_first_rows(client_of, bob, url):
    page = client_of(bob).get(url).content.decode()
    assert "<code>Series named</code>" in page
    assert "6 rows" in page


def test_another_column_gives_other_labels_as_a_part(client_of, bob, url):
    data = {"shape": "units", "variant": "Reactivated", "labels_of": "Variant", "look": "1",
            "label_0": "As it is"}  # fmt: skip
    response = client_of(bob).post(url, data, headers=PART)
    part = response.content.decode()
    assert response.status_code == 200
    assert part.lstrip().startswith('<div id="labels"')
    assert "“TRUE” is" in part
    assert "“control” is" not in part
    assert 'name="labels_of" value="Reactivated"' in part


def test_looking_again_without_javascript_judges_nothing(client_of, bob, sent, url):
    response = client_of(bob).post(url, {"shape": "units", "variant": "user", "look": "1"})
    assert response.status_code == 200
    assert 'class="msg bad"' not in response.content.decode()
    sent.refresh_from_db()
    assert sent.state == "received"


def test_a_column_that_says_the_same_everywhere_is_pointed_out(client_of, bob, running):
    upload(client_of(bob), running, "group,Reactivated\nA,1\nA,0\n")
    taken = Intake.objects.latest("pk")
    page = client_of(bob).get(reverse("experiments:intake_map", args=[running.pk, taken.pk]))
    assert "Every row of this column has the same value." in page.content.decode()


@pytest.mark.parametrize(
    ("content", "fields", "sentence"),
    [
        ("group,Reactivated\nA,1\nB,0\n", {"label_0": "As it is", "label_1": "Series named"},
         "Map at least one metric to a column."),
        ("group,Reactivated\nA,1\nB,0\n",
         {"metric_Reactivated": "Reactivated", "label_0": "-", "label_1": "Series named"},
         "As it is"),
        ("group,Reactivated\nA,here\nB,away\nB,gone\n",
         {"metric_Reactivated": "Reactivated", "label_0": "As it is", "label_1": "Series named"},
         "row"),
        ("group,n,Reactivated\nA,10,12\nB,10,3\n",
         {"shape": "totals", "count": "n", "metric_Reactivated": "Reactivated",
          "label_0": "As it is", "label_1": "Series named"}, "12"),
        ("group,n,Reactivated\nA,-10,2\nB,10,3\n",
         {"shape": "totals", "count": "n", "metric_Reactivated": "Reactivated",
          "label_0": "As it is", "label_1": "Series named"}, "10"),
        ("group,n,Reactivated\nA,10,2\nB,10,3\n",
         {"shape": "totals", "metric_Reactivated": "Reactivated", "label_0": "As it is",
          "label_1": "Series named"}, "Choose the column with the number of units of each arm."),
        ("group,Reactivated\nA,1\nB,0\n",
         {"variant": "gone", "metric_Reactivated": "Reactivated"}, "gone"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_sentence_and_counts_nothing(
    client_of, bob, running, content, fields, sentence
):
    response = mapped(client_of(bob), running, content, **fields)
    assert response.status_code == 422
    errors = str(response.context["form"].errors)
    assert sentence in errors
    assert Intake.objects.get().state == "received"
    assert not Observation.objects.exists()


def test_a_file_of_another_pod_or_experiment_is_not_found(
    client_of, charlie, bob, running, sent, url
):
    assert client_of(charlie).get(url).status_code == 404
    mixed = reverse("experiments:intake_map", args=[running.pk + 99, sent.pk])
    assert client_of(bob).get(mixed).status_code == 404


def test_viewers_may_not(client_of, vera, url):
    assert client_of(vera).get(url).status_code == 403


def test_it_asks_the_database_little(client_of, bob, url, django_assert_max_num_queries):
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(url)
