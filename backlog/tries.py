"""The cache that counts sign-in attempts, in the database. It raises if it can't write."""

from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import connection


class TriesCache(DatabaseCache):
    """Django's own treats a read-only database as a full count, so a sign-in would be a 429."""

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = None) -> bool:
        is_written = bool(super()._base_set(mode, key, value, timeout))  # type: ignore[misc]
        if not is_written:
            with connection.cursor() as cursor:  # raises where nothing can be written
                table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined]
                cursor.execute(f"UPDATE {table} SET expires = expires WHERE 1 = 0")  # noqa: S608
        return is_written
