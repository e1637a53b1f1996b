"""Pages of lists: by cursor, so that page 1,000 costs what page 1 costs."""

from typing import Any

from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from backlog.api.validation import CURSOR

MOST = 200
PAGING: dict[str, dict[str, Any]] = {
    "cursor": {"type": "string", "pattern": CURSOR.pattern},
    "page_size": {"type": "integer", "minimum": 1, "maximum": MOST},
}


class ByNewest(CursorPagination):
    """Newest first, 50 per page unless `page_size` asks for another number up to 200."""

    ordering = "-pk"
    page_size_query_param = "page_size"
    max_page_size = MOST

    def encode_cursor(self, cursor: Any) -> str:
        """The address of a page: which way, how many of the same position to skip, and from
        where."""
        way = "before" if cursor.reverse else "after"
        text = f"{way}-{cursor.offset}-{'' if cursor.position is None else cursor.position}"
        return replace_query_param(str(self.base_url), self.cursor_query_param, text)

    def decode_cursor(self, request: Request) -> Any:
        """What `encode_cursor` wrote; `require_known_parameters` has refused anything else."""
        match = CURSOR.fullmatch(request.query_params.get(self.cursor_query_param, ""))
        if match is None:
            return None
        way, offset, position = match[0].split("-")
        return Cursor(
            min(int(offset), self.offset_cutoff),
            way == "before",
            int(position) if position else None,
        )
