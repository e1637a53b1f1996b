"""Names of arms by a convention: made, read back, checked; and what results files make of them."""

import datetime as dt
import re
import string

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from backlog.refusals import Refused
from experiments.flows.attaching import attach
from experiments.flows.naming import convention_in_force, names_of, save_convention
from experiments.flows.promotion import change_plan
from experiments.forms.guessing import guess_arms
from experiments.models import Experiment, NamingConvention
from experiments.plan.naming import (
    DATE_FORMATS,
    FLOES_OWN,
    Convention,
    Subject,
    Token,
    legal_names,
    problems_in,
)
from experiments.plan.reading_names import arm_called, check_names, keys_named, parse_name
from tests.factories import launched, make_experiment

SIGNS = st.text(max_size=200) | st.text("a_-.ß🙂 ", max_size=200)
OWN_TEXT = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8)


@st.composite
def conventions(draw):
    """Those that may be saved, in any order of their tokens."""
    words = draw(st.sets(st.sampled_from(["prefix", "channel", "segment", "title"])))
    tokens = [Token(kind) for kind in sorted(words)]
    tokens += [Token("key"), Token("arm", draw(st.sampled_from(["letter", "name"])))]
    if draw(st.booleans()):
        tokens.append(Token("date", draw(st.sampled_from(sorted(DATE_FORMATS)))))
    tokens += [Token("text", text) for text in draw(st.lists(OWN_TEXT, max_size=2))]
    return Convention(
        tuple(draw(st.permutations(tokens))),
        draw(st.sampled_from(["_", "-", "."])),
        draw(st.sampled_from(["mixed", "lower", "upper"])),
        draw(st.integers(20, 200)),
    )


@st.composite
def subjects(draw):
    return Subject(
        key=f"EXP-{draw(st.integers(1, 999_999)):03d}",
        prefix=draw(st.text(string.ascii_uppercase, min_size=2, max_size=6)),
        title=draw(SIGNS),
        arms=tuple(draw(st.lists(SIGNS.filter(str.strip), min_size=1, max_size=14, unique=True))),
        channel=draw(st.sampled_from(["", "push", "E-mail, push and in-app", "a, A, ä"]) | SIGNS),
        segment=draw(SIGNS),
        starts_on=draw(st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2068, 12, 31))),
    )


@given(conventions(), subjects())
def test_every_name_is_legal_short_enough_its_own_and_read_back(convention, subject):
    if problems_in(convention):
        return
    names = legal_names(convention, subject)
    assert len({one.name.lower() for one in names}) == len(names)
    for one in names:
        assert re.fullmatch(r"[A-Za-z0-9_.-]+", one.name)
        assert len(one.name) <= convention.longest
        read = parse_name(one.name, convention)
        assert not isinstance(read, str), read
        assert read.parts == one.parts
        assert read.key == subject.key
        assert arm_called(one.name, names) == one.arm
        assert keys_named(f"x,{one.name}\n", convention) == [subject.key]
    verdicts = check_names([one.name for one in names], convention, {subject.key: subject})
    assert all(verdict.is_legal for verdict in verdicts)
    assert [verdict.arm for verdict in verdicts] == [one.arm for one in names]


@given(conventions(), subjects(), st.text(max_size=250))
def test_a_stranger_gets_a_sentence_and_never_an_arm(convention, subject, line):
    if problems_in(convention):
        return
    (verdict,) = check_names([line], convention, {subject.key: subject})
    legal = {one.name for one in legal_names(convention, subject)}
    assert verdict.is_legal == (line in legal)
    assert verdict.is_legal or verdict.sentence.endswith(".")


OURS = Convention(
    (Token("key"), Token("prefix"), Token("channel"), Token("date", "yymmdd"), Token("arm", "name"),
     Token("text", "crm")),
    separator=".", letter_case="lower",
)  # fmt: skip
SUBJECT = Subject("EXP-088", "LIF", "Win-back", ("As it is", "Series named"), "Push",
                  starts_on=dt.date(2026, 11, 9))  # fmt: skip


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "It has 1 part, and a name has 6: experiment key, pod prefix, channel, start date, arm, free text."),
        ("exp-088 lif", "It contains a blank. Use only letters, digits, hyphens, dots and underscores."),
        ("exp-088.lif.push.261109.größe.crm", "It contains “ö”. Use only letters, digits, hyphens, dots and underscores."),
        ("88.lif.push.261109.as-it-is.crm", "Part 1 should be the experiment key, such as EXP-088, not “88”."),
        ("exp-088.l1.push.261109.as-it-is.crm", "Part 2 should be the pod prefix, two to six letters, not “l1”."),
        ("exp-088.lif.push_.261109.as-it-is.crm", "Part 3 should be the channel, words with “-” between them, not “push_”."),
        ("exp-088.lif.push.261399.as-it-is.crm", "Part 4 should be the start date, written yymmdd or “undated”, not “261399”."),
        ("exp-088.LIF.push.261109.as-it-is.crm", "Write part 2 as “lif”, not “LIF”."),
        ("exp-088.lif.push.261109.as-it-is.web", "Part 6 should be the free text, “crm”, not “web”."),
        ("exp-099.lif.push.261109.as-it-is.crm", "There is no experiment EXP-099 that you can see."),
        ("exp-088.lif.push.261109.control.crm", "EXP-088 has no arm “control”. Its arms are as-it-is, series-named."),
        ("exp-088.lif.push.261110.as-it-is.crm", "Part 4, the start date, is “261109” in the plan, not “261110”."),
        ("exp-088.lif.push.261109.as-it-is.crm" + "x" * 60, "It has 96 characters, and at most 80 are allowed."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_stranger_is_said_at_its_part(line, sentence):
    (verdict,) = check_names([line], OURS, {"EXP-088": SUBJECT})
    assert (verdict.is_legal, verdict.sentence) == (False, sentence)


def with_tokens(*tokens, **more):
    return Convention(tuple(tokens), **more)


KEY, ARM = Token("key"), Token("arm", "letter")


@pytest.mark.parametrize(
    ("convention", "sentence"),
    [
        (with_tokens(), "Add at least one token. A name has no parts yet."),
        (with_tokens(ARM), "Add the experiment key. Without it a name can’t be read back."),
        (with_tokens(KEY), "Add the arm. Without it a name can’t be read back."),
        (with_tokens(KEY, ARM, KEY), "The experiment key is in the list twice. Remove one."),
        (with_tokens(KEY, ARM, Token("text")), "Enter the free text, or remove that token."),
        (with_tokens(KEY, ARM, Token("text", "a_b")),
         "The text “a_b” contains the separator “_”. Choose another text or another separator."),
        (with_tokens(KEY, ARM, Token("text", "ä")),
         "Use only letters, digits, hyphens, dots and underscores in “ä”."),
        (with_tokens(KEY, ARM, Token("date", "soon")),
         "Choose a format for the start date: yyyymmdd, yymmdd, yyyymm."),
        (with_tokens(KEY, ARM, Token("title"), Token("segment"), Token("channel"), longest=20),
         "20 characters leave no room for all tokens. Allow more characters, or remove a token."),
    ],
)  # fmt: skip
def test_a_convention_whose_names_could_not_be_read_back_is_refused(convention, sentence):
    assert problems_in(convention) == [sentence]


def test_names_are_one_for_each_arm_and_channel():
    convention = with_tokens(KEY, Token("channel"), ARM)
    subject = Subject("EXP-088", "LIF", "Win-back", ("Old", "New"), "E-mail and push")
    assert [(one.channel, one.arm, one.name) for one in legal_names(convention, subject)] == [
        ("E-mail", "Old", "EXP-088_e-mail_A"), ("E-mail", "New", "EXP-088_e-mail_B"),
        ("push", "Old", "EXP-088_push_A"), ("push", "New", "EXP-088_push_B"),
    ]  # fmt: skip


EDIT = "/naming/edit/"


def sent(*kinds, **more):
    data = {f"tokens-{n}-{name}": value for n, row in enumerate(kinds)
            for name, value in row.items()}  # fmt: skip
    fields = {"separator": ".", "letter_case": "lower", "longest": "60"} | more
    return {"tokens-TOTAL_FORMS": len(kinds), "tokens-INITIAL_FORMS": 0, **fields, **data}


ROWS = (
    {"kind": "key"}, {"kind": "channel"}, {"kind": "arm", "arm_form": "name"},
    {"kind": "text", "text": "crm"},
)  # fmt: skip


def test_a_programme_owner_sets_it_and_everybody_sees_the_names(
    client_of, tab_of, alice, bob, olive, pod, objective
):
    made = make_experiment(alice, pod, objective=objective, analyst=bob, channel="Push")
    page = client_of(bob).get(reverse("experiments:naming")).content.decode()
    assert "Floe’s own" in page
    assert f"{made.key}_series-in-the-subject-line_A" in page
    assert client_of(bob).get(EDIT).status_code == 403
    assert tab_of(olive).save(EDIT, sent(*ROWS)).status_code == 302
    for address in (made.get_absolute_url(), reverse("experiments:naming"),
                    reverse("experiments:experiment_assignment", args=[made.pk])):  # fmt: skip
        assert "exp-001.push.series-named.crm" in client_of(bob).get(address).content.decode()
    tab_of(olive).save(EDIT, {"own": "1"})
    assert convention_in_force() == FLOES_OWN
    assert not NamingConvention.objects.exists()


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ((), "Add at least one token."),
        (({"kind": "key"}, {"kind": "key"}, {"kind": "arm"}), "is in the list twice"),
        (({"kind": "key"}, {"kind": "arm"}, {"kind": "text", "text": "a.b"}), "contains the separator"),
    ],
)  # fmt: skip
def test_a_wrong_convention_is_refused_with_what_was_typed(client_of, olive, rows, sentence):
    answer = client_of(olive).post(EDIT, sent(*rows, longest="61"))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="61"' in answer.content.decode()
    assert not NamingConvention.objects.exists()


def test_pasted_names_are_judged_and_none_is_kept(client_of, alice, bob, charlie, pod, objective):
    make_experiment(alice, pod, objective=objective, analyst=bob)
    address = reverse("experiments:naming")
    names = "EXP-001_series-in-the-subject-line_B\n\n  EXP-001_series-in-the-subject-line_D\nNews <b>4</b>"
    page = client_of(bob).post(address, {"names": names}).content.decode()
    assert "1 of 3 names follows the convention." in page
    assert "EXP-001, Series named" in page
    assert "EXP-001 has no arm “D”. Its arms are A, B." in page
    assert "News &lt;b&gt;4&lt;/b&gt;" in page
    outside = client_of(charlie).post(address, {"names": names}).content.decode()
    assert "There is no experiment EXP-001 that you can see." in outside
    assert "Series named" not in outside
    many = client_of(bob).post(address, {"names": "x\n" * 501})
    assert many.status_code == 422
    assert "Paste at most 500 names. You pasted 501." in many.content.decode()
    assert (
        "Paste at least one name." in client_of(bob).post(address, {"names": " "}).content.decode()
    )


@pytest.fixture
def running(alice, bob, olive, pod, objective):
    save_convention(NamingConvention(), by=olive, tokens=OURS.tokens, separator=".",
                    letter_case="lower", longest=80)  # fmt: skip
    made = make_experiment(alice, pod, objective=objective, analyst=bob, channel="Push")
    return launched(made, alice)


def test_a_results_file_finds_its_arms_by_the_convention_and_never_by_order(running):
    control, new = (one.name for one in names_of(running))
    assert guess_arms(running, (new.upper(), control)) == ["Series named", "As it is"]
    assert guess_arms(running, (f"{new}x", "something.else")) == ["", ""]
    assert guess_arms(running, (f"{running.key}_any_B", control)) == ["Series named", "As it is"], (
        "names of before the convention are still read"
    )


def test_a_dropped_file_finds_its_experiment_by_the_convention(running, bob):
    rows = "".join(f"{one.name},9,1\n" for one in names_of(running))
    file = SimpleUploadedFile("export.csv", f"arm,n,successes\n{rows}".encode())
    assert attach(file, by=bob).experiment == running
    with pytest.raises(Refused, match="names no experiment"):
        attach(SimpleUploadedFile("export.csv", b"arm,n\nexp,9\n"), by=bob)


def test_a_renamed_plan_is_told_apart_from_a_stranger(client_of, alice, bob, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    change_plan(made, by=alice, title="Another title")
    line = f"{made.key}_series-in-the-subject-line_B"
    page = client_of(bob).post(reverse("experiments:naming"), {"names": line}).content.decode()
    assert "Part 2, the title, is “another-title” in the plan" in page
    assert Experiment.objects.get().title == "Another title"


def test_the_flow_asks_for_the_right_and_the_rules_by_itself(alice, olive):
    values = {"separator": "_", "letter_case": "mixed", "longest": 80}
    with pytest.raises(PermissionDenied):
        save_convention(NamingConvention(), by=alice, tokens=(KEY, ARM), **values)
    with pytest.raises(ValidationError, match="Add the arm"):
        save_convention(NamingConvention(), by=olive, tokens=(KEY,), **values)
