"""Tags and components say the same to the eye and to the ear."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation
from lucide import IconDoesNotExist

from backlog.templatetags import charts, figures, states
from backlog.templatetags.shapes import SHAPES, icon


def an_idea(**changes: Any) -> SimpleNamespace:
    values: dict[str, Any] = {
        "status": "scored",
        "ice": 7.4,
        "ice_low": 6.7,
        "ice_high": 8.1,
        "scorer_count": 6,
        "agreement": "close",
        "rank": 3,
        "rank_low": 1,
        "rank_high": 8,
        "is_blind": False,
        "snoozed_until": None,
    }
    return SimpleNamespace(**(values | changes))


def shown(source: str, **values: Any) -> str:
    return Template(source).render(Context(values)).strip()


def test_a_score_comes_with_its_range() -> None:
    bar = states.interval_bar(an_idea())
    assert 'aria-label="7.4, could be 6.7 to 8.1"' in bar
    assert '<rect class="bd" x="68.4" y="4" width="16.8"' in bar


def test_one_scorer_has_no_made_up_range() -> None:
    bar = states.interval_bar(an_idea(scorer_count=1, ice_low=None, ice_high=None))
    assert "one score, no range yet" in bar
    assert 'class="bd"' not in bar


def test_the_product_has_an_axis_of_its_own() -> None:
    bar = states.interval_bar(an_idea(ice=500.0, ice_low=400.0, ice_high=612.0), "product")
    assert 'aria-label="500, could be 400 to 612"' in bar
    assert ">1,000<" in states.ice_axis("product")


def test_a_blind_idea_looks_the_same_whatever_its_scores() -> None:
    hidden = an_idea(is_blind=True, status="in_round", ice=None, ice_low=None, ice_high=None)
    leaky = an_idea(is_blind=True, status="in_round", ice=9.9, agreement="split", rank=1)
    for tag in (states.interval_bar, states.ice, states.rank, states.agreement):
        assert tag(hidden) == tag(leaky)


def test_every_state_has_a_shape_and_a_word() -> None:
    for look in [*states.IDEAS.values(), *states.EXPERIMENTS.values()]:
        assert look.shape in SHAPES
        assert look.word in states.state(look)


def test_a_snoozed_idea_says_until_when() -> None:
    idea = an_idea(status="snoozed", snoozed_until=dt.date(2027, 1, 12))
    assert "Until 12 Jan" in states.idea_status(idea)
    assert "Snoozed until 12 Jan" in states.idea_status(idea, badge=True)


def test_a_running_experiment_may_be_veiled() -> None:
    veiled = SimpleNamespace(status="running", is_veiled=True)
    assert "Running, veiled" in states.experiment_status(veiled)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.092, "+9.2\xa0%"),
        (-0.017, "−1.7\xa0%"),
        (0.0, "0.0\xa0%"),
        (-0.0001, "0.0\xa0%"),
        (None, "–"),
    ],
)
def test_a_lift_has_its_sign(value: float | None, text: str) -> None:
    assert figures.signed_percent(value) == text


def test_small_effects_keep_two_decimals() -> None:
    assert figures.effect(0.0002, -0.0037, 0.0042, "points") == "+0.02\xa0points (−0.37 to 0.42)"
    assert figures.effect(0.092, 0.017, 0.173) == "+9.2\xa0% (1.7 to 17.3)"


def test_icons_are_hidden_from_readers_and_misspelt_ones_are_found() -> None:
    assert 'aria-hidden="true"' in icon("flask-conical")
    assert "style=" not in icon("flask-conical")
    with pytest.raises(IconDoesNotExist):
        icon("flask-comical")


def test_a_forest_plot_is_a_table_whose_zero_is_one_line() -> None:
    rows = [
        {"name": "B", "low": 0.017, "value": 0.092, "high": 0.173, "word": "better", "kind": "won"}
    ]
    groups = [{"name": "Paid", "rows": rows}, {"name": "Opened", "rows": rows}]
    html = shown('{% forest groups caption="Arms" %}', groups=groups)
    assert '<caption class="sr">Arms</caption>' in html
    assert "<b>+9.2\xa0%</b> (1.7 to 17.3)" in html
    zeros = {part.split('"')[1] for part in html.split('class="zero" x1=')[1:]}
    assert len(zeros) == 1


def test_where_fewer_is_better_the_scale_is_turned() -> None:
    rows = [{"name": "B", "low": -0.0037, "value": 0.0002, "high": 0.0042, "kind": "ok"}]
    group = {
        "name": "Left",
        "unit": "points",
        "rows": rows,
        "margin": 0.005,
        "fewer_is_better": True,
    }
    drawn = charts.forest_groups([group])[0]
    assert drawn["beyond"]["x"] < drawn["rows"][0]["x"]
    assert drawn["rows"][0]["ends"] == sorted(drawn["rows"][0]["ends"])


def test_what_cannot_be_computed_is_said_and_not_drawn() -> None:
    rows = [
        {"name": "B", "low": None, "value": None, "high": None, "word": "no data", "kind": "warn"}
    ]
    html = shown('{% forest groups caption="Arms" %}', groups=[{"name": "Paid", "rows": rows}])
    assert "no data" in html
    assert "<circle" not in html


@pytest.mark.parametrize(
    "points", [[], [(1, 1.28)], [(week, 1.28 / week) for week in range(1, 40)]]
)
def test_a_curve_is_drawn_from_any_number_of_points(points: list[tuple[float, float]]) -> None:
    html = shown('{% curve points label="Effect by weeks" chosen=4 limit=0.7 %}', points=points)
    assert ("Effect by weeks" in html) == bool(points)
    assert "nan" not in html.lower()


def test_a_trend_ends_filled_where_it_is_clear() -> None:
    clear, unclear = [(2, -7.4, 2.1, 11.6), (14, 0.7, 3.8, 6.9)], [(2, -7.4, 2.1, 11.6)]
    assert 'class="pt won"' in shown('{% trend points label="x" %}', points=clear)
    assert 'class="pt won"' not in shown('{% trend points label="x" %}', points=unclear)


def test_a_component_wraps_its_body_and_escapes_its_title() -> None:
    html = shown('{% component "panel" title=title %}<p>Body</p>{% endcomponent %}', title="<b>")
    assert "<h2>&lt;b&gt;</h2>" in html
    assert "<p>Body</p>" in html


class Sheet(forms.Form):
    title = forms.CharField(help_text="One line.", error_messages={"required": "Give it a title."})
    is_read = forms.BooleanField(label="I have read it", required=False)


def test_an_error_stands_beside_its_field_and_is_tied_to_it() -> None:
    html = str(Sheet({"title": ""}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_error"' in html
    assert 'class="err"><svg' in html
    assert "Give it a title." in html
    assert 'class="input"' in html


def test_a_number_is_written_in_the_language_of_whoever_reads_it():
    assert figures.number(1234.5, 1) == "1,234.5"
    with translation.override("de"):
        assert figures.number(1234.5, 1) == "1.234,5"
    assert figures.number(1234.5, 1) == "1,234.5"
