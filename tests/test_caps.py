"""Everything that people can send has a cap: each serializer, form and stored text, found in the code."""

import copy
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import connection, models
from django.forms.formsets import BaseFormSet
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers

import backlog
import experiments
from backlog import caps
from backlog.api.bounded import BoundedDict, BoundedList, ManyKeys
from backlog.filters import IdeaFilter
from backlog.flows.ideas import add_idea, edit_idea
from backlog.forms.days import DayField
from backlog.models import Comment, Tag
from tests.factories import make_idea

ROOT = Path(__file__).parent.parent
OURS = ("backlog", "experiments")


@pytest.fixture(scope="module", autouse=True)
def _every_module():
    for package in (backlog, experiments):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in module.name and ".management." not in module.name:
                importlib.import_module(module.name)


def below(cls: type) -> Iterator[type]:
    for one in cls.__subclasses__():
        yield one
        yield from below(one)


def of_ours(cls: type) -> list[type]:
    return sorted({one for one in below(cls) if one.__module__.split(".")[0] in OURS}, key=str)


def read_by_a_view() -> set[str]:
    """Names of the serializers that the code hands a body to."""
    names: set[str] = set()
    for folder in OURS:
        for path in (ROOT / folder).rglob("api/**/*.py"):
            text = path.read_text()
            names |= set(re.findall(r"(?:\.inputs\(|[( ]request=)\s*(?:\w+\.)?([A-Z]\w+)", text))
    return names


def loose(name: str, field: Any) -> Iterator[str]:
    """What of a field has no bound."""
    if field.read_only:
        return
    if isinstance(field, serializers.BaseSerializer) and hasattr(field, "fields"):
        for inner, one in field.fields.items():
            yield from loose(f"{name}.{inner}", one)
    elif isinstance(field, serializers.ListSerializer):
        yield from [f"{name}: no max_length"] if not field.max_length else []
        yield from loose(f"{name}[]", field.child)
    elif isinstance(field, serializers.DictField):
        yield from [] if isinstance(field, BoundedDict) else [f"{name}: any number of names"]
        yield from loose(f"{name}{{}}", field.child)
    elif isinstance(field, serializers.ListField):
        yield from [] if isinstance(field, BoundedList) else [f"{name}: counted too late"]
        yield from loose(f"{name}[]", field.child)
    elif isinstance(field, serializers.ManyRelatedField):
        yield from [] if isinstance(field, ManyKeys) else [f"{name}: a query an id"]
    elif isinstance(field, serializers.JSONField):
        yield f"{name}: any JSON"
    elif isinstance(field, serializers.CharField) and not field.max_length:
        yield f"{name}: no max_length"


def test_every_serializer_that_reads_a_body_has_bounds():
    named = read_by_a_view()
    classes = [one for one in of_ours(serializers.Serializer) if one.__name__ in named]
    assert len(classes) > 25
    assert [fault for one in classes for fault in loose(one.__name__, one())] == []


def test_every_form_has_bounds():
    classes, wrong = of_ours(forms.BaseForm), []
    for one in classes:
        for name, field in one.base_fields.items():
            if isinstance(field, forms.CharField):
                capped = any(isinstance(rule, MaxLengthValidator) for rule in field.validators)
                wrong += [] if capped else [f"{one.__name__}.{name}"]
            if isinstance(field, forms.DateField) and not isinstance(field, DayField):
                wrong.append(f"{one.__name__}.{name}: any day")
            assert not isinstance(field, forms.JSONField)
    assert len(classes) > 40
    assert wrong == []


def test_no_form_speaks_in_the_words_of_django():
    sentences = {
        f"{one.__name__}.{name}: {sentence}"
        for one in of_ours(forms.BaseForm)
        for name, field in one.base_fields.items()
        for sentence in _sentences_of(field)
    }
    assert len(sentences) > 300
    assert [one for one in sorted(sentences) if "Ensure " in one or "valid choice" in one] == []


def _sentences_of(field):
    own = field.error_messages
    rules = [
        own.get(rule.code) or rule.message for rule in field.validators if hasattr(rule, "code")
    ]
    return [*own.values(), *rules]


def test_every_list_of_a_form_has_a_cap():
    """Beyond the number of fields that any form may have."""
    for one in below(BaseFormSet):
        if hasattr(one, "max_num") and one.form.__module__.split(".")[0] in OURS:
            assert (one.max_num <= 30, one.validate_max) == (True, True), one
    many = {
        f"{one.__name__}.{name}"
        for one in of_ours(forms.BaseForm)
        for name, field in one.base_fields.items()
        if isinstance(field, forms.ModelMultipleChoiceField) and not hasattr(one, f"clean_{name}")
    }
    assert many == set()


def test_every_filter_has_a_bound():
    for name, one in IdeaFilter.base_filters.items():
        field = copy.deepcopy(one).field  # a filter keeps its field, and with it who asked
        if type(field) is forms.CharField:
            assert field.max_length, name
        if isinstance(field, forms.DecimalField):
            assert field.max_value is not None, name


def texts() -> list[models.Field]:
    return [
        field
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField))
    ]


def test_every_stored_text_has_a_cap_that_the_model_holds():
    assert len(texts()) > 100
    for field in texts():
        assert field.max_length, str(field)
        with pytest.raises(ValidationError):
            field.run_validators("x" * (field.max_length + 1))


def test_a_flow_takes_no_longer_text_than_a_form(bob, pod):
    longest = Comment._meta.get_field("text").max_length
    with pytest.raises(ValidationError, match="at most 5,000 characters"):
        Comment(text="x" * (longest + 1), author=bob).full_clean(exclude=["idea"])


@pytest.mark.parametrize(
    ("noun", "body", "field"),
    [
        ("ideas", {"tags": [f"t{n}" for n in range(50_000)]}, "tags"),
        ("ideas", {"title": "x" * 201}, "title"),
        ("ideas", {"description": "x" * 20_001}, "description"),
        ("rounds", {"title": "R", "ideas": list(range(1, 100_001))}, "ideas"),
        ("experiments", {"arms": [{"name": f"a{n}"} for n in range(2_000)]}, "arms"),
        ("experiments", {"rules": [{"kind": "exclude", "text": "x"}] * 2_000}, "rules"),
        ("experiments", {"metrics": [{"role": "other", "name": "x"}] * 2_000}, "metrics"),
    ],
)
def test_too_much_is_a_sentence_that_names_the_field(client_of, alice, pod, noun, body, field):
    idea = make_idea(alice, pod, "One")
    of = {"idea": idea.pk} if noun == "experiments" else {"pod": pod.pk}
    body = {**of, "title": "One", **body}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client_of(alice).post(f"/api/v1/{noun}/", body, content_type="application/json")
    assert answer.status_code == 400
    assert re.search(r"\d", str(answer.json()[field])), answer.json()
    assert len(queries) < 30


def test_a_round_asks_once_for_its_ideas(client_of, alice, bob, pod):
    few, many = [make_idea(alice, pod, f"I{n}").pk for n in range(2)], []

    def queries(ids: list[int]) -> int:
        body = {"pod": pod.pk, "title": "R", "ideas": [*ids, 10**9]}  # the last is nowhere
        with CaptureQueriesContext(connection) as captured:
            answer = client_of(alice).post("/api/v1/rounds/", body, content_type="application/json")
        assert answer.status_code == 409
        return len(captured)

    many = few + [make_idea(alice, pod, f"J{n}").pk for n in range(30)]
    assert queries(few) == queries(many)


@pytest.mark.parametrize(
    ("ids", "status"),
    [([True], 400), (["x"], 400), ([1.5], 400), ([None], 400), ([[1]], 400), ("12", 400), (5, 400),
     ({"a": 1}, 400), ([], 409), ([2**70], 400)],
)  # fmt: skip
def test_ids_that_are_none_are_refused(client_of, alice, pod, ids, status):
    body = {"pod": pod.pk, "title": "R", "ideas": ids}
    answer = client_of(alice).post("/api/v1/rounds/", body, content_type="application/json")
    assert answer.status_code == status


def test_a_flow_holds_the_caps_by_itself(alice, pod):
    with pytest.raises(ValidationError, match=r"at most 30 tags\. You entered 31"):
        add_idea(by=alice, pod=pod, title="One", tags=[f"t{n}" for n in range(31)])
    assert not Tag.objects.exists()


@pytest.fixture
def writes():
    """How many rows were written into the index of words so far, as the database counts them."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("CREATE TEMP TABLE written (id integer)")
            cursor.execute(
                "CREATE TEMP TRIGGER count_writes AFTER INSERT ON main.backlog_ideatext_content "
                "BEGIN INSERT INTO written VALUES (NEW.id); END"
            )
            sql = "SELECT count(*) FROM written"
        else:
            sql = (
                "SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0) FROM pg_stat_xact_user_tables "
                "WHERE relname = 'backlog_ideatext'"
            )

        def count() -> int:
            cursor.execute(sql)
            return int(cursor.fetchone()[0])

        yield count
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER temp.count_writes")
            cursor.execute("DROP TABLE temp.written")


def test_the_words_of_an_idea_are_written_once_for_all_its_tags(alice, pod, writes):
    idea = add_idea(by=alice, pod=pod, title="One", tags=["old"])
    before = writes()
    edit_idea(idea, by=alice, tags=["old", "one"])
    one = writes() - before
    edit_idea(idea, by=alice, tags=[f"t{n}" for n in range(caps.MOST_TAGS)])
    assert (one, writes() - before - one) in ((1, 1), (1, 2))  # PostgreSQL: once in, once out
    ideas = type(idea).objects
    assert ideas.having_text("t29", pods=None, most=None).get() == idea
    assert not ideas.having_text("old", pods=None, most=None).exists()


def test_json_is_bounded_in_depth_and_size(token_of, alice, pod):
    client, _ = token_of(alice)
    deep = {"pod": pod.pk, "title": "x", "tags": json.loads("[" * 30 + "]" * 30)}
    answer = client.post("/api/v1/ideas/", deep, content_type="application/json")
    assert (answer.status_code, answer.json()) == (
        400,
        {"detail": "This JSON is nested more than 20 levels deep."},
    )
    big = json.dumps({"pod": pod.pk, "title": "x" * (9 * 1024 * 1024)})
    answer = client.post("/api/v1/ideas/", big, content_type="application/json")
    assert answer.status_code == 413
