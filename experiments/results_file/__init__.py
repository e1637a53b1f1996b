"""Reading a stranger's CSV: what is in it, and the sufficient statistics of a mapped file.

Pure: no Django, nothing is kept. `sniff` looks, `values_of` lists the arms' labels, `read` counts.
Whatever stands in the way is a `FileProblem`, whose text is the sentence that the user reads.
"""

from backlog.tables.questions import Choice, Question, QuestionCode

from .arm_words import guess_labels
from .formats import unpack, unpacked
from .problems import FileProblem
from .reading import read
from .shapes import (
    FileColumn,
    Mapping,
    MetricColumns,
    Progress,
    Reading,
    RejectedRow,
    Sniffed,
    say_nothing,
)
from .sniffing import metric_kind, sniff, values_of
from .stacking import stack
from .totals import CONTROL
from .words import COUNT_WORDS, UNIT_WORDS, VARIANT_WORDS, letters_of

__all__ = [
    "CONTROL",
    "COUNT_WORDS",
    "UNIT_WORDS",
    "VARIANT_WORDS",
    "Choice",
    "FileColumn",
    "FileProblem",
    "Mapping",
    "MetricColumns",
    "Progress",
    "Question",
    "QuestionCode",
    "Reading",
    "RejectedRow",
    "Sniffed",
    "guess_labels",
    "letters_of",
    "metric_kind",
    "read",
    "say_nothing",
    "sniff",
    "stack",
    "unpack",
    "unpacked",
    "values_of",
]
