"""The one reader of tables: text and workbooks of strangers, as rows under names, or as a question.

Pure: no Django. A guess that could change a number is either certain by the whole column, or it is
a `Question` with its readings side by side.
"""

from .problems import FileProblem, listed
from .questions import Choice, Question, QuestionCode
from .reading import HEADER_ROW, Table, TableRow, read_table

__all__ = [
    "HEADER_ROW",
    "Choice",
    "FileProblem",
    "Question",
    "QuestionCode",
    "Table",
    "TableRow",
    "listed",
    "read_table",
]
