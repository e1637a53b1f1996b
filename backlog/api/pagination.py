"""Pages of lists: by cursor, so that page 1,000 costs what page 1 costs."""

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

MOST = 200
LONGEST_CURSOR = 400
PAGING: dict[str, dict[str, Any]] = {
    "cursor": {"type": "string", "minLength": 1, "maxLength": LONGEST_CURSOR},
    "page_size": {"type": "integer", "minimum": 1, "maximum": MOST},
}


class ByNewest(CursorPagination):
    """Newest first, 50 a page unless `page_size` asks for another number up to 200."""

    ordering = "-pk"
    page_size_query_param = "page_size"
    max_page_size = MOST

    def decode_cursor(self, request: Request) -> Any:
        try:
            return super().decode_cursor(request)
        except NotFound as unknown:
            sentence = "This is no cursor; take the address that `next` or `previous` gives."
            raise ValidationError({"cursor": [sentence]}) from unknown
