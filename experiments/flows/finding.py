"""The words by which learnings and published post-mortems are found.

They are written where their texts come to an end: a learning when it is noted or its scope is
corrected, a post-mortem when it is published or amended. So a search reads one column.
"""

from collections import defaultdict
from collections.abc import Iterable

from backlog.search import as_column
from experiments.models import Learning, PostMortem, PostMortemNote, Section, WriteUpWords


def words_of_learning(learning: Learning) -> str:
    """Its claim, its scope, and the experiment it is from."""
    came_from = learning.experiment
    parts = (learning.lever, learning.channel, learning.segment, learning.metric)
    return as_column(learning.claim, learning.scope, *parts, came_from.key, came_from.title)


def index_write_ups(post_mortems: Iterable[PostMortem]) -> None:
    """Their texts, their amendments, their learnings, and what they are about."""
    listed = list(post_mortems)
    more: dict[int, list[str]] = defaultdict(list)
    for model, text in ((PostMortemNote, "text"), (Learning, "claim")):
        rows = model._default_manager.filter(post_mortem__in=listed).order_by("pk")
        for pk, words in rows.values_list("post_mortem", text):
            more[pk].append(words)
    WriteUpWords.objects.bulk_create(
        [WriteUpWords(post_mortem=one, words=_words_of(one, more[one.pk])) for one in listed],
        update_conflicts=True, unique_fields=["post_mortem"], update_fields=["words"],
    )  # fmt: skip


def _words_of(post_mortem: PostMortem, more: list[str]) -> str:
    texts = [getattr(post_mortem, section) for section in Section.values]
    return as_column(post_mortem.name, post_mortem.title, *texts, *more)
