"""The calculator on a page of its own, shared by its address."""

from django.urls import reverse

URL = reverse("experiments:experiment_calculator")
ASKED = {"kind": "proportion", "baseline": "10", "smallest_effect": "10", "units_per_week": "10000"}
PART = {"HX-Request": "true", "HX-Target": "calculator"}


def page(client, **figures):
    answer = client.get(URL, figures)
    assert answer.status_code == 200
    return answer.content.decode()


def test_its_address_holds_what_was_asked_and_it_answers_in_words(client_of, vera):
    client = client_of(vera)
    assert "Enter the baseline of the primary metric" in page(client, kind="proportion")
    text = page(client, **ASKED)
    assert "14,751" in text
    assert 'name="baseline" value="10"' in text
    assert "In 3 weeks, a lift of 10\xa0% is found 4 times in 5. In 2 weeks you would see only effects above" in text  # fmt: skip
    part = client.get(URL, ASKED, headers=PART).content.decode()
    assert part.lstrip().startswith('<div id="calculator"')


def test_it_opens_with_an_example_and_says_which_fields_it_needs(client_of, vera):
    text = page(client_of(vera))
    assert 'name="baseline" value="4"' in text
    assert "a lift of 12.5\xa0% is found 4 times in 5" in text
    for label, is_optional in (("Baseline", False), ("Smallest lift that matters", False),
                               ("Units a week", True), ("Standard deviation", True)):  # fmt: skip
        shown = text[text.index(f">{label}") :].split("</label>")[0]
        assert ("optional" in shown) == is_optional, label
    mean = page(client_of(vera), kind="mean", baseline="10", smallest_effect="5")
    assert "optional" not in mean[mean.index(">Standard deviation") :].split("</label>")[0]


def test_it_says_what_figures_from_before_and_fewer_arms_would_save(client_of, vera):
    text = page(client_of(vera), **ASKED, arms="4")
    assert "CUPED, correlation 0.5" in text
    assert "Two arms instead of 4: 29,502 units in all" in text
    adjusted = page(client_of(vera), **ASKED, correlation="0,5")
    assert "11,064" in adjusted or "11,063" in adjusted
    assert "CUPED, correlation" not in adjusted


def test_it_says_what_each_planned_look_would_find(client_of, vera):
    text = page(client_of(vera), **ASKED, reading="planned-looks", looks="2")
    assert "Look 1, at 14,8" in text
    assert "What each look would find" in text
    assert "What each look would find" not in page(client_of(vera), **ASKED)


def test_nonsense_is_answered_in_words(client_of, vera):
    for wrong in ({"baseline": "<script>"}, {"baseline": "1e400"}, {"arms": "99"}, {"kind": "x"},
                  {"baseline": "0"}, {"smallest_effect": "100000"}, {"correlation": "2"}):  # fmt: skip
        text = page(client_of(vera), **{**ASKED, **wrong})
        assert "<script>" not in text.replace("<script ", "")
