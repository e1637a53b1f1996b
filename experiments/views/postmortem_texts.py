"""The texts of a post-mortem as they are read, with their images."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from backlog import markdown
from experiments.learning.image_references import UNDESCRIBED, images_in
from experiments.models import PostMortem, Section


class ReadText(NamedTuple):
    """One text: the section that it is in, and its HTML, "" where nobody wrote anything."""

    section: Section
    html: SafeString

    @property
    def label(self) -> str:
        return str(self.section.label)


def texts_of(post_mortem: PostMortem) -> list[ReadText]:
    """All texts in the order of the page."""
    request, blank = f"![{UNDESCRIBED}](", "![]("  # what asks the writer is not read out to readers
    texts = {section: getattr(post_mortem, section).replace(request, blank) for section in Section}
    pictures = _pictures_of(post_mortem, texts.values())
    return [
        ReadText(section, markdown.render(text, pictures=pictures))
        for section, text in texts.items()
    ]


def _pictures_of(post_mortem: PostMortem, texts: Iterable[str]) -> Mapping[int, markdown.Picture]:
    """The images of this post-mortem that these texts name."""
    named: set[int] = set().union(*map(images_in, texts))
    if not named:
        return {}
    rows: Any = post_mortem.images.filter(pk__in=named)
    pictures = {}
    for row in rows:
        row.post_mortem = post_mortem
        pictures[row.pk] = markdown.Picture(row.get_absolute_url(), row.width, row.height)
    return pictures
