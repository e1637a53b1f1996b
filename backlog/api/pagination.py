"""Pages of lists: by cursor, so that page 1,000 costs what page 1 costs."""

from rest_framework.pagination import CursorPagination


class ByNewest(CursorPagination):
    """Newest first, 50 a page unless `page_size` asks for another number up to 200."""

    ordering = "-pk"
    page_size_query_param = "page_size"
    max_page_size = 200
