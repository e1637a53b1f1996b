"""Several people write one section over a network that loses a tenth of everything."""

import random
from uuid import UUID

import pytest

from experiments.learning.sections import Accepted, SaveOutcome, SectionVersion, accept

A, B, C, D = (UUID(int=number) for number in range(1, 5))


def save(uuid, bases, text):
    return SectionVersion(uuid, tuple(bases), text)


class Server:
    def __init__(self, text=""):
        self.versions = [save(UUID(int=0), (), text)]

    def accept(self, version):
        accepted = accept(version, self.versions)
        self.versions += accepted.stored
        return accepted


class Browser:
    """What the page does; `remembers` is False for the protocol that lost words."""

    def __init__(self, name, server, draw, *, remembers=True):
        self.name, self.draw, self.remembers = name, draw, remembers
        self.text, self.bases = server.versions[-1].text, (server.versions[-1].uuid,)
        self.typed, self.removed = set(), set()
        self.count = 0

    def type(self):
        words = self.text.split()
        at = self.draw.randint(0, len(words))
        if words and self.draw.random() < 0.25:
            at = min(at, len(words) - 1)
            self.removed.add(words.pop(at))
        if self.draw.random() < 0.9:
            self.count += 1
            words.insert(at, f"{self.name}{self.count}")
            self.typed.add(words[at])
        self.text = " ".join(words)

    def save(self):
        sent = save(UUID(int=self.draw.getrandbits(128)), self.bases, self.text)
        if self.remembers:
            self.bases = (sent.uuid, *self.bases)
        return sent

    def answered(self, sent, head):
        if self.text == sent.text:
            self.text, self.bases = head.text, (head.uuid,)
        elif not self.remembers:
            self.bases = (head.uuid,)


def interleaving(seed, *, remembers=True, steps=60):
    """Words that are lost, and browsers whose text differs from the server's at the end."""
    draw = random.Random(seed)
    server = Server(" ".join(f"w{number}" for number in range(12)))
    browsers = [Browser(name, server, draw, remembers=remembers) for name in "xyz"]
    first = set(server.versions[-1].text.split())
    requests, answers = [], []
    for _ in range(steps):
        step = draw.random()
        browser = draw.choice(browsers)
        if step < 0.4:
            browser.type()
        elif step < 0.6:
            sent = (browser, browser.save())
            requests += [sent] * (draw.random() >= 0.1) + [sent] * (draw.random() < 0.05)
        elif step < 0.8 and requests:
            browser, sent = requests.pop(draw.randrange(len(requests)))
            accepted = server.accept(sent)
            answers += [(browser, sent, accepted.head)] * (draw.random() >= 0.1)
        elif answers:
            browser, sent, head = answers.pop(draw.randrange(len(answers)))
            browser.answered(sent, head)
    for _ in range(2):  # then the network is well again, and everybody saves
        for browser in browsers:
            sent = browser.save()
            browser.answered(sent, server.accept(sent).head)
    head = server.versions[-1].text
    wanted = first.union(*(browser.typed for browser in browsers))
    removed = set().union(*(browser.removed for browser in browsers))
    lost = wanted - removed - set(head.split())
    return lost, [browser.name for browser in browsers if browser.text != head]


def test_no_word_is_lost_in_500_bad_networks_and_everybody_ends_with_one_text():
    results = [interleaving(seed) for seed in range(500)]
    assert sum(len(lost) for lost, _ in results) == 0
    assert [apart for _, apart in results if apart] == []


def test_the_simulation_would_notice_a_protocol_that_loses_words():
    """A base that is the version that the server named last, not what the browser sent."""
    assert sum(len(interleaving(seed, remembers=False)[0]) for seed in range(100)) > 50


def test_a_save_on_the_newest_version_becomes_the_newest():
    first = save(A, [], "one")
    second = save(B, [A], "one two")
    assert accept(second, [first]) == Accepted(SaveOutcome.STORED, second, (second,))


def test_a_save_on_an_older_version_is_stored_with_the_result():
    known = [save(A, [], "one"), save(B, [A], "one two")]
    mine = save(C, [A], "zero one")
    accepted = accept(mine, known)
    assert accepted.outcome == SaveOutcome.MERGED
    assert accepted.head.text == "zero one two"
    assert accepted.stored == (mine, accepted.head)
    assert accepted.head.bases == (C, B)


def test_the_same_save_twice_changes_nothing():
    known = [save(A, [], "one"), save(B, [A], "one two")]
    mine = save(C, [A], "zero one")
    known += accept(mine, known).stored
    again = accept(mine, known)
    assert (again.outcome, again.head, again.stored) == (SaveOutcome.REPEATED, known[-1], ())


def test_a_save_that_arrives_after_its_successor_adds_nothing():
    """Its words are in the later text; what that left out was removed by its author."""
    known = [save(A, [], "one"), save(C, [B, A], "one two three")]
    late = accept(save(B, [A], "one two"), known)
    assert (late.outcome, late.head, late.stored) == (SaveOutcome.SUPERSEDED, known[-1], ())


def test_a_save_without_a_change_stores_nothing():
    known = [save(A, [], "one"), save(B, [A], "one two")]
    same = accept(save(C, [A], "one"), known)
    assert (same.outcome, same.head, same.stored) == (SaveOutcome.UNCHANGED, known[-1], ())


def test_a_save_whose_bases_are_all_unknown_loses_no_word_of_either_side():
    known = [save(A, [], "they sent it late")]
    accepted = accept(save(C, [D], "we sent it too late"), known)
    assert accepted.outcome == SaveOutcome.BASE_LOST
    words = ["it", "late", "sent", "they", "too", "we"]
    assert sorted(accepted.head.text.split()) == words


def test_two_texts_under_one_uuid_are_both_kept():
    known = [save(A, [], "one"), save(B, [A], "one two")]
    other = save(B, [A], "one three")
    accepted = accept(other, known)
    known += accepted.stored
    assert set(known[-1].text.split()) >= {"one", "three"}
    assert len({version.uuid for version in known}) == len(known)
    longer = accept(save(C, [A], "one two"), [*known[:1], save(C, [A], "one")])
    assert longer.head.text == "one two"
    assert longer.head.bases[0] == C
    assert accept(other, known).outcome == SaveOutcome.REPEATED


def test_people_who_changed_the_same_words_see_where():
    known = [save(A, [], "it went well"), save(B, [A], "it went fine")]
    accepted = accept(save(C, [A], "it went badly"), known)
    assert [(span.mine, span.head) for span in accepted.conflicts] == [("badly", "fine")]
    (span,) = accepted.conflicts
    assert accepted.head.text[span.start : span.end] == "fine badly"


@pytest.mark.parametrize("bases", [(B, A), (D, B, A)])
def test_the_newest_base_that_is_known_counts(bases):
    """On A, the words “c” and “d” would be new, and would come twice."""
    known = [save(A, [], "a b"), save(B, [A], "a b c d"), save(C, [B], "a b c d e")]
    accepted = accept(save(UUID(int=9), bases, "z a b c d"), known)
    assert accepted.head.text == "z a b c d e"
