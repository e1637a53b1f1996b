"""Every form over something that exists, found by the URLconf, played in two tabs.

What two people change in different fields stands side by side afterwards. Where both changed one
field, the slower sees both values, nothing is overwritten, and a second click saves theirs.
"""

import datetime as dt
import html as html_text
import re

import pytest
from django.db import transaction

from backlog.flows.listing import save_view
from backlog.models import SavedView
from experiments.models import Connector, Experiment, Feed
from tests.browsing import confirm, form_on, posting
from tests.factories import make_experiment
from tests.test_permissions import PAGES, address, world  # noqa: F401  (the fixture)

# Forms with something filled in that are no edit of it, and why they carry no version.
NO_EDIT = {
    r"/ideas/bulk/": "says what happens to the ideas that were chosen",
    r"/ideas/columns/": "one's own arrangement of columns; nothing in it is typed",
    r"/ideas/\d+/move/": "a move, which says which state it was seen in",
    r"/ideas/\d+/promote/": "makes an experiment",
    r"/ideas/new/|/ideas/$|/ideas/\?": "adds an idea",
    r"/imports/|/experiments/past/": "the mapping of an import, which only its own person sees",
    r"/scoring/new/|/scoring/\d+/again/": "opens a round",
    r"/scoring/\d+/ideas/\d+/": "one's own score, or a step of the round",
    r"/scoring/\d+/close/": "asks what becomes of hidden scores, and ends the round once",
    r"/scoring/\d+/(go|timer|hand-over|reorder)/": "a step of the person who leads the session",
    r"/(quarters|objectives|pods|invitations|tokens|metrics|segments|connectors|holdouts|blackouts|deadlines|overlaps)/new/": "adds one",
    r"/settings/fields/new/": "adds one",
    r"/holdouts/$": "opens a holdout",
    r"/(milestones|roadmap|process-experiments)/new/": "adds one",
    r"/process-experiments/\d+/(move|decide)/": "a move, which says which state it was seen in",
    r"/process-experiments/\d+/note/": "adds a note",
    r"/process-experiments/\d+/outcomes/paste/": "reads a table into the form and saves nothing",
    r"/quarters/\d+/turn/": "a step of the turn, each on a row of its own",
    r"/(standards|agreements)/[\w-]+/look/": "adds a look",
    r"/agreements/escalation/drill/": "adds a drill",
    r"/pods/\d+/members/new/": "adds a person",
    r"/quarters/\d+/sign-off/": "adds a baseline",
    r"/overlaps/estimate/": "reads two lists",
    r"/quarters/\d+/plan/": "asks for a proposal",
    r"/calendar/subscribe/": "makes an address",
    r"/health/report/share/": "makes an address",
    r"/health/report/mail/": "mails addresses, one to each person",
    r"/pods/switch/": "what one looks at",
    r"/ideas/\d+/attachments/new/": "adds a link or a file, each once",
    r"/library/collections/new/": "adds one",
    r"/learnings/\d+/collect/": "adds a learning to a collection",
    r"/library/credit/(new|add)/": "reads a table, and adds its rows",
    r"/library/quiz/": "one's own answers, which are never changed",
    r"/ideas/views/new/": "adds a view",
    r"/notifications/read/": "marks as read up to what was shown",
    r"/account/": "one's own password",
    r"/people/\d+/deactivate/": "says who takes over what is open",
    r"/experiments/\d+/move/": "a move, which says which state it was seen in",
    r"/experiments/\d+/(clone|template)/": "makes another one",
    r"/experiments/\d+/ready/(waive|approve/\w+)/": "adds a waiver or an approval",
    r"/experiments/\d+/data/": "the mapping of a file, which is confirmed by what it says",
    r"/experiments/\d+/postmortem/edit/": "merged by words: test_postmortem_section.py",
    r"/experiments/\d+/postmortem/(learnings|follow-ups|actions|comments)/new/": "adds one",
    r"/post-mortems/\d+/edit/": "merged by words: test_process_postmortem.py",
    r"/post-mortems/\d+/(follow-ups|actions|comments)/new/": "adds one",
    r"/post-mortems/new/": "begins one, of one subject",
    r"/experiments/\d+/decide/": "a decision, which says which state it was seen in",
    r"/experiments/\d+/(unveil|dry-run|assignment/split)/": "changes nothing that stands",
    r"/holdouts/\d+/": "reads a list",
    r"/experiments/\d+/alarms/": "mutes an alarm for so many days",
    r"/calculator/": "only works something out",
    r"/sample/remove/": "removes the sample",
    r"/welcome/": "for an installation without people",
}  # fmt: skip

WORDS = ("text", "textarea", "search", "url")
EDITABLE = (*WORDS, "number", "date", "select", "checkbox", "radio")
# What makes a control valid beside the one that is changed.
NEEDED = {"reason": "Because of the season"}
KEPT = ("prefix", "time_zone", "frm")


@pytest.fixture
def full_world(world, alice, pod, olive, adam, objective, bob):  # noqa: F811
    """The world of the permissions, with what only some of its routes need."""
    save_view(SavedView(), by=alice, name="Ours", scope="pod", pod=pod, query="q=x")
    running = Experiment.objects.get(pk=world["experiment"]["pk"])
    Feed.objects.create(experiment=running, connector=Connector.objects.get(), by=olive,
                        sql="select 1", hour=3)  # fmt: skip
    make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Edited")
    return world


def pages(full_world) -> list[str]:
    """Every address that answers a GET, in the order of the table of permissions."""
    running = full_world["experiment"]["pk"]
    draft = full_world["experiment_edit"]["pk"]
    places = []
    for route, (get, post) in PAGES.items():
        if get is None and post is not None:
            continue
        try:
            places.append(address(route, full_world))
        except Exception:
            continue
    view = SavedView.objects.get()
    extra = [f"/ideas/views/{view.pk}/edit/", f"/experiments/{draft}/ready/",
             f"/experiments/{draft}/assignment/", f"/experiments/{running}/feed/",
             f"/experiments/{running}/dates/", f"/comments/{full_world['comment_delete']['pk']}/edit/",
             *(f"/ideas/{full_world['idea']['pk']}/cell/{cell}/"
               for cell in ("title", "objective", "owner", "lever", "channel", "tags"))]  # fmt: skip
    return [*places, *extra]


def is_filled(control) -> bool:
    if control.kind not in EDITABLE or control.is_disabled or not control.name:
        return False
    if control.kind == "checkbox":
        return control.is_on
    if control.kind == "select":
        return any(value and on for value, on in control.options)
    if control.kind == "radio":
        return control.is_on
    return bool(control.value)


def edit_forms(client, left: list[str]):
    """(page, form) for each form that shows something which can be changed.

    Pages that this person opens are taken out of `left`.
    """
    for page in list(left):
        answer = client.get(page)
        if answer.status_code != 200 or answer.streaming:
            continue
        left.remove(page)
        for form in posting(answer.content.decode(), page):
            if any(re.match(pattern, form.action) for pattern in NO_EDIT):
                continue
            if form.version or any(is_filled(one) for one in form.controls):
                yield page, form


def changeable(form) -> list:
    """Controls that the walk changes: one of each name, without those of list management."""
    forms, names = [], set()
    for one in form.controls:
        is_plain = one.kind in EDITABLE and not one.is_disabled and one.name not in names
        if is_plain and one.name and not re.search(r"_FORMS$|-DELETE$|__prefix__", one.name):
            if one.name in NEEDED or (one.kind in ("select", "radio") and not other(form, one, 0)):
                continue
            if one.attributes.get("type") == "password" or one.name in KEPT:
                continue
            if "-" in one.name and not _row_has_text(form, one.name):
                continue
            names.add(one.name)
            forms.append(one)
    return forms


def _row_has_text(form, name: str) -> bool:
    row = name.rpartition("-")[0]
    return any(c.value for c in form.controls if c.name.startswith(f"{row}-") and c.kind in WORDS)


def other(form, control, salt: int) -> list[str]:
    """Values that the control does not have now."""
    if control.kind == "select":
        return [value for value, on in control.options if not on and value]
    if control.kind == "radio":
        return [c.value for c in form.controls if c.name == control.name and not c.is_on]
    if control.kind == "checkbox":
        return [""] if control.is_on else ["on"]
    if control.kind == "number":
        value, most = float(control.value or 1), float(control.attributes.get("max") or "inf")
        return [f"{value + salt + 1 if value + 9 < most else value - salt - 1:g}"]
    if control.kind == "date":
        day = dt.date.fromisoformat(control.value) if control.value else dt.date.today()
        return [(day + dt.timedelta(days=7 * (salt + 1))).isoformat()]
    is_figure = control.attributes.get("inputmode") == "decimal"
    if re.fullmatch(r"[\d.]+", control.value or ("1" if is_figure else "")):
        return [f"{float(control.value or 1) + salt + 1:g}"]
    return [f"{control.value} {'one' if salt == 0 else 'two'}".strip()]


def sent(form, control, value: str) -> dict:
    data = form.data()
    for name, reason in NEEDED.items():
        if any(c.name == name for c in form.controls) and not data.get(name):
            data[name] = reason
    if control.kind == "checkbox" and not value:
        data.pop(control.name, None)
    else:
        data[control.name] = value
    return data


def value_now(client, page: str, form, name: str):
    return form_on(client, form.action, page=page, like=form.names).data().get(name, "")


@pytest.fixture
def forms_and_who_may(full_world, client_of, adam, alice, carol, olive):
    """(person, page, form) once an address, by whoever may."""
    forms, left = {}, pages(full_world)
    for person in (adam, alice, carol, olive):
        client = confirm(client_of(person))
        client.raise_request_exception = False
        for page, form in edit_forms(client, left):
            if form.action != f"/people/{adam.pk}/role/":  # the only admin stays one
                forms.setdefault((form.action, *sorted(form.names)), (person, page, form))
    return list(forms.values())


@pytest.fixture
def all_edits(forms_and_who_may, client_of):
    """(client, page, form) once an address."""
    clients = {}
    for person, _, _ in forms_and_who_may:
        if person not in clients:
            clients[person] = confirm(client_of(person))
            clients[person].raise_request_exception = False
    return [(clients[person], page, form) for person, page, form in forms_and_who_may]


def test_every_form_over_something_that_exists_carries_what_was_read(all_edits):
    bare = {form.action for _, _, form in all_edits if not form.version}
    assert not bare, sorted(bare)


def test_two_tabs_that_change_different_fields_both_count(all_edits):
    wrong, played = [], 0
    for client, page, form in all_edits:
        controls = changeable(form)
        pair = next(((a, b) for a in controls for b in controls if _apart(a, b)), None)
        if pair is None:
            continue
        with transaction.atomic():
            played += 1
            wrong += _different_fields(client, page, form, *pair)
            transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)
    assert played > 12, played


def _apart(a, b) -> bool:
    """Two fields that merge. A row that was renamed may be another row, so its list is shown whole."""
    is_name_of_a_row = any(re.search(r"-\d+-(name|text)$", one.name) for one in (a, b))
    return (
        a.name != b.name
        and not is_name_of_a_row
        and a.kind in (*WORDS, "number")
        and b.kind in (*WORDS, "number", "date")
    )


def _different_fields(client, page, form, first, second) -> list[str]:
    a, b = other(form, first, 0)[0], other(form, second, 1)[0]
    one = client.post(form.action, sent(form, first, a))
    two = client.post(form.action, sent(form, second, b))
    if (one.status_code, two.status_code) != (302, 302):
        return [f"{form.action}: {one.status_code}, {two.status_code} for {first.name}, {second.name}: "
                f"{_errors(one)} {_errors(two)}"]  # fmt: skip
    now = form_on(client, form.action, page=page, like=form.names).data()
    if (now.get(first.name), now.get(second.name)) != (a, b):
        return [f"{form.action}: {first.name} {now.get(first.name)!r} not {a!r} or "
                f"{second.name} {now.get(second.name)!r} not {b!r}"]  # fmt: skip
    return []


def test_two_tabs_that_change_one_field_are_shown_both_and_lose_nothing(all_edits):
    wrong, played = [], 0
    for client, page, form in all_edits:
        controls = [c for c in changeable(form) if other(form, c, 0) and other(form, c, 1)]
        usable = [c for c in controls if other(form, c, 0)[0] != other(form, c, 1)[-1]]
        if not usable:
            continue
        with transaction.atomic():
            played += 1
            wrong += _same_field(client, page, form, usable[0])
            transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)
    assert played > 15, played


def _same_field(client, page, form, control) -> list[str]:
    theirs, mine = other(form, control, 0)[0], other(form, control, 1)[-1]
    one = client.post(form.action, sent(form, control, theirs))
    two = client.post(form.action, sent(form, control, mine))
    if (one.status_code, two.status_code) != (302, 422):
        return [
            f"{form.action}: {one.status_code}, {two.status_code} for {control.name} {_errors(one)}"
        ]
    text = _plain(two.content.decode())
    if control.kind in WORDS and not (_plain(theirs) in text and _plain(mine) in text):
        return [f"{form.action}: the answer does not show both values of {control.name}"]
    if value_now(client, page, form, control.name) != theirs:
        return [f"{form.action}: {control.name} was overwritten"]
    shown = [f for f in posting(two.content.decode(), form.action) if f.action == form.action]
    again = max(shown, key=lambda f: len(f.names & form.names))
    if again.data().get(control.name) != mine:
        return [f"{form.action}: what was typed in {control.name} is lost"]
    three = client.post(form.action, sent(again, control, mine))
    if three.status_code != 302 or value_now(client, page, form, control.name) != mine:
        return [f"{form.action}: a second click does not save {control.name}: {_errors(three)}"]
    return []


def _plain(text: str) -> str:
    return "".join(html_text.unescape(re.sub(r"<br[^>]*>", " ", text)).split())


def _errors(answer) -> str:
    if answer.status_code == 302:
        return ""
    text = re.sub(
        r"<[^>]+>",
        " ",
        " ".join(
            re.findall(
                r'class="err"[^>]*>.*?</span>|class="msg bad".*?</div>',
                answer.content.decode(),
                re.S,
            )
        ),
    )
    return " ".join(text.split())[:300]


def test_a_form_that_says_nothing_of_what_it_read_overwrites_nothing(all_edits):
    wrong = []
    for client, page, form in all_edits:
        controls = [c for c in changeable(form) if c.kind in WORDS]
        if not controls:
            continue
        before = value_now(client, page, form, controls[0].name)
        for version in ("", "1", "0", "x~y"):
            with transaction.atomic():
                value = other(form, controls[0], 0)[0]
                answer = client.post(
                    form.action, {**sent(form, controls[0], value), "version": version}
                )
                if answer.status_code == 302:
                    wrong.append(f"{form.action} with version {version!r}")
                elif value_now(client, page, form, controls[0].name) != before:
                    wrong.append(f"{form.action} wrote")
                transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)
