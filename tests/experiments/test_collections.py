"""Collections put published learnings together: everybody reads them, members of a pod keep them."""

import pytest
from django.urls import reverse

from experiments.flows.collecting import MOST_ITEMS, collect, save_collection
from experiments.models import Collection, CollectionItem, Learning
from tests.experiments.test_evidence import decided
from tests.experiments.test_learnings import again, first, written

__all__ = ["first"]


@pytest.fixture
def collection(bob, pod):
    return save_collection(Collection(), by=bob, pod=pod, name="First reads", about="Start here.")


def put(client, learning, collection, **more):
    url = reverse("experiments:learning_collect", args=[learning.pk])
    return client.post(url, {"collection": collection.pk, **more}, follow=True)


def test_a_member_makes_one_and_everybody_reads_it(
    client_of, bob, charlie, pod, first, django_assert_max_num_queries
):
    form = {"name": "<b>First</b> reads 🎉", "about": "Start here.", "pod": pod.pk}
    client_of(bob).post(reverse("experiments:collection_new"), form)
    made = Collection.objects.get()
    page = put(client_of(bob), first, made, why="It changed how we name things.").content.decode()
    assert "First&lt;/b&gt; reads 🎉” now." in page
    other = client_of(charlie)
    other.get(made.get_absolute_url())
    with django_assert_max_num_queries(12):
        page = other.get(made.get_absolute_url()).content.decode()
    assert "Names help" in page
    assert "It changed how we name things." in page
    assert "Take out" not in page
    assert "&lt;b&gt;First" in other.get(reverse("experiments:collection_list")).content.decode()
    assert "In collections" in other.get(first.get_absolute_url()).content.decode()


def test_twice_is_once(client_of, bob, first, collection):
    put(client_of(bob), first, collection)
    put(client_of(bob), first, collection)
    assert CollectionItem.objects.count() == 1


def test_they_stand_in_the_order_that_people_choose(
    client_of, alice, bob, pod, objective, first, collection
):
    second = again(alice, bob, pod, objective, 0.122, "ship")
    third = again(alice, bob, pod, objective, 0.08, "roll-back", title="Third")
    for one in (first, second, third):
        put(client_of(bob), one, collection)

    def order():
        return [item.learning for item in collection.items.all()]

    def move(learning, way, **headers):
        item = collection.items.get(learning=learning)
        url = reverse("experiments:collection_item_move", args=[collection.pk, item.pk])
        return client_of(bob).post(url, {way: "1"}, follow=True, **headers)

    move(third, "up")
    assert order() == [first, third, second]
    move(first, "up")
    move(second, "down")
    assert order() == [first, third, second], "the ends have no neighbour"
    here = f"http://testserver{collection.get_absolute_url()}"
    part = move(
        first, "down",
        HTTP_HX_REQUEST="true", HTTP_HX_TARGET="collection-items", HTTP_HX_CURRENT_URL=here,
    ).content.decode()  # fmt: skip
    assert part.strip().startswith('<div id="collection-items"')
    assert order() == [third, first, second]


def test_a_draft_is_not_collected(client_of, alice, bob, pod, objective, collection):
    made = decided(alice, bob, pod, objective, "Name the series", 0.12, "ship")
    _, draft = written(made, bob)
    page = put(client_of(bob), draft, collection)
    assert page.status_code == 422
    assert "It is not published yet." in page.content.decode()
    assert not CollectionItem.objects.exists()


def test_only_those_who_keep_it_change_it(
    client_of, bob, vera, charlie, olive, other_pod, pod, first, collection
):
    item = collect(first, collection, by=bob)
    steps = [
        reverse("experiments:collection_edit", args=[collection.pk]),
        reverse("experiments:collection_item_move", args=[collection.pk, item.pk]),
        reverse("experiments:collection_item_remove", args=[collection.pk, item.pk]),
        reverse("experiments:collection_remove", args=[collection.pk]),
    ]
    for person in (vera, charlie):
        for step in steps:
            assert client_of(person).post(step).status_code == 403
    refused = put(client_of(charlie), first, collection)
    assert "others keep it" in refused.content.decode()
    foreign = {"name": "Mine", "about": "", "pod": other_pod.pk}
    page = client_of(bob).post(reverse("experiments:collection_new"), foreign)
    assert page.status_code == 422
    assert Collection.objects.count() == CollectionItem.objects.count() == 1
    elsewhere = save_collection(Collection(), by=olive, pod=None, name="For all", about="")
    foreign = reverse("experiments:collection_item_remove", args=[elsewhere.pk, item.pk])
    assert client_of(olive).post(foreign).status_code == 404
    assert client_of(bob).post(steps[2]).status_code == 302
    assert client_of(bob).post(steps[3]).status_code == 302
    assert Learning.objects.filter(pk=first.pk).exists()


def test_a_name_counts_once_and_a_full_collection_says_so(client_of, bob, pod, first, collection):
    form = {"name": "First reads", "about": "", "pod": pod.pk}
    page = client_of(bob).post(reverse("experiments:collection_new"), form)
    assert page.status_code == 422
    assert "There is a collection of this name already." in page.content.decode()
    others = Learning.objects.bulk_create(
        Learning(post_mortem=first.post_mortem, claim=f"Claim {n}", scope="All",
                 expires_on=first.expires_on)
        for n in range(MOST_ITEMS)
    )  # fmt: skip
    CollectionItem.objects.bulk_create(
        CollectionItem(collection=collection, learning=one, place=n) for n, one in enumerate(others)
    )
    page = put(client_of(bob), first, collection)
    assert "holds at most 100 learnings" in page.content.decode()


def test_who_keeps_none_is_led_to_a_new_one(client_of, vera, first):
    page = client_of(vera).get(reverse("experiments:learning_collect", args=[first.pk]))
    assert "Your pods have no collections yet" in page.content.decode()
