"""Rounds: blind until the reveal, the author can’t score its, one re-vote, nothing lost."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from backlog.flows import scoring
from backlog.models import Event, Idea, Membership, Score
from backlog.refusals import Refused
from tests.factories import item_of, make_idea, make_round, make_scored_idea, score


@pytest.fixture
def scorers(alice, bob, carol, dave):
    return [alice, bob, carol, dave]


@pytest.fixture
def item(scorers, alice, pod):
    idea = make_idea(alice, pod)
    return item_of(make_round(alice, pod, idea), idea)


def test_the_author_is_not_asked_and_may_not_score(item, alice):
    assert alice not in scoring.asked_for(item)
    with pytest.raises(Refused, match="can’t score it"):
        score(item, alice)


def test_a_score_can_be_changed_until_the_reveal(item, bob):
    score(item, bob, 3, 3, 3)
    score(item, bob, 9, 9, 9)
    assert list(item.scores.values_list("impact", "vote")) == [(9, 1)]


def test_no_event_tells_that_somebody_scored(item, bob):
    before = Event.objects.count()
    score(item, bob)
    assert Event.objects.count() == before


@pytest.mark.parametrize("value", [0, 11, -1, None])
def test_a_score_outside_one_to_ten_is_refused_and_nothing_is_kept(item, bob, value):
    with pytest.raises(ValidationError):
        scoring.submit_score(item, by=bob, impact=value, confidence=5, ease=5)
    assert not Score.objects.exists()


def test_an_idea_can_be_skipped_and_a_skip_counts_for_nothing(item, bob, carol, alice):
    scoring.submit_score(item, by=bob, is_skipped=True)
    score(item, carol, 8, 8, 8)
    scoring.reveal(item, by=alice)
    item.idea.refresh_from_db()
    assert (item.idea.ice, item.idea.scorer_count, item.idea.agreement) == (8, 1, "alone")
    assert item.idea.ice_low is None


def test_reveal_stores_ice_with_its_range_and_ranks(item, bob, carol, dave, alice):
    for person, value in ((bob, 6), (carol, 7), (dave, 8)):
        score(item, person, value, value, value)
    scoring.reveal(item, by=alice)
    idea = Idea.objects.get(pk=item.idea_id)
    assert idea.state == "open"
    assert idea.ice == pytest.approx(7)
    # t(0.9, 2) · s/√n = 1.8856 · 1/√3
    assert idea.ice_low == pytest.approx(7 - 1.885618 / 3**0.5, abs=1e-6)
    assert (idea.rank, idea.pod_rank, idea.agreement) == (1, 1, "close")


def test_nothing_can_be_revealed_that_nobody_scored(item, alice):
    with pytest.raises(Refused, match="Nobody has scored"):
        scoring.reveal(item, by=alice)


def test_only_leads_reveal(item, bob):
    score(item, bob)
    with pytest.raises(PermissionDenied):
        scoring.reveal(item, by=bob)


def test_no_score_is_taken_after_the_reveal(item, bob, carol, alice):
    score(item, bob)
    scoring.reveal(item, by=alice)
    with pytest.raises(Refused, match="revealed"):
        score(item, carol)


def test_the_one_re_vote_replaces_scores_and_keeps_the_first_on_record(item, bob, carol, alice):
    score(item, bob, 2, 2, 2)
    score(item, carol, 8, 8, 8)
    scoring.reveal(item, by=alice)
    scoring.ask_again(item, by=alice)
    score(item, bob, 6, 6, 6)
    assert Idea.objects.get(pk=item.idea_id).ice == pytest.approx(5)  # blind until revealed again
    scoring.reveal(item, by=alice)
    assert Idea.objects.get(pk=item.idea_id).ice == pytest.approx(7)  # Carol's first score stands
    assert item.scores.count() == 3
    with pytest.raises(Refused, match="Only one is possible"):
        scoring.ask_again(item, by=alice)


def test_opening_a_round_hides_what_an_earlier_round_said(alice, bob, pod):
    idea = make_scored_idea(alice, pod, {bob: (9, 9, 9)})
    assert idea.ice == 9
    make_round(alice, pod, idea)
    idea.refresh_from_db()
    assert (idea.ice, idea.rank, idea.status) == (None, None, "in_round")


def test_closing_gives_back_an_idea_that_nobody_scored(alice, bob, pod):
    idea = make_scored_idea(alice, pod, {bob: (9, 9, 9)})
    round_ = make_round(alice, pod, idea)
    scoring.close_round(round_, by=alice)
    idea.refresh_from_db()
    assert (idea.state, idea.ice) == ("open", 9)  # the earlier score is back


def test_closing_waits_for_the_reveal_of_what_was_scored(item, bob, alice):
    score(item, bob)
    with pytest.raises(Refused, match=r"LIF-1 has scores that are not revealed"):
        scoring.close_round(item.round, by=alice)


def test_an_idea_is_in_one_open_round_at_a_time(item, alice, pod):
    with pytest.raises(Refused, match="already"):
        make_round(alice, pod, item.idea)


def test_a_round_takes_no_idea_of_another_pod(alice, charlie, olive, pod, other_pod):
    foreign = make_idea(charlie, other_pod)
    with pytest.raises(Refused, match="another pod"):
        make_round(olive, pod, foreign)


def test_a_member_who_left_meanwhile_may_not_score(item, bob, pod):
    Membership.objects.filter(user=bob, pod=pod).delete()
    bob.__dict__.pop("places", None)
    with pytest.raises(PermissionDenied):
        score(item, bob)


def test_somebody_who_joined_later_scores_in_the_next_round(item, olive, pod, charlie):
    Membership.objects.create(pod=pod, user=charlie, role="member")
    charlie.__dict__.pop("places", None)
    with pytest.raises(Refused, match="the next round"):
        score(item, charlie)
