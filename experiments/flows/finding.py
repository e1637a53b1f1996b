"""The words by which learnings and published post-mortems are found.

They are written where their texts come to an end: a learning when it is noted or its scope is
corrected, a post-mortem when it is published or amended. So a search reads one column.
"""

from backlog.search import as_column
from experiments.models import Learning, PostMortem, Section, WriteUpWords


def words_of_learning(learning: Learning) -> str:
    """Its claim, its scope, and the experiment it is from."""
    came_from = learning.post_mortem.experiment
    parts = (learning.lever, learning.channel, learning.segment, learning.metric)
    return as_column(learning.claim, learning.scope, *parts, came_from.key, came_from.title)


def index_write_up(post_mortem: PostMortem) -> None:
    """Its texts, its amendments, its learnings, and its experiment."""
    came_from = post_mortem.experiment
    texts = [getattr(post_mortem, section) for section in Section.values]
    notes = post_mortem.notes.values_list("text", flat=True)
    claims = post_mortem.learnings.values_list("claim", flat=True)
    words = as_column(came_from.key, came_from.title, *texts, *notes, *claims)
    WriteUpWords.objects.update_or_create(post_mortem=post_mortem, defaults={"words": words})
