"""The figures of past experiments: rates, per cent, intervals and directions, read or asked about."""

import pytest

from experiments.models import EvidenceRow, Experiment, Metric, PastRecord
from tests.experiments.past_kit import add, bring_in, paste, read

SPACE = "\N{NO-BREAK SPACE}"
RATES = "Test\tEnd\tMetric\tControl sends\tControl {0}\tVariant sends\tVariant {0}\n"


def only(model):
    return model.objects.get()


def counts_in_arms():
    return [(arm["units"], arm["conversions"]) for arm in only(PastRecord).arms]


@pytest.mark.parametrize("head", ["CR %", "conversion rate (%)", "conv %", "CR (per cent)"])
def test_a_rate_whose_header_says_per_cent_is_no_count(client_of, alice, pod, head):
    sheet = RATES.format(head) + "Rates\t2026-03-31\tBought\t10000\t5\t10000\t6\n"
    bring_in(client_of(alice), sheet)
    assert counts_in_arms() == [(10_000, 500), (10_000, 600)]
    assert (only(EvidenceRow).lift, only(EvidenceRow).outcome) == (pytest.approx(0.2), "won")


@pytest.mark.parametrize(("control", "variant", "counts"), [
    ("5.2", "6.25", (520, 625)), ("5,2", "6,25", (520, 625)), ("5.250", "6.125", (525, 612)),
])  # fmt: skip
def test_rates_with_decimals_come_in_as_rates(client_of, alice, pod, control, variant, counts):
    row = f"Rates\t2026-03-31\tBought\t10000\t{control}\t10000\t{variant}\n"
    page = paste(client_of(alice), RATES.format("CR %") + row).content.decode()
    assert "The conversions of “Control” are worked out from its rate" in page
    add(client_of(alice))
    assert counts_in_arms() == [(10_000, counts[0]), (10_000, counts[1])]


@pytest.mark.parametrize(("unit", "cells", "effect"), [
    ("percent", ("5", "6"), f"“5” is 500{SPACE}%"), ("fraction", ("0.05", "0.06"), f"“0.05” is 5{SPACE}%"),
])  # fmt: skip
def test_the_unit_of_a_plain_rate_is_asked(client_of, alice, pod, unit, cells, effect):
    client = client_of(alice)
    row = f"Rates\t2026-03-31\tBought\t10000\t{cells[0]}\t10000\t{cells[1]}\n"
    page = paste(client, RATES.format("CR") + row).content.decode()
    assert "Are the rates of the sheet per cent or fractions?" in page
    assert effect in page
    add(client)
    assert not Experiment.objects.exists()
    read(client, **{"answer:rates": unit})
    add(client)
    assert counts_in_arms() == [(10_000, 500), (10_000, 600)]


def test_a_rate_chosen_by_hand_is_no_count_either(client_of, alice, pod):
    client = client_of(alice)
    sheet = RATES.format("CTR") + "Rates\t2026-03-31\tBought\t10000\t5\t10000\t6\n"
    assert "Are the rates" not in paste(client, sheet).content.decode()
    by_hand = {"column-4": "conversions_0", "column-6": "conversions_1"}
    assert "Are the rates of the sheet" in read(client, **by_hand)
    read(client, **by_hand, **{"answer:rates": "percent"})
    add(client)
    assert counts_in_arms() == [(10_000, 500), (10_000, 600)]


def test_conversions_with_and_without_a_sign_in_one_column_are_asked_about(client_of, alice, pod):
    sheet = RATES.format("conversions") + (
        "Signs\t2026-03-31\tBought\t10000\t5 %\t10000\t600\n"
        "Counts\t2026-03-31\tBought\t10000\t500\t10000\t600\n"
    )
    client = client_of(alice)
    page = paste(client, sheet).content.decode()
    assert "What are the numbers without a % sign in “Control conversions”?" in page
    assert "in “Variant conversions”?" not in page
    read(client, **{"answer:conversions:4": "count"})
    add(client)
    assert [row.lift for row in EvidenceRow.objects.all()] == pytest.approx([0.2, 0.2])


def test_a_column_whose_header_says_per_cent_keeps_it_whatever_is_answered(client_of, alice, pod):
    sheet = (
        "Test\tEnd\tMetric\tLift %\t95% CI low\t95% CI high\n"
        "Signs\t2026-03-31\tBought\t20\t0.07\t0.35\n"
    )
    client = client_of(alice)
    page = paste(client, sheet).content.decode()
    assert f"“0.07” is 7{SPACE}%" in page
    read(client, **{"answer:unit": "fraction"})
    add(client)
    row = only(EvidenceRow)
    assert (row.lift, row.low, row.high) == pytest.approx((0.2, 0.07, 0.35))


def test_a_sign_for_one_in_a_thousand_is_a_sign(client_of, alice, pod):
    sheet = (
        "Test\tEnd\tMetric\tLift %\t95% CI low %\t95% CI high %\n"
        "Signs\t2026-03-31\tBought\t5 ‰\t0.1\t0.9\n"
    )
    bring_in(client_of(alice), sheet)
    row = only(EvidenceRow)
    assert (row.lift, row.low, row.high) == pytest.approx((0.005, 0.001, 0.009))


def test_the_direction_of_a_metric_also_comes_from_rows_with_only_words(client_of, alice, pod):
    sheet = (
        "Test\tEnd\tLever\tMetric\tResult\tn A\tconv A\tn B\tconv B\n"
        "Words\t2026-02-28\tTone\tUnsubscribed\twon\t\t\t\t\n"
        "Counts\t2026-03-31\tTone\tUnsubscribed\t\t10000\t500\t10000\t400\n"
    )
    client = client_of(alice)
    paste(client, sheet)
    read(client, **{"answer:direction:unsubscribed": "decrease"})
    add(client)
    rows = EvidenceRow.objects.order_by("experiment__number")
    assert [(row.outcome, row.backing, row.is_increase_good) for row in rows] == [
        ("won", "words", False), ("won", "counts", False),
    ]  # fmt: skip
    assert only(Metric).direction == "decrease"


@pytest.mark.parametrize(("lift", "cell", "ends"), [
    ("2 %", "[0.5%,3.2%]", (0.005, 0.032)),
    ("2 %", "[0.5,3.2]", (0.005, 0.032)),
    ("-3 %", "-4% - -2%", (-0.04, -0.02)),
    ("-3 %", "−4 % - −2 %", (-0.04, -0.02)),
    ("5 %", "5 ± 2", (0.03, 0.07)),
    ("5,2 %", "5,2 +/- 1,1 %", (0.041, 0.063)),
    ("5 %", "from 1% to 9%", (0.01, 0.09)),
    ("5 %", "Von 1 % bis 9 %", (0.01, 0.09)),
    ("5 %", "de 1 % a 9 %", (0.01, 0.09)),
    ("5 %", "zwischen 1 % und 9 %", (0.01, 0.09)),
    ("5 %", "0,5%,9,2%", (0.005, 0.092)),
])  # fmt: skip
def test_intervals_are_read_however_they_are_spelt(client_of, alice, pod, lift, cell, ends):
    sheet = "Test\tEnd\tMetric\tLift\t95% CI\nSpelling\t2026-03-31\tBought\t"
    client = client_of(alice)
    paste(client, f"{sheet}{lift}\t{cell}\n")
    read(client, **{"answer:unit": "percent"})
    add(client)
    row = only(EvidenceRow)
    assert row.backing == "interval"
    assert (row.low, row.high) == pytest.approx(ends)


@pytest.mark.parametrize("cell", ["0,5", "1.234,5 %", "1,234", "5 %", "±2", "1,5,3"])
def test_a_cell_that_may_be_one_number_is_not_an_interval(client_of, alice, pod, cell):
    sheet = "Test\tEnd\tMetric\tResult\tLift\t95% CI\nOdd\t2026-03-31\tBought\twon\t2 %\t"
    page = paste(client_of(alice), f"{sheet}{cell}\n").content.decode()
    assert f"“{cell}” is not an interval" in page
