"""What a person has to see before a file counts: lacking metrics, exchanged arms, labels moved."""

import pytest
from django.urls import reverse

from backlog.models import Event
from backlog.refusals import Refused
from experiments.flows import intake as flow
from experiments.flows.analysing import analyse_now
from experiments.models import Intake, Observation
from tests.experiments.posting import confirmed, mapped, upload
from tests.factories import launched, make_experiment

WHOLE = "user,group,Reactivated,Opened,Unsubscribed\n" + "".join(
    f"u{n},{'AB'[n % 2]},{int(n % 20 < (2 if n % 2 == 0 else 5))},1,{int(n % 50 == 0)}\n"
    for n in range(400)
)
ARMS = {"label_0": "As it is", "label_1": "Series named"}
EXCHANGED = {"label_0": "Series named", "label_1": "As it is"}
METRICS = {
    "unit": "user", "metric_Reactivated": "Reactivated", "metric_Opened": "Opened",
    "metric_Unsubscribed": "Unsubscribed",
}  # fmt: skip


@pytest.fixture
def running(alice, bob, carol, pod, objective):
    """Bob brings in the data, and Carol reads it."""
    made = make_experiment(alice, pod, objective=objective, analyst=carol, reading="any-time")
    return launched(made, alice)


@pytest.fixture
def bring(client_of, bob, running):
    """Send a file and map it; the address of the page that asks."""

    def send(content=WHOLE, **fields):
        response = mapped(client_of(bob), running, content, **fields)
        assert response.status_code == 302, response.context["form"].errors
        return response.url

    return send


def titles_of(page):
    return [doubt.title for doubt, _ in page.context["page"].doubts]


def test_a_whole_file_leaves_nothing_open(client_of, bob, bring):
    url = bring(**METRICS, **ARMS)
    page = client_of(bob).get(url)
    assert titles_of(page) == []
    assert "1 of 1 answered" in page.content.decode()
    assert client_of(bob).post(url, {"do": "count"}).status_code == 302
    assert Intake.objects.get().state == "counted"


def test_each_planned_metric_that_the_file_lacks_is_acknowledged_first(client_of, bob, bring):
    url = bring(unit="user", metric_Reactivated="Reactivated", **ARMS)
    client = client_of(bob)
    page = client.get(url)
    assert titles_of(page) == ["This file has no “Opened”", "This file has no “Unsubscribed”"]
    assert "the guardrail can’t be judged" in page.content.decode()
    assert "2 questions are open: This file has no “Opened”" in page.content.decode()
    assert 'aria-disabled="true"' in page.content.decode()
    refused = client.post(url, {"do": "count", "acknowledged": ["lacks:Opened"]})
    assert refused.status_code == 409
    assert "This file has no “Unsubscribed”." in refused.content.decode()
    assert not Observation.objects.exists()
    assert titles_of(refused) == titles_of(page)
    assert [is_ticked for _, is_ticked in refused.context["page"].doubts] == [True, False]
    assert confirmed(client, url).status_code == 302
    assert Intake.objects.get().state == "counted"


def test_a_newer_file_without_a_metric_that_the_last_one_had_says_so(client_of, bob, bring):
    confirmed(client_of(bob), bring(**METRICS, **ARMS))
    less = {name: value for name, value in METRICS.items() if name != "metric_Unsubscribed"}
    page = client_of(bob).get(bring(**less, **ARMS)).content.decode()
    assert "The data that counts now has it." in page


def test_a_metric_without_any_value_is_lacking_too(client_of, bob, bring):
    content = WHOLE.replace("Unsubscribed", "Unsubscribed,Empty").replace(",0\n", ",0,\n")
    url = bring(content, **{**METRICS, "metric_Unsubscribed": "Empty"}, **ARMS)
    assert titles_of(client_of(bob).get(url)) == ["“Unsubscribed” can’t be counted from this file"]


def test_a_repeated_file_with_its_arms_exchanged_does_not_count_by_itself(client_of, bob, bring):
    confirmed(client_of(bob), bring(**METRICS, **ARMS))
    analyse_now(Intake.objects.latest("pk").pk)
    url = bring(**METRICS, **EXCHANGED)
    page = client_of(bob).get(url)
    assert titles_of(page) == [
        "“A” means a different arm than in the last file", "“B” means a different arm than in the last file",
        "The arms look swapped compared with the last upload",
    ]  # fmt: skip
    assert "“Reactivated” in “Series named” was on the other side" in page.content.decode()
    assert client_of(bob).post(url, {"do": "count"}).status_code == 409
    assert Intake.objects.latest("pk").state == "understood"


def test_a_swap_by_hand_is_doubted_each_time_and_never_repeated_in_silence(client_of, bob, bring):
    """The mapping of the last file fills the next form, a swap in it too."""
    content = WHOLE.replace(",A,", ",Control group,").replace(",B,", ",Test group,")
    client = client_of(bob)
    for _ in range(2):
        page = client.get(url := bring(content, **METRICS, **EXCHANGED))
        assert titles_of(page) == [
            "“Control group” counts as “Series named”", "“Test group” counts as “As it is”",
        ]  # fmt: skip
        assert client.post(url, {"do": "count"}).status_code == 409
        confirmed(client, url)
    right = bring(content, **METRICS, **ARMS)
    assert len(titles_of(client.get(right))) == 3, "both labels moved, and the effect turned"


def test_labels_exchanged_in_the_export_are_noticed_too(client_of, bob, bring):
    confirmed(client_of(bob), bring(**METRICS, **ARMS))
    content = WHOLE.replace(",A,", ",x,").replace(",B,", ",A,").replace(",x,", ",B,")
    page = client_of(bob).get(bring(content, **METRICS, **EXCHANGED))
    assert titles_of(page) == ["The arms look swapped compared with the last upload"]


def test_behind_the_veil_only_the_exchange_is_said(client_of, alice, bob, carol, pod, objective):
    running = launched(make_experiment(alice, pod, objective=objective, analyst=carol), alice)
    client = client_of(bob)
    confirmed(client, mapped(client, running, WHOLE, **METRICS, **ARMS).url)
    page = client.get(mapped(client, running, WHOLE, **METRICS, **EXCHANGED).url)
    assert "The arms look swapped compared with the last upload" in titles_of(page)
    assert "on the other side" not in page.content.decode()
    assert "Floe compared the two uploads and shows no outcome here." in page.content.decode()


def test_the_masked_analyst_sees_labels_and_arms_without_sizes(
    client_of, alice, carol, pod, objective
):
    running = launched(
        make_experiment(alice, pod, objective=objective, analyst=carol, reading="any-time"), alice
    )
    content = WHOLE + "v1,A,0,1,0\nv2,A,0,1,0\n"
    client = client_of(carol)
    page = client.get(mapped(client, running, content, **METRICS, **ARMS).url)
    text = page.content.decode()
    assert [row.units for row in page.context["page"].arms] == [None, None]
    assert "half, as planned" in text
    assert ">202<" not in text
    assert "As it is 202" not in text
    assert "402 units" in text


def test_labels_are_never_assigned_by_their_order(client_of, bob, running):
    upload(client_of(bob), running, "user,group,Reactivated\nu1,Group X,1\nu2,Group Y,0\n")
    url = reverse("experiments:intake_map", args=[running.pk, Intake.objects.get().pk])
    form = client_of(bob).get(url).context["form"]
    assert [field.value() for field in form.label_fields()] == ["", ""]
    values = {"shape": "units", "variant": "group", "labels_of": "group", "unit": "user",
              f"metric_{running.primary.pk}": "Reactivated", "label_0": "As it is"}  # fmt: skip
    response = client_of(bob).post(url, values)
    assert response.status_code == 422
    assert response.context["form"].errors["label_1"] == [
        "Choose an arm, or leave out the rows with this label."
    ]


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ("Control group", "Holiday"),
        ("CTRL", "x"),
        ("baseline", "zzz"),
        ("As it is", "New"),
        ("0", "7"),
    ],
)
def test_a_known_word_names_the_control_wherever_it_stands(client_of, bob, running, known, other):
    for first, second in ((known, other), (other, known)):
        content = f"user,group,Reactivated\nu1,{first},1\nu2,{second},0\n"
        upload(client_of(bob), running, content)
        url = reverse("experiments:intake_map", args=[running.pk, Intake.objects.latest("pk").pk])
        form = client_of(bob).get(url).context["form"]
        arms = {field.label: field.value() for field in form.label_fields()}
        assert arms[f"“{known}” is"] == "As it is"
        assert arms[f"“{other}” is"] != "As it is"


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        ("0", "1"), ("FALSE", "TRUE"), ("ctrl", "exp"), ("off", "on"), ("original", "variation_1"),
        ("control_v1", "variant_v2"), ("holdout", "mailed"), ("C", "T"), ("Kontrolle", "Test"),
        ("no", "yes"), ("sin", "con"), ("Control Group", "Variant 1"), ("Z_control_no_ask", "A_ask"),
        ("grupo de control", "grupo B"), ("témoin", "essai"), ("A", "B"),
    ],
)  # fmt: skip
def test_no_pair_of_labels_is_ever_swapped_whichever_comes_first(
    client_of, bob, running, control, treatment
):
    for first, second in ((control, treatment), (treatment, control)):
        content = f"user,group,Reactivated\nu1,{first},1\nu2,{second},0\n"
        upload(client_of(bob), running, content)
        url = reverse("experiments:intake_map", args=[running.pk, Intake.objects.latest("pk").pk])
        form = client_of(bob).get(url).context["form"]
        arms = {field.label: field.value() for field in form.label_fields()}
        assert arms[f"“{control}” is"] in ("As it is", "")
        assert arms[f"“{treatment}” is"] in ("Series named", "")


def test_a_file_with_problems_needs_a_reason_that_is_kept(client_of, bob, running, bring):
    url = bring(**METRICS, **ARMS)
    taken = Intake.objects.get()
    taken.understood["problems"] = ["Only the largest amounts are rejected."]
    taken.save()
    client = client_of(bob)
    page = client.get(url).content.decode()
    assert "Only the largest amounts are rejected." in page
    assert "Count it all the same" in page
    assert "Confirm and count" not in page
    assert client.post(url, {"do": "count", "reason": " "}).status_code == 409
    assert not Observation.objects.exists()
    assert client.post(url, {"do": "count", "reason": "The test orders were taken out."}).url
    event = Event.objects.about(running).filter(verb="intake").latest("pk")
    assert "despite its problems: The test orders were taken out." in event.sentence
    assert event.details["problems"] == ["Only the largest amounts are rejected."]


ONLY_YES = "user,group,Reactivated,Opened,Unsubscribed\n" + "".join(
    f"u{n},{'AB'[n % 2]},{int(n % 20 < 4)},{'yes' if n % 8 < 3 else ''},0\n" for n in range(400)
)


def test_an_open_question_keeps_a_file_from_counting_and_its_answer_is_kept(client_of, bob, bring):
    url = bring(ONLY_YES, **METRICS, **ARMS)
    client = client_of(bob)
    page = client.get(url)
    text = page.content.decode()
    (question,) = page.context["page"].questions
    assert "1 question is open: Does an empty “Opened” mean no?" in text
    assert not any("As it is" in choice.effect for choice in question.choices)
    assert client.post(url, {"do": "count"}).status_code == 409
    with pytest.raises(Refused, match="1 question is open"):
        flow.count(Intake.objects.get(), by=bob)
    first, second = (choice.key for choice in question.choices)
    answer = client.post(url, {"do": "count", f"answer:{question.key}": first})
    assert (answer.status_code, answer.url) == (302, url)
    assert Intake.objects.get().state == "understood", (
        "the figures are new, so they are shown first"
    )
    page = client.get(url)
    assert "Check the figures, then confirm." in page.content.decode()
    assert "2 of 2 answered" in page.content.decode()
    shares = {
        name: value["As it is"] for name, value in Intake.objects.get().understood["values"].items()
    }
    client.post(url, {"do": "look", f"answer:{question.key}": second})
    assert Intake.objects.get().understood["values"]["Opened"]["As it is"] != shares["Opened"]
    client.post(url, {"do": "look", f"answer:{question.key}": first})
    client.post(url, {"do": "count", f"answer:{question.key}": first})
    assert Intake.objects.get().state == "counted"


def test_the_answer_holds_for_the_next_file_and_says_where_it_is_from(client_of, bob, bring):
    client = client_of(bob)
    url = bring(ONLY_YES, **METRICS, **ARMS)
    (question,) = client.get(url).context["page"].questions
    client.post(url, {"do": "look", f"answer:{question.key}": question.choices[0].key})
    confirmed(client, url)
    page = client.get(bring(ONLY_YES, **METRICS, **ARMS))
    assert not page.context["page"].review.open_questions
    assert "as in the file of" in page.content.decode()
