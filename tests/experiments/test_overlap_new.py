"""What two segments share: declared by a lead, or estimated from two lists of which no id is kept."""

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backlog.refusals import Refused
from experiments.flows.overlapping import declare_overlap, estimate_overlap
from experiments.models import Segment, SegmentOverlap, SegmentSketch

NEW, ESTIMATE = reverse("experiments:overlap_new"), reverse("experiments:overlap_estimate")
LIST = reverse("experiments:segment_list")


@pytest.fixture
def lapsed(pod):
    return Segment.objects.create(name="Lapsed", pod=pod, size=20_000)


@pytest.fixture
def givers(pod):
    return Segment.objects.create(name="Givers", pod=pod, size=8_000)


def ids(first: int, after: int, heading: str = "user_id") -> SimpleUploadedFile:
    lines = [heading, *(f"Reader-{n}@example.com" for n in range(first, after))]
    return SimpleUploadedFile("list.csv", "\n".join(lines).encode())


def test_a_lead_declares_a_share_and_the_other_way_follows_from_the_sizes(
    tab_of, client_of, alice, vera, lapsed, givers
):
    answer = tab_of(alice).save(NEW, {"first": givers.pk, "second": lapsed.pk, "share": "25 %"})
    assert answer.url == LIST
    overlap = SegmentOverlap.objects.get()
    assert (overlap.first, overlap.second) == (lapsed, givers)
    assert (overlap.share_of_first, overlap.share_of_second) == (0.1, 0.25)
    page = client_of(vera).get(LIST).content.decode().replace("\u202f", " ").replace("\xa0", " ")
    assert "10.0 %" in page
    assert "Declared" in page
    assert NEW not in page


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"share": "60"}, "“Givers” has only 8,000. Enter a smaller share, or correct the sizes."),
        ({"share": "101"}, "Enter a share from 0 to 100 %."),
        ({"share": "x"}, "Enter a number, such as 4.2."),
        ({"share": ""}, "This field is required."),
    ],
)
def test_a_share_that_can_not_be_is_refused_with_a_sentence(
    tab_of, alice, lapsed, givers, entries, sentence
):
    answer = tab_of(alice).save(NEW, {"first": lapsed.pk, "second": givers.pk, **entries})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not SegmentOverlap.objects.exists()


def test_a_segment_without_a_size_asks_for_the_other_share(tab_of, alice, lapsed, givers):
    Segment.objects.filter(pk=givers.pk).update(size=None)
    tab, pair = tab_of(alice), {"first": lapsed.pk, "second": givers.pk, "share": "60"}
    assert "“Givers” has no size" in tab.save(NEW, pair).content.decode()
    assert tab.save(NEW, {**pair, "share_of_second": "30"}).status_code == 302
    assert SegmentOverlap.objects.get().share_of_second == 0.3


def test_one_segment_twice_and_one_pair_twice_are_refused(tab_of, alice, lapsed, givers):
    tab = tab_of(alice)
    same = tab.save(NEW, {"first": lapsed.pk, "second": lapsed.pk, "share": "5"})
    assert "Choose two different segments." in same.content.decode()
    declare_overlap(by=alice, first=lapsed, second=givers, share=0.1)
    again = tab.save(NEW, {"first": givers.pk, "second": lapsed.pk, "share": "5"})
    assert again.status_code == 409 or "already have an overlap" in again.content.decode()
    assert SegmentOverlap.objects.get().share_of_first == 0.1


def test_it_is_changed_and_removed_by_a_lead_and_not_by_others(
    tab_of, client_of, alice, bob, charlie, lapsed, givers
):
    made = declare_overlap(by=alice, first=lapsed, second=givers, share=0.1)
    edit = reverse("experiments:overlap_edit", args=[made.pk])
    remove = reverse("experiments:overlap_remove", args=[made.pk])
    assert [client_of(one).post(remove).status_code for one in (bob, charlie)] == [403, 404]
    changed = tab_of(alice).save(edit, {"share": "20", "share_of_second": "50"})
    assert changed.status_code == 302
    made.refresh_from_db()
    assert (made.share_of_first, made.share_of_second) == (0.2, 0.5)
    assert client_of(alice).post(remove).url == LIST
    assert not SegmentOverlap.objects.exists()


def test_two_lists_give_an_estimate_and_no_id_is_kept(client_of, alice, lapsed, givers):
    answer = client_of(alice).post(
        ESTIMATE,
        {"first": lapsed.pk, "second": givers.pk, "first_list": ids(0, 3000),
         "second_list": ids(2000, 4000)},
    )  # fmt: skip
    page = answer.content.decode()
    assert "1,000 people are in both" in page
    overlap = SegmentOverlap.objects.get()
    assert overlap.source == "estimated"
    assert (round(overlap.share_of_first, 6), overlap.share_of_second) == (round(1 / 3, 6), 0.5)
    assert overlap.low == overlap.high
    assert sorted(SegmentSketch.objects.values_list("ids", flat=True)) == [2000, 3000]
    for model in apps.get_models():
        if model._meta.app_label in ("backlog", "experiments"):
            rows = str(list(model._base_manager.values())).casefold()
            assert "reader-2500" not in rows, model


def test_a_list_that_was_sent_before_need_not_be_sent_again(alice, lapsed, givers, pod):
    first, second = [f"a{n}" for n in range(100)], [f"a{n}" for n in range(50, 150)]
    estimate_overlap(by=alice, first=lapsed, second=givers, first_ids=first, second_ids=second)
    third = Segment.objects.create(name="New", pod=pod)
    overlap, estimate = estimate_overlap(by=alice, first=third, second=lapsed, first_ids=second)
    assert estimate.both == 50
    assert (overlap.first, overlap.share_of_first) == (lapsed, 0.5)


def test_a_lead_does_not_replace_the_list_of_a_segment_that_is_everybodys(
    alice, olive, lapsed, givers
):
    shared = Segment.objects.create(name="Everybody", pod=None, size=50_000)
    many, few = [str(n) for n in range(100)], [str(n) for n in range(50)]
    estimate_overlap(by=olive, first=shared, second=givers, first_ids=many, second_ids=few)
    row, estimate = estimate_overlap(
        by=alice, first=lapsed, second=shared, first_ids=few, second_ids=few
    )
    assert (estimate.both, row.share_of_first) == (50, 1)
    assert SegmentSketch.objects.get(segment=shared).ids == 100
    assert SegmentSketch.objects.get(segment=lapsed).ids == 50


def test_large_lists_give_a_range_that_holds_the_truth(alice, lapsed, givers):
    first, second = [f"a{n}" for n in range(60_000)], [f"a{n}" for n in range(45_000, 75_000)]
    overlap, _ = estimate_overlap(
        by=alice, first=lapsed, second=givers, first_ids=first, second_ids=second
    )
    assert overlap.low < 0.25 < overlap.high
    assert abs(overlap.share_of_second - 0.5) < 0.05


@pytest.mark.parametrize(
    ("lists", "sentence"),
    [
        ({}, "Send a list of “Lapsed” with at least one id."),
        ({"first_list": ids(0, 9)}, "Send a list of “Givers” with at least one id."),
        ({"first_list": SimpleUploadedFile("x.csv", b"user_id\n")}, "The list has no ids."),
        ({"first_list": SimpleUploadedFile("x.csv", b"\x00\x01\x02\x03" * 90)}, "This is not a text file."),
    ],
    ids=["none", "one", "empty", "binary"],
)  # fmt: skip
def test_a_list_that_is_missing_or_unreadable_is_said(
    client_of, alice, lapsed, givers, lists, sentence
):
    answer = client_of(alice).post(ESTIMATE, {"first": lapsed.pk, "second": givers.pk, **lists})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not SegmentOverlap.objects.exists()
    assert not SegmentSketch.objects.exists()


def test_sketches_of_an_earlier_secret_are_not_compared(alice, lapsed, givers, settings):
    estimate_overlap(by=alice, first=lapsed, second=givers, first_ids=["a"], second_ids=["a"])
    settings.SECRET_KEY = "another secret of the installation"
    with pytest.raises(Exception, match="Send both lists again"):
        estimate_overlap(by=alice, first=lapsed, second=givers, first_ids=["a"])


def test_a_member_declares_nothing(alice, bob, lapsed, givers):
    with pytest.raises(Exception, match="Only the leads of this pod"):
        declare_overlap(by=bob, first=lapsed, second=givers, share=0.1)
    declare_overlap(by=alice, first=lapsed, second=givers, share=0.1)
    with pytest.raises(Refused, match="already have an overlap"):
        declare_overlap(by=alice, first=lapsed, second=givers, share=0.2)
