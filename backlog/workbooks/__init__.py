"""Untrusted workbooks (.xlsx) as rows of values, within limits. Pure, no Django.

Whatever openpyxl raises over a file that was made to hurt it becomes an `Unreadable`.
"""

from .opening import opened, refuse_unless_workbook
from .sheets import MOST_ROWS, Sheet, text_of

__all__ = ["MOST_ROWS", "Sheet", "opened", "refuse_unless_workbook", "text_of"]
