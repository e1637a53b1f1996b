"""Several people write one text: merged by words, sent twice, published meanwhile, nothing lost."""

import random
import re
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from hypothesis import settings

from experiments.flows.writing_up import start_post_mortem
from experiments.flows.writing_up_sections import heads_of, root_of
from experiments.models import PostMortem, SectionConflict, SectionVersion
from tests.factories import shipped


@pytest.fixture
def decided(alice, bob, pod, objective):
    return shipped(alice, bob, pod, objective)


@pytest.fixture
def written(decided, bob):
    written = start_post_mortem(decided, by=bob)
    PostMortem.objects.update(surprises="we sent it late")
    written.refresh_from_db()
    return written


@pytest.fixture
def edit(decided):
    return reverse("experiments:postmortem_edit", args=[decided.pk])


@pytest.fixture
def url(decided):
    return reverse("experiments:postmortem_section", args=[decided.pk, "surprises"])


def news_of(client, decided, **known):
    return client.get(reverse("experiments:postmortem_writing", args=[decided.pk]), known).json()


def saved(client, url, text, *bases, uuid=None):
    return client.post(
        url, {"uuid": uuid or uuid4(), "bases": " ".join(map(str, bases)), "text": text}
    )


def root(written):
    return root_of(written, "surprises").uuid


def text_now():
    return PostMortem.objects.get().surprises


def test_two_people_write_one_text_and_both_words_stay(client_of, alice, bob, written, url):
    saved(client_of(alice), url, "we sent it too late", root(written))
    answer = saved(client_of(bob), url, "we posted it late", root(written)).json()
    assert answer["text"] == text_now() == "we posted it too late"
    assert (answer["outcome"], answer["conflicts"]) == ("merged", [])


def test_a_save_that_is_sent_again_counts_once(client_of, bob, written, url):
    client, uuid = client_of(bob), uuid4()
    first = saved(client, url, "we sent it on time", root(written), uuid=uuid).json()
    again = saved(client, url, "we sent it on time", root(written), uuid=uuid).json()
    assert (first["uuid"], again["outcome"]) == (again["uuid"], "repeated")
    assert SectionVersion.objects.count() == 2  # the draft and the save


def test_versions_are_added_and_never_changed(client_of, alice, bob, written, url):
    saved(client_of(alice), url, "we sent it too late", root(written))
    before = list(SectionVersion.objects.order_by("pk").values())
    saved(client_of(bob), url, "we posted it late", root(written))
    assert list(SectionVersion.objects.order_by("pk").values())[: len(before)] == before
    rows = SectionVersion.objects.order_by("pk").values_list("text", "by__email", "section")
    assert [(text, who) for text, who, _ in rows][-2:] == [
        ("we posted it late", bob.email), ("we posted it too late", bob.email),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("keep", "text"),
    [("both", "it went fine badly"), ("earlier", "it went fine"), ("later", "it went badly")],
)
def test_where_both_wrote_both_are_shown_and_somebody_settles_it(
    client_of, alice, bob, decided, written, url, edit, keep, text
):
    base = saved(client_of(alice), url, "it went well", root(written)).json()["uuid"]
    saved(client_of(alice), url, "it went fine", base)
    answer = saved(client_of(bob), url, "it went badly", base).json()
    assert [(one["earlier_by"], one["earlier"], one["later_by"], one["later"])
            for one in answer["conflicts"]] == [(str(alice), "fine", "You", "badly")]  # fmt: skip
    assert len(news_of(client_of(alice), decided)["conflicts"]) == 1
    page = client_of(alice).get(edit).content.decode()
    assert "both wrote here" in page
    settle = reverse(
        "experiments:postmortem_settle", args=[decided.pk, answer["conflicts"][0]["id"]]
    )
    assert client_of(alice).post(settle, {"keep": keep}).url == f"{edit}#surprises"
    client_of(bob).post(settle, {"keep": "later"})  # who is slower changes nothing
    assert text_now() == text
    assert news_of(client_of(bob), decided)["conflicts"] == []
    assert SectionConflict.objects.get().settled_by == alice


def test_settling_needs_a_choice_and_a_conflict_of_this_post_mortem(
    client_of, alice, bob, decided, written, url
):
    base = saved(client_of(alice), url, "it went well", root(written)).json()["uuid"]
    saved(client_of(alice), url, "it went fine", base)
    place = saved(client_of(bob), url, "it went badly", base).json()["conflicts"][0]["id"]
    settle = reverse("experiments:postmortem_settle", args=[decided.pk, place])
    assert client_of(bob).post(settle, {"keep": "mine"}).status_code == 409
    assert client_of(bob).post(settle.replace(f"/{place}/", "/999/")).status_code == 404


def test_an_edited_place_is_settled_by_itself(client_of, alice, bob, decided, written, url):
    base = saved(client_of(alice), url, "it went well", root(written)).json()["uuid"]
    saved(client_of(alice), url, "it went fine", base)
    head = saved(client_of(bob), url, "it went badly", base).json()["uuid"]
    saved(client_of(bob), url, "it went so-so", head)
    assert news_of(client_of(alice), decided)["conflicts"] == []


def test_the_others_see_who_writes_and_what_they_do_not_have_yet(
    client_of, alice, bob, decided, written, url
):
    head = saved(client_of(alice), url, "we sent it too late", root(written)).json()["uuid"]
    news = news_of(client_of(bob), decided, surprises=root(written))
    assert news["sections"]["surprises"] == {
        "uuid": head, "text": "we sent it too late", "by": str(alice),
    }  # fmt: skip
    assert news["writers"] == {"surprises": [str(alice)]}
    assert news_of(client_of(alice), decided)["writers"] == {}
    assert news_of(client_of(bob), decided, surprises=head)["sections"] == {}


def test_a_published_one_refuses_with_a_sentence(client_of, bob, decided, written, url):
    PostMortem.objects.update(state="published", published_at="2026-11-01T00:00Z")
    refused = saved(client_of(bob), url, "rewritten", root(written))
    assert refused.status_code == 422
    assert refused.json() == {"detail": "It is published, so it can’t be changed any more."}
    assert text_now() == "we sent it late"
    assert news_of(client_of(bob), decided)["is_published"] is True


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": "x" * 20_001}, "Shorten it to at most 20000 characters. It has 20001."),
        ({"uuid": "none"}, "Load the page again."),
        ({"bases": "none"}, "Load the page again."),
        ({"bases": " ".join(str(UUID(int=n)) for n in range(60))}, "Load the page again."),
        ({"text": "a\0b"}, "NUL"),
    ],
)
def test_what_cannot_be_saved_is_a_sentence(client_of, bob, written, url, fields, sentence):
    data = {"uuid": uuid4(), "bases": "", "text": "x", **fields}
    answer = client_of(bob).post(url, data)
    assert answer.status_code in (400, 422)
    assert sentence in answer.content.decode()
    assert text_now() == "we sent it late"


def test_texts_that_are_too_long_together_are_refused_and_the_stored_one_stays(
    client_of, alice, bob, written, url
):
    one, other = ("a" * 9 + " ") * 1_500, ("b" * 9 + " ") * 1_500
    saved(client_of(alice), url, one, root(written))
    refused = saved(client_of(bob), url, other, root(written))
    assert refused.status_code == 422
    assert "Together with what others wrote" in refused.json()["detail"]
    assert text_now() == one


def test_without_script_all_texts_are_merged(client_of, alice, bob, decided, written, url, edit):
    client = client_of(bob)
    page = client.get(edit).content.decode()
    fields = dict(re.findall(r'name="(\w+_(?:base|uuid))" value="([^"]*)"', page))
    assert len(fields) == 12
    saved(client_of(alice), url, "we sent it too late", root(written))
    data = {**fields, "surprises": "we posted it late", "lucky": "It was sunny.\r\nTwice."}
    assert client.post(edit, data).url == edit
    assert "Others wrote meanwhile." in client.get(edit).content.decode()
    client.post(edit, data)  # the button was clicked twice
    made = PostMortem.objects.get()
    assert (made.surprises, made.lucky) == ("we posted it too late", "It was sunny.\nTwice.")


def test_viewers_may_not_write_and_outsiders_find_nothing(
    client_of, vera, charlie, decided, written, url
):
    writing = reverse("experiments:postmortem_writing", args=[decided.pk])
    for person, status in ((vera, 403), (charlie, 404)):
        assert saved(client_of(person), url, "x").status_code == status
        assert client_of(person).get(writing).status_code == status
    assert text_now() == "we sent it late"


def test_a_text_that_is_none_is_not_found(client_of, bob, written, url):
    assert saved(client_of(bob), url.replace("surprises", "state"), "x").status_code == 404


def test_a_poll_asks_the_database_little(client_of, bob, decided, written, django_assert_max_num_queries):  # fmt: skip
    client = client_of(bob)
    with django_assert_max_num_queries(8):
        news_of(client, decided)


class Browser:
    """What the page's script does: its text, the uuids that it is based on, what it sent last."""

    def __init__(self, name, client, written, draw):
        self.name, self.client, self.draw = name, client, draw
        self.text, self.bases = written.surprises, (str(root(written)),)
        self.typed, self.removed, self.count = set(), set(), 0

    def type(self):
        words = self.text.split()
        at = self.draw.randint(0, len(words))
        if words and self.draw.random() < 0.2:
            self.removed.add(words.pop(min(at, len(words) - 1)))
        self.count += 1
        word = f"{self.name}{self.count}"
        words.insert(min(at, len(words)), word)
        self.typed.add(word)
        self.text = " ".join(words)

    def send(self):
        uuid = str(UUID(int=self.draw.getrandbits(128)))
        sent = {"uuid": uuid, "bases": " ".join(self.bases[:50]), "text": self.text}
        self.bases = (uuid, *self.bases)
        return self, sent

    def answered(self, sent, answer):
        if self.text == sent["text"]:
            self.text, self.bases = answer["text"], (answer["uuid"],)


IN_ONE_TEST = settings().max_examples // 2  # ten tests: 500 interleavings in ci, 150 at the desk


@pytest.mark.parametrize("first_seed", range(0, 10 * IN_ONE_TEST, IN_ONE_TEST))
def test_no_word_is_lost_over_a_bad_network(client_of, alice, bob, carol, written, url, first_seed):
    """Generated interleavings of three people, through the view."""
    clients = {"a": client_of(alice), "b": client_of(bob), "c": client_of(carol)}
    for seed in range(first_seed, first_seed + IN_ONE_TEST):
        SectionVersion.objects.all().delete()
        SectionConflict.objects.all().delete()
        PostMortem.objects.update(surprises="we sent it late")
        write_over_a_bad_network(clients, written, url, random.Random(seed))
    assert heads_of(PostMortem.objects.get())["surprises"].post_mortem_id == written.pk


def write_over_a_bad_network(clients, written, url, draw):
    """A tenth of the requests and a tenth of the answers get lost; some arrive twice or late."""
    browsers = [Browser(name, client, written, draw) for name, client in clients.items()]
    first = set(written.surprises.split())
    requests, answers = [], []

    def arrive(browser, sent):
        answer = browser.client.post(url, sent)
        assert answer.status_code == 200
        return browser, sent, answer.json()

    for _ in range(36):
        step, browser = draw.random(), draw.choice(browsers)
        if step < 0.4:
            browser.type()
        elif step < 0.6:
            sent = browser.send()
            requests += [sent] * (draw.random() >= 0.1) + [sent] * (draw.random() < 0.1)
        elif step < 0.8 and requests:
            arrived = arrive(*requests.pop(draw.randrange(len(requests))))
            answers += [arrived] * (draw.random() >= 0.1)
        elif answers:
            browser, sent, answer = answers.pop(draw.randrange(len(answers)))
            browser.answered(sent, answer)
    for _ in range(2):  # in the end everybody is back online
        for browser in browsers:
            browser.answered(*arrive(*browser.send())[1:])
    removed = set().union(*(browser.removed for browser in browsers))
    typed = set().union(first, *(browser.typed for browser in browsers))
    assert typed - removed - set(text_now().split()) == set()
    assert len({browser.text for browser in browsers}) == 1
