"""A reading closer up: every method, day by day, spread, segments; nothing of it behind the veil."""

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.engine.drilldown import by_every_method, day_by_day, within_segments
from experiments.models import Analysis, Experiment, Intake
from experiments.plan.document import Plan
from experiments.stats import Proportion, confidence_sequence, posterior
from experiments.views.drilldown import WAYS
from tests.factories import analysed, launched, make_experiment, totals

SEGMENTS = [
    {"column": "Country", "value": value, "samples": {"Reactivated": {
        "As it is": {"n": 5_000, "successes": 500},
        "Series named": {"n": 5_000, "successes": hits}}}}
    for value, hits in (("Austria", 610), ("<b>Peru</b>", 505), ("Chad", 500))
]  # fmt: skip
SPREAD = {"Reactivated": {arm: {"edges": [0.0, 1.0, 2.0, 9.0], "counts": counts}
                          for arm, counts in (("As it is", [5, 3, 2]), ("Series named", [4, 4, 2]))}}  # fmt: skip


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


def test_every_method_is_there_and_is_the_engine_s(running, bob, client_of, vera):
    made = analysed(running, bob)
    group = by_every_method(made.inputs)[0]
    rows = {WAYS[row["way"]]: row for row in group["rows"]}
    pair = Proportion(15_000, 1_500), Proportion(15_000, 1_800)
    assert rows["Bayes, beta (1, 1)"]["chance"] == posterior(*pair).chance_to_win
    look = confidence_sequence(*pair, planned_n=29_502)
    assert rows["Any time, confidence sequence"]["low"] == look.low
    assert 0 < rows["Exact, Fisher"]["p_value"] < 1e-6
    assert len(rows) == 7
    url = reverse("experiments:analysis_methods", args=[running.pk, 1])
    page = client_of(vera).get(url).content.decode()
    for name in rows:
        assert name in page
    results = client_of(vera).get(reverse("experiments:experiment_results", args=[running.pk]))
    assert "manage.py reread" in results.content.decode()


def test_by_no_method_behind_the_veil(running, bob, client_of, vera):
    analysed(running, bob, totals(n=2_000))
    Intake.objects.update(understood={"units": {}, "segments": SEGMENTS, "histograms": SPREAD})
    url = reverse("experiments:analysis_methods", args=[running.pk, 1])
    page = client_of(vera).get(url).content.decode()
    assert "Its results are not open yet." in page
    assert "Bayes" not in page
    page = client_of(vera).get(reverse("experiments:experiment_results", args=[running.pk]))
    assert "Austria" not in page.content.decode()
    assert "is spread" not in page.content.decode()


def test_behind_the_veil_units_a_day_stand_for_all_arms_together(running, bob, client_of, vera):
    made = analysed(running, bob, totals(n=2_000))
    days = [{"metric": "Reactivated", "variant": arm, "day": f"2026-11-0{day}", "n": n + 500,
             "successes": 77} for day, n in ((2, 100), (3, 234))
            for arm in ("As it is", "Series named")]  # fmt: skip
    evidence = {**made.inputs, "accumulation": "daily",
            "observations": [*made.inputs["observations"], *days]}  # fmt: skip
    Analysis.objects.update(inputs=evidence)
    url = reverse("experiments:experiment_results", args=[running.pk])
    page = client_of(vera).get(url).content.decode()
    assert "2 Nov 1,200; 3 Nov 1,468; " in page
    assert "77" not in page[page.index("h-arrivals") : page.index("</table>")]


def test_over_time_within_segments_and_spread(running, bob, client_of, vera):
    made = analysed(running, bob)
    intake = made.intake
    intake.understood |= {"segments": SEGMENTS, "histograms": SPREAD}
    intake.save()
    days = [
        {"metric": "Reactivated", "variant": arm, "day": f"2026-11-0{day}", "n": 1_000,
         "successes": hits + day}
        for day in (2, 3, 5) for arm, hits in (("As it is", 100), ("Series named", 130))
    ]  # fmt: skip
    evidence = {**made.inputs, "accumulation": "daily",
            "observations": [*made.inputs["observations"], *days]}  # fmt: skip
    Analysis.objects.update(inputs=evidence)
    rows = day_by_day(evidence, "Reactivated", "Series named")
    assert [str(row["day"]) for row in rows] == ["2026-11-02", "2026-11-03", "2026-11-05"]
    look = confidence_sequence(
        Proportion(3_000, 310), Proportion(3_000, 400), planned_n=29_502, confidence=0.95
    )
    assert (rows[-1]["low"], rows[-1]["high"]) == (look.low, look.high)
    page = client_of(vera).get(reverse("experiments:experiment_results", args=[running.pk]))
    text = page.content.decode()
    assert "Over time: “Series named”, Reactivated" in text
    assert "On day 4 +3, " in text
    assert "&lt;b&gt;Peru&lt;/b&gt;" in text
    assert "p adjusted over all 3 comparisons" in text
    assert "Distribution of “Reactivated”" in text
    assert "1 to 2: 40" in text


def test_segments_are_adjusted_over_all_of_their_comparisons(running, bob):
    made = analysed(running, bob)
    rows = within_segments(SEGMENTS, Plan.from_json(made.inputs["plan"]), {}, "Reactivated")
    assert [row["adjusted_p"] >= row["p_value"] for row in rows] == [True] * 3
    assert rows[0]["adjusted_p"] == pytest.approx(3 * rows[0]["p_value"])


def test_the_masked_analyst_reads_letters_here_too(client_of, alice, bob, carol, pod, objective):
    made = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, reading="any-time"), alice
    )
    analysed(made, carol, totals(n=3_000, treatment=0.105))
    intake = Intake.objects.get()
    intake.understood |= {"segments": SEGMENTS, "histograms": SPREAD}
    intake.save()
    for name, args in (("analysis_methods", [made.pk, 1]), ("experiment_results", [made.pk]),
                       ("experiment_decide", [made.pk])):  # fmt: skip
        page = client_of(bob).get(reverse(f"experiments:{name}", args=args)).content.decode()
        assert "“Series named”" not in page, name
    assert (
        "Arm B"
        in client_of(bob)
        .get(reverse("experiments:experiment_results", args=[made.pk]))
        .content.decode()
    )
    assert Experiment.objects.get().ends_on > timezone.localdate()
